"""Where a loss goes on with numbers that depend on its inputs, but through which no gradient comes back.

The loss was recorded twice, with inputs that differ a little. What an operation is given without a gradient,
and yet differs, is such a number.
"""

from __future__ import annotations

import numpy as np

from gradviz.session.check_words import BY_HAND
from gradviz.session.recording import Recording
from gradviz.session.used import edges_by_position
from gradviz.trace import ArrayRef, Input, Node
from gradviz.trace.checks import Cut


def cuts_between(first: Recording, second: Recording) -> tuple[Cut, ...]:
    """In the order of the program; () where the two cannot be compared, operation by operation."""
    nodes = first.iteration.nodes
    if [node.key for node in nodes] != [node.key for node in second.iteration.nodes]:
        return ()
    found: dict[object, Cut] = {}
    any_gradient = any(node.kind == "operation" and node.requires_grad for node in nodes)
    for node in nodes:
        if node.kind != "operation" or (any_gradient and not node.requires_grad):
            continue
        cut = _cut_at(node, first, second)
        if cut is not None:
            found.setdefault((cut.source, cut.name), cut)
    return tuple(found.values())


def _cut_at(node: Node, first: Recording, second: Recording) -> Cut | None:
    op, other = first.operation(node.id), second.operation(node.id)
    if op is None or other is None:
        return None
    positions = edges_by_position(op, node.inputs)
    for edge, needs in zip(positions, first.needs(node.id) or [False] * len(positions), strict=False):
        if edge is not None and not needs and _differs(edge, first, second):
            return _named(edge, node, first, second)
    for name, constant in op.constants.items():
        if isinstance(constant, float) and constant != other.constants.get(name):
            return Cut(node.source, BY_HAND, meant=False)
    return None


def _named(edge: Input, user: Node, first: Recording, second: Recording) -> Cut:
    """What cut the gradient off before `edge`: back to the first operation that had one."""
    nodes, node, made = first.iteration.nodes, user, edge
    while True:
        maker = nodes[made.node]
        if maker.kind != "operation":
            meant = False
            break
        if maker.name == "detach":
            return Cut(maker.source, "detach()", meant=True)
        if maker.requires_grad:  # its very numbers, by another way than a tensor: .data
            meant = False
            break
        differing = [each for each in maker.inputs if _differs(each, first, second)]
        if not differing:
            meant = False
            break
        node, made = maker, differing[0]
        origin = nodes[made.node]
        if origin.requires_grad or (origin.kind == "parameter"):
            return Cut(node.source, "no_grad()", meant=True)
    return Cut(node.source, BY_HAND, meant=meant)


def _differs(edge: Input, first: Recording, second: Recording) -> bool:
    last = len(first.iteration.events) - 1
    ref = ArrayRef(0, last, edge.node, "value", edge.output)
    one, other = first.find(ref), second.find(ref)
    if one is None or other is None or one.dtype.kind != "f":
        return False
    return one.shape == other.shape and not np.array_equal(one, other, equal_nan=True)
