"""Rules about the order of training: zero_grad, backward and step, and what is kept or changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from gradviz.trace.lint.evidence import Evidence
from gradviz.trace.lint.rule import Finding, Rule, Saying, line_of, several, shape

STALE = Saying(
    "{0} is updated with a gradient that still holds the one of the update before: backward() adds to it,"
    " and nothing clears it.",
    "Call zero_grad() once per update, before backward().",
)
STALE_BY_HAND = Saying(
    "{0} is updated with a gradient that still holds the one of the update before: backward() adds to it,"
    " and nothing clears it.",
    "Set {0}.grad to None, or to zeros, after the update.",
)


def missing_zero_grad(evidence: Evidence) -> Iterator[Finding]:
    for step in evidence.steps:
        if step.stale:
            saying = STALE if step.optimizer else STALE_BY_HAND
            lines = (step.source,) if step.source is not None else ()
            keys = _keys(step.stale)
            yield Finding(saying, (several(list(step.stale)),), step.backward or step.source, keys, lines)


NO_BACKWARD = Saying(
    "{0}.step() has no new gradient to work with: since its last step no backward pass has brought any.",
    "Call loss.backward() before {0}.step(), once for every step.",
)
CLEARED = Saying(
    "{0}.step() has no gradient to work with: what backward() brought was cleared before.",
    "Call zero_grad() before backward(), or after step(), but not between them.",
)
IN_A_ROW = 2  # idle steps; a single one is made on purpose, to quiet a scheduler


def step_without_backward(evidence: Evidence) -> Iterator[Finding]:
    for step in evidence.steps:
        if step.idle >= IN_A_ROW:
            saying = CLEARED if step.cleared else NO_BACKWARD
            yield Finding(saying, (step.optimizer,), step.source, _keys(step.parameters))


NO_STEP = Saying(
    "{1} backward passes have brought gradients to the parameters of {0}, but {0} has never made a step.",
    "Call {0}.step() after backward().",
)
THROWN = 3  # times that gradients were cleared without a use


def backward_without_step(evidence: Evidence) -> Iterator[Finding]:
    for optimizer in evidence.unused:
        if optimizer.thrown >= THROWN or evidence.over:
            told = (optimizer.optimizer, str(optimizer.passes))
            yield Finding(NO_STEP, told, optimizer.source, _keys(optimizer.parameters))


GROWS = Saying(
    "The graph of {0} grows from iteration to iteration: it reaches back through the last {1}, and all of"
    " them stay in memory.",
    "Keep its number alone: {0}.detach(), or .item() for a sum of losses.",
)
KEPT = Saying(
    "{0} keeps the graph of every iteration: a tensor with its graph is added to it each time, and none is"
    " freed.",
    "Add its number alone: .item() or .detach().",
)


def growing_graph(evidence: Evidence) -> Iterator[Finding]:
    for carried in evidence.carried:
        keys = (carried.node,) if carried.node else ()
        saying = KEPT if carried.container else GROWS
        told = (carried.name, str(carried.iterations))
        yield Finding(saying, told, carried.source, keys)


CHANGED = Saying(
    "{3} changes {0} in place, which {1} saved at line {2} for its backward: that needs the numbers from"
    " before.",
    "Use the operation without the underscore, or change a copy: .clone().",
)
UPDATED = Saying(
    "{0} is updated here, and {1}, which saved it at line {2} for its backward, has not gone back yet.",
    "Call all backward passes before step(), or compute the loss again after it.",
)


def inplace_change(evidence: Evidence) -> Iterator[Finding]:
    """Backward has failed for it: says which tensor it was, and both lines."""
    if evidence.refused is None:
        return
    graph, (number, name) = evidence.graph, evidence.refused
    user = graph.nodes[number]
    saved = graph.argument(user, name) or user
    owner = graph.origin(saved)
    told = (f"{owner.qualified_name} {shape(owner)}", user.name, line_of(user.source))
    keys, lines = (owner.key, user.key), (user.source,) if user.source is not None else ()
    changes = [n for n in graph.nodes[user.id + 1 :] if n.kind == "operation" and n.name.endswith("_")]
    change = next((n for n in changes if (first := graph.first(n)) and graph.origin(first) is owner), None)
    if change is not None:
        yield Finding(CHANGED, (*told, change.name), change.source, (change.key, *keys), lines)
        return
    events = evidence.iteration.events[graph.forward_event.get(user.id, 0) :]
    update = next((event for event in events if event.kind == "update" and event.node == owner.id), None)
    if update is not None:
        yield Finding(UPDATED, told, update.source, keys, lines)


def _keys(names: tuple[str, ...]) -> tuple[str, ...]:
    """Of parameters, also where the iteration is not recorded."""
    return tuple("/".join((scope, own)) for scope, _, own in (name.rpartition(".") for name in names[:50]))


RULES = (
    Rule("missing-zero-grad", missing_zero_grad, (STALE, STALE_BY_HAND)),
    Rule("step-without-backward", step_without_backward, (NO_BACKWARD, CLEARED)),
    Rule("backward-without-step", backward_without_step, (NO_STEP,)),
    Rule("inplace-change", inplace_change, (CHANGED, UPDATED)),
    Rule("growing-graph", growing_graph, (GROWS, KEPT)),
)
