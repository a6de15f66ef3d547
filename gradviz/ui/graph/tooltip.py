"""What a card says when the mouse rests on it."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication

from gradviz.trace import Node, Scope
from gradviz.ui.graph.diagram import Diagram
from gradviz.ui.numbers import shape_text

translate = QCoreApplication.translate


def tooltip(diagram: Diagram, key: str) -> str:
    """Rich text about the card or box with that key, "" when there is none."""
    card = diagram.cards.get(key)
    scope = diagram.scopes.get(key.removesuffix("/"))
    if card is not None and card.node is not None:
        return _of_node(card.node)
    return _of_scope(scope) if scope is not None else ""


def _of_node(node: Node) -> str:
    lines = [f"<b>{escape(node.qualified_name)}</b>"]
    lines += [escape(f"{shape_text(out.shape)} {out.dtype}") for out in node.outputs[:4]]
    if node.grad_fn:
        lines.append(escape(node.grad_fn))
    elif not node.requires_grad:
        lines.append(translate("Tooltip", "needs no gradient"))
    if node.is_view:
        lines.append(translate("Tooltip", "a view: moves no numbers"))
    if node.source:
        lines.append(escape(f"{node.source.file}:{node.source.line}"))
    return "<br>".join(lines)


def _of_scope(scope: Scope) -> str:
    how = translate("Tooltip", "Double-click or Enter opens and closes it")
    return f"<b>{escape(scope.path)}</b><br>{escape(scope.description)}<br>{how}"
