"""Rules about gradients: parameters that get none, and gradients that vanish, explode or die on their way."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gradviz.trace.graph import Node
from gradviz.trace.lint.evidence import Evidence, Forgotten, Step
from gradviz.trace.lint.graph import PASSING, Graph
from gradviz.trace.lint.rule import Finding, Rule, Saying, line_of, several

# ── parameters without a gradient ─────────────────────────────────────────────────────────────────────────

CUT_OFF = Saying(
    "{0} cannot learn: {1} at line {2} cuts the graph, so that no gradient comes back from the loss.",
    "Leave that out of the way to the loss; to freeze the parameters, give them to no optimizer.",
)
NOT_REACHED = Saying(
    "{0} cannot learn: no gradient comes from the loss, which is not computed from what they make.",
    "Compute the loss from that result itself: .item(), .numpy() and torch.tensor(…) copy numbers, without"
    " the graph.",
)
NOT_USED = Saying(
    "{0} cannot learn: {1} has it, but the program never computes with it.",
    "Use it in forward, or leave it out; if a layer was replaced, make the optimizer after that.",
)
UNREGISTERED = Saying(
    "{0} gets a gradient, but no optimizer has it: {1} does not register it.",
    "Keep layers in nn.ModuleList or nn.ModuleDict, and tensors in nn.Parameter, and give the optimizer all"
    " parameters.",
)
FORGOTTEN = Saying(
    "{0} gets a gradient, but no optimizer has it, and nothing else updates it.",
    "Give it to the optimizer too; if it is not to learn, it needs no requires_grad.",
)
ALTERNATING = 10  # steps without a gradient for what is computed, but not used in the loss
UNUSED = 10  # steps without a use


def parameter_without_gradient(evidence: Evidence) -> Iterator[Finding]:
    graph = evidence.graph
    for step in evidence.steps:
        if step.without and graph.nodes:
            yield from _without(evidence, graph, step)


def _without(evidence: Evidence, graph: Graph, step: Step) -> Iterator[Finding]:
    ends = graph.losses or _last(graph)
    behind = graph.behind(ends)
    cuts: dict[Node | None, list[Node]] = {}
    unused: list[str] = []
    for name in step.without:
        node = graph.by_name.get(name)
        if node is None:
            unused += [name] if name not in evidence.used else []
        else:
            cuts.setdefault(_cut(graph, node, behind), []).append(node)
    for cut, parameters in cuts.items():
        names, keys = several([node.qualified_name for node in parameters]), _keys(parameters)
        if cut is not None:
            told = (names, _what_cuts(cut), line_of(cut.source))
            yield Finding(CUT_OFF, told, cut.source, (cut.key, *keys), _lines(parameters))
        elif step.number >= ALTERNATING or (evidence.over and step.number > 1) or step.blocked:
            place = ends[-1].source if ends else step.source
            yield Finding(NOT_REACHED, (names,), place, keys, _lines(parameters))
    if unused and not step.blocked and (step.number >= UNUSED or (evidence.over and step.number > 2)):
        yield Finding(NOT_USED, (several(unused), step.optimizer), step.source)


def _last(graph: Graph) -> list[Node]:
    """What the program would have gone back from: the last single number that it computed."""
    scalars = [n for n in graph.nodes if n.kind == "operation" and n.outputs[0].size == 1]
    return scalars[-1:]


def _cut(graph: Graph, parameter: Node, behind: set[int]) -> Node | None:
    """The first operation between a parameter and a loss that takes what needs a gradient and makes what
    does not."""
    seen = {parameter.id}
    for node in graph.nodes:
        if node.kind != "operation" or node.id not in behind:
            continue
        if any(edge.node in seen for edge in node.inputs):
            if not node.grad_fn:
                return node
            seen.add(node.id)
    return None


def _what_cuts(node: Node) -> str:
    if node.name in ("detach", "argmax", "argmin", "one_hot", "round", "sign", "floor"):
        return f"{node.name}()"
    if not node.dtype.startswith("float"):
        return f"{node.name} ({node.dtype})"
    return f"no_grad() / .data ({node.name})"


def _keys(nodes: list[Node]) -> tuple[str, ...]:
    return tuple(node.key for node in nodes[:50])


def _lines(nodes: list[Node]) -> tuple:
    return tuple(dict.fromkeys(node.source for node in nodes if node.source is not None))[:10]


def parameter_not_in_optimizer(evidence: Evidence) -> Iterator[Finding]:
    by_holder: dict[str, list[Forgotten]] = {}
    for leaf in evidence.forgotten:
        by_holder.setdefault(leaf.holder, []).append(leaf)
    for holder, leaves in by_holder.items():
        nodes = [leaf.node for leaf in leaves if leaf.node is not None]
        place = next((node.source for node in nodes if node.source is not None), None)
        names = several([leaf.name for leaf in leaves])
        yield Finding(UNREGISTERED if holder else FORGOTTEN, (names, holder), place, _keys(nodes))


# ── how gradients fare on their way ───────────────────────────────────────────────────────────────────────

VANISHING = Saying(
    "The gradient vanishes on its way back: ‖∇‖ is {0} at {1} and {2} at {3}, {4} times less.",
    "Use ReLU in place of sigmoid or tanh, a matching initialization, normalization, or skip connections.",
)
EXPLODING = Saying(
    "The gradient explodes on its way back: ‖∇‖ is {0} at {1} and {2} at {3}, {4} times more.",
    "Scale the initial weights (kaiming or xavier), or clip with clip_grad_norm_ before the step.",
)
TOO_LARGE = Saying(
    "One update changes the parameters by {0} % of their size, and the loss goes from {1} to {2}: training"
    " runs away.",
    "Lower the learning rate ({3} is too high), or clip the gradient with clip_grad_norm_ before the step.",
)
DEAD = Saying(
    "{0} of {1} units of {2} are dead: {3} gives 0 for all {4} samples, and no gradient flows.",
    "Lower the learning rate, check the initial weights and biases, or use leaky_relu.",
)
LAYERS = {"addmm", "mm", "matmul", "bmm", "linear", "baddbmm", "embedding", "einsum"}
TOO_SMALL, TOO_MUCH = 1e-5, 1e5
RUNS_AWAY = 1e3
DEAD_SHARE = 0.75
SAMPLES, UNITS = 16, 8  # fewer say nothing


def vanishing_gradient(evidence: Evidence) -> Iterator[Finding]:
    for first, last, near, far in _ends(evidence):
        if 0 < far < TOO_SMALL * near:
            told = (
                f"{near:.3g}",
                last.qualified_name,
                f"{far:.3g}",
                first.qualified_name,
                f"{near / far:.1g}",
            )
            yield Finding(VANISHING, told, first.source, (first.key, last.key), _lines([last]))


def exploding_gradient(evidence: Evidence) -> Iterator[Finding]:
    for first, last, near, far in _ends(evidence):
        if far > TOO_MUCH * near > 0:
            told = (
                f"{near:.3g}",
                last.qualified_name,
                f"{far:.3g}",
                first.qualified_name,
                f"{far / near:.1g}",
            )
            yield Finding(EXPLODING, told, first.source, (first.key, last.key), _lines([last]))


def _ends(evidence: Evidence) -> Iterator[tuple[Node, Node, float, float]]:
    """The first and the last layer on the way to a loss, and the norms of the gradients at the last one and
    at the first. Of a layer that is used again and again the largest counts."""
    graph = evidence.graph
    norms: dict[int, tuple[Node, float]] = {}
    for node in graph.nodes:
        weight = _weight_of(graph, node)
        gradient = None if weight is None else graph.gradient(node)
        if weight is None or gradient is None or not np.isfinite(gradient).all():
            continue
        norm = float(np.linalg.norm(gradient.astype(np.float64)))
        known = norms.get(weight.id)
        norms[weight.id] = (known[0], max(known[1], norm)) if known else (node, norm)
    layers = list(norms.values())
    if len(layers) > 2:
        (first, far), (last, near) = layers[0], layers[-1]
        if last.id in graph.after(first):
            yield first, last, near, far


def _weight_of(graph: Graph, node: Node) -> Node | None:
    """The parameter that a layer multiplies with."""
    if node.kind != "operation" or not (node.name in LAYERS or "conv" in node.name):
        return None
    made = (graph.origin(graph.nodes[edge.node]) for edge in node.inputs)
    return next((each for each in made if each.kind == "parameter" and len(each.shape) > 1), None)


def update_ratio(evidence: Evidence) -> float | None:
    """‖Δ‖ / ‖w‖ of all parameters together; infinite where one is no number any more, None without any."""
    graph, squares, changes = evidence.graph, 0.0, 0.0
    for node in graph.updated:
        before, after = graph.value(node, event=-1), graph.value(node)
        if before is None or after is None or before.shape != after.shape or before.dtype.kind != "f":
            continue
        with np.errstate(all="ignore"):
            squares += float(np.square(before, dtype=np.float64).sum())
            changes += float(np.square(after - before, dtype=np.float64).sum())
    if not squares:
        return None
    return math.sqrt(changes / squares) if math.isfinite(changes + squares) else math.inf


def too_large_update(evidence: Evidence) -> Iterator[Finding]:
    graph, first, last = evidence.graph, evidence.first_loss, evidence.iteration.loss
    if first is None or last is None or not graph.losses or not math.isfinite(first):
        return
    grown = last > RUNS_AWAY * max(abs(first), 1e-3)
    if any(graph.summing(loss) for loss in graph.losses):  # then that is to blame
        return
    ratio = update_ratio(evidence) if grown else None
    if ratio is not None and ratio > 1:
        step = evidence.steps[0].source if evidence.steps else None
        loss = graph.losses[0]
        told = (f"{100 * ratio:.3g}", f"{first:.4g}", f"{last:.4g}", _rate(evidence))
        yield Finding(TOO_LARGE, told, step or loss.source, (loss.key,))


def _rate(evidence: Evidence) -> str:
    rates = {rate for step in evidence.steps for rate in step.rates}
    return ", ".join(f"{rate:g}" for rate in sorted(rates)) or "lr"


def dead_units(evidence: Evidence) -> Iterator[Finding]:
    graph = evidence.graph
    for node in graph.operations("relu", "threshold", "hardtanh"):
        if not node.grad_fn or not _feeds_layer(graph, node):
            continue
        values = graph.value(node)
        if values is None or values.ndim < 2:
            continue
        axis = 2 if values.ndim == 3 else 1  # that counts the units: of images the channels
        units = values.shape[axis]
        samples = values.size // max(units, 1)
        alive = np.any(values, axis=tuple(other for other in range(values.ndim) if other != axis))
        dead = units - int(np.count_nonzero(alive))
        if units >= UNITS and samples >= SAMPLES and dead >= DEAD_SHARE * units:
            told = (str(dead), str(units), node.qualified_name, node.name, str(samples))
            yield Finding(DEAD, told, node.source, (node.key,))


def _feeds_layer(graph: Graph, node: Node) -> bool:
    """Whether a layer computes with the result: then it is an activation, and no part of a loss."""
    todo, seen = [node], {node.id}
    while todo:
        for user in graph.users[todo.pop().id]:
            if _weight_of(graph, user) is not None:
                return True
            if user.id not in seen and (user.name in PASSING or "pool" in user.name or "norm" in user.name):
                seen.add(user.id)
                todo.append(user)
    return False


DIVERGENCE = ("summed-loss", "diverging")
RULES = (
    Rule("parameter-without-gradient", parameter_without_gradient, (CUT_OFF, NOT_REACHED, NOT_USED)),
    Rule("parameter-not-in-optimizer", parameter_not_in_optimizer, (UNREGISTERED, FORGOTTEN)),
    Rule("diverging", too_large_update, (TOO_LARGE,), causes=("summed-loss",)),
    Rule("vanishing-gradient", vanishing_gradient, (VANISHING,), 3, DIVERGENCE),
    Rule("exploding-gradient", exploding_gradient, (EXPLODING,), 1, DIVERGENCE),
    Rule("dead-units", dead_units, (DEAD,), 3, DIVERGENCE),
)
