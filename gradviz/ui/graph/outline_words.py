"""What a screen reader says of the graph's nodes and boxes."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gradviz.trace import Node, Scope
from gradviz.ui.graph.text import one_line
from gradviz.ui.model import SessionModel
from gradviz.ui.numbers import shape_text

MAX_SPOKEN = 200
"""Characters of a name that are said."""
translate = QCoreApplication.translate


def node_words(model: SessionModel, node: Node) -> str:
    """What it is, its name and shape, and how its value and gradient stand at the shown moment."""
    kinds = {
        "operation": translate("OutlineWords", "operation"),
        "parameter": translate("OutlineWords", "parameter"),
        "buffer": translate("OutlineWords", "buffer"),
        "input": translate("OutlineWords", "input"),
    }
    shape = shape_text(node.shape) if node.shape else translate("OutlineWords", "scalar")
    parts = [f"{kinds[node.kind]} {_short(node.qualified_name)}", shape]
    if not model.has_value(node):
        parts.append(translate("OutlineWords", "not computed yet"))
    if model.has_gradient(node):
        parts.append(translate("OutlineWords", "gradient computed"))
    elif node.requires_grad:
        parts.append(translate("OutlineWords", "gradient not computed yet"))
    else:
        parts.append(translate("OutlineWords", "needs no gradient"))
    return ", ".join(parts)


def box_words(model: SessionModel, scope: Scope) -> str:
    """Its name, what it is, and whether it is open on the graph."""
    closed = scope.path in model.shown.closed_scopes
    state = translate("OutlineWords", "closed") if closed else translate("OutlineWords", "open")
    name = translate("OutlineWords", "box {0}").format(_short(scope.path))
    return ", ".join(filter(None, (name, _short(scope.description), state)))


def _short(name: str) -> str:
    name = one_line(name)
    return name if len(name) <= MAX_SPOKEN else f"{name[: MAX_SPOKEN // 2]} … {name[-MAX_SPOKEN // 2 :]}"
