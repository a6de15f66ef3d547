"""What a card says when the mouse rests on it."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication

from gradviz.session.protocol import Problem
from gradviz.trace import Node, Scope
from gradviz.trace.backward_graph import backward_name, forward_key, next_functions
from gradviz.ui.graph.cards import shapes_text
from gradviz.ui.graph.diagram import Card, Diagram
from gradviz.ui.numbers import grouped, shape_text
from gradviz.ui.problem_words import message_of

MAX_FUNCTIONS = 8
translate = QCoreApplication.translate


def tooltip(diagram: Diagram, key: str, problem: Problem | None = None) -> str:
    """Rich text about the card or box with that key, and what is wrong with it; "" when there is none."""
    card = diagram.cards.get(key)
    scope = diagram.scopes.get(forward_key(key).removesuffix("/"))
    wrong = [f"⚠ {escape(message_of(problem))}"] if problem is not None else []
    if card is not None and card.node is not None:
        about = _of_backward(diagram, card.node) if card.role == "backward" else _of_node(diagram, card.node)
        return "<br>".join([*wrong, about])
    return (
        "<br>".join([*wrong, _of_scope(scope, card or diagram.box(forward_key(key)))])
        if scope is not None
        else ""
    )


def _of_node(diagram: Diagram, node: Node) -> str:
    lines = [f"<b>{escape(node.qualified_name)}</b>"]
    lines += [escape(f"{shape_text(out.shape)} {out.dtype}") for out in node.outputs[:4]]
    if node.grad_fn:
        lines.append(escape(node.grad_fn))
    elif not node.requires_grad:
        lines.append(translate("Tooltip", "needs no gradient"))
    if node.in_backward is not None and node.in_backward.of >= 0:
        of = diagram.nodes[node.in_backward.of]
        lines.append(escape(translate("Tooltip", "in the backward of {0}").format(of.qualified_name)))
    if node.is_view:
        lines.append(translate("Tooltip", "a view: moves no numbers"))
    if node.source:
        lines.append(escape(f"{node.source.file}:{node.source.line}"))
    return "<br>".join(lines)


def _of_backward(diagram: Diagram, node: Node) -> str:
    lines = [f"<b>{escape(backward_name(node))}</b>"]
    lines.append(escape(translate("Tooltip", "backward of {0}").format(node.qualified_name)))
    for function in next_functions(diagram.nodes, node)[:MAX_FUNCTIONS]:
        name = diagram.nodes[function.node].qualified_name
        lines.append(escape(f"{function.argument} → {function.name} · {name}"))
    return "<br>".join(lines)


def _of_scope(scope: Scope, card: Card) -> str:
    lines = [f"<b>{escape(scope.path)}</b>", escape(scope.description), shapes_text(card)]
    if card.parameters:
        lines.append(translate("Tooltip", "{0} parameters").format(grouped(card.parameters)))
    lines.append(translate("Tooltip", "Double-click or Enter opens and closes it"))
    return "<br>".join(filter(None, lines))
