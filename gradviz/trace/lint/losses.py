"""Rules about losses: what they are given (scores, probabilities, labels), and how they are reduced."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gradviz.trace.graph import Node
from gradviz.trace.lint.evidence import Evidence
from gradviz.trace.lint.gradients import update_ratio
from gradviz.trace.lint.graph import Graph
from gradviz.trace.lint.rule import Finding, Rule, Saying, line_of, shape

MANY = 1 << 22  # elements beyond which numbers are not looked at
DIVERGED = 3.0  # times the first loss: the update that made it was too large
TOO_FAR, WORSE = 0.5, 1.2  # ‖Δ‖ / ‖w‖ of a whole model in one update, where the loss is so much higher

# ── softmax before CrossEntropyLoss ───────────────────────────────────────────────────────────────────────

SOFTMAX = Saying(
    "cross_entropy gets probabilities: the outputs {1} went through softmax at line {0} already, and it"
    " applies log_softmax itself.",
    "Leave out the softmax: cross_entropy wants the raw scores.",
)
SQUEEZED = Saying(
    "cross_entropy gets the outputs {1} of the sigmoid at line {0}, which squeezes all scores into 0 … 1.",
    "Leave out the sigmoid: cross_entropy wants the raw scores.",
)


def softmax_before_cross_entropy(evidence: Evidence) -> Iterator[Finding]:
    graph = evidence.graph
    for node in _cross_entropies(graph):
        scores = graph.first(node)
        if scores is None or not scores.requires_grad:
            continue
        maker = graph.origin(scores)
        told = (line_of(maker.source), shape(scores))
        if maker.name.rstrip("_") == "sigmoid":
            yield Finding(SQUEEZED, told, node.source, (maker.key, node.key), _lines(maker))
        elif maker.name == "softmax" or are_probabilities(graph.input_value(node, "x"), _class_dim(scores)):
            yield Finding(SOFTMAX, told, node.source, (maker.key, node.key), _lines(maker))


def _cross_entropies(graph: Graph) -> Iterator[Node]:
    """The log_softmax of every cross entropy: of class labels, or of probabilities."""
    for node in graph.operations("log_softmax"):
        if not node.requires_grad:
            continue
        users = graph.users[node.id]
        if any(user.name == "nll_loss" for user in users) or any(
            user.name == "mul" and _is_summed(graph, user) for user in users
        ):
            yield node


def _is_summed(graph: Graph, node: Node) -> bool:
    """Whether it goes on as in cross_entropy: a sum, its sign changed, all at one line of the program."""
    sums = [user for user in graph.users[node.id] if user.name == "sum" and user.source == node.source]
    return any(user.name == "neg" and user.source == node.source for s in sums for user in graph.users[s.id])


def are_probabilities(values: np.ndarray | None, dim: int) -> bool:
    """Whether all numbers are between 0 and 1, and add up to 1 along a dimension. Scores do not."""
    if values is None or values.dtype.kind != "f" or not 0 < values.size <= MANY or values.ndim <= dim:
        return False
    if values.shape[dim] < 2 or values.size == values.shape[dim]:
        return False
    with np.errstate(all="ignore"):
        sums = values.sum(dim, dtype=np.float64)
        return bool(values.min() >= 0 and np.allclose(sums, 1, atol=1e-3))


def _class_dim(node: Node) -> int:
    return 0 if len(node.shape) == 1 else 1


def _lines(*nodes: Node) -> tuple:
    return tuple(node.source for node in nodes if node.source is not None)


# ── sigmoid before binary cross entropy with logits ───────────────────────────────────────────────────────

SIGMOID = Saying(
    "binary_cross_entropy_with_logits gets probabilities: the outputs {1} went through {2} at line {0}"
    " already, and it applies a sigmoid itself.",
    "Leave out the {2}, or use binary_cross_entropy, which wants probabilities.",
)


def sigmoid_before_logits(evidence: Evidence) -> Iterator[Finding]:
    graph = evidence.graph
    for node in graph.operations("binary_cross_entropy_with_logits"):
        scores = graph.argument(node, "input")
        if scores is None or not scores.requires_grad:
            continue
        maker = graph.origin(scores)
        if maker.name.rstrip("_") in ("sigmoid", "softmax", "hardsigmoid") or _sigmoid_by_hand(graph, maker):
            told = (line_of(maker.source), shape(scores), maker.name if _named(maker) else "sigmoid")
            yield Finding(SIGMOID, told, node.source, (maker.key, node.key), _lines(maker))


def _named(node: Node) -> bool:
    return node.name.rstrip("_") in ("sigmoid", "softmax", "hardsigmoid")


def _sigmoid_by_hand(graph: Graph, node: Node) -> bool:
    """1 / (1 + exp(-x)) and the like: a quotient that is always between 0 and 1, made with exp or tanh."""
    if node.name not in ("div", "reciprocal", "mul", "add") or node.kind != "operation":
        return False
    near = [node]
    for _ in range(3):
        near += [graph.nodes[edge.node] for maker in near for edge in maker.inputs]
    if not any(each.name in ("exp", "tanh", "softmax") for each in near):
        return False
    values = graph.value(node)
    return values is not None and 0 < values.size <= MANY and values.min() >= 0 and values.max() <= 1


# ── silent broadcast ──────────────────────────────────────────────────────────────────────────────────────

BROADCAST = Saying(
    "The outputs {0} against the labels {1} broadcast to {2}: every output is compared with every label.",
    "Give both the same shape, for example with outputs.squeeze(1) or labels.unsqueeze(1).",
)
ELEMENTWISE = ("sub", "mul", "add", "div", "pow", "maximum", "minimum", "xlogy")
PAIR_LOSSES = ("mse_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy", "soft_margin_loss")


def broadcast_in_loss(evidence: Evidence) -> Iterator[Finding]:
    graph = evidence.graph
    behind = graph.behind(graph.losses)
    for node in graph.nodes:
        if node.kind != "operation" or node.id not in behind or len(node.inputs) < 2:
            continue
        if node.name in PAIR_LOSSES:
            pair = [_unexpanded(graph, graph.nodes[edge.node]) for edge in node.inputs[:2]]
            made = graph.nodes[node.inputs[0].node].shape
        elif node.name.rstrip("_") in ELEMENTWISE:
            pair, made = [graph.nodes[edge.node] for edge in node.inputs[:2]], node.shape
            if _on_purpose(graph, *pair) or len(pair[0].shape) == len(pair[1].shape):
                continue
        else:
            continue
        outputs, labels = sorted(pair, key=lambda each: not each.requires_grad)
        if not _multiplies(outputs, labels, made):
            continue
        told = (shape(outputs), shape(labels), str(list(made)))
        yield Finding(BROADCAST, told, node.source, (node.key, outputs.key, labels.key))


def _unexpanded(graph: Graph, node: Node) -> Node:
    if node.name == "expand" and node.inputs:
        return graph.nodes[node.inputs[0].node]
    return node


def _multiplies(outputs: Node, labels: Node, made: tuple[int, ...]) -> bool:
    """Whether as many outputs as labels become more than there are of either."""
    one, other = outputs.outputs[0], labels.outputs[0]
    together = math.prod(made)
    predicts = outputs.kind == "operation" and outputs.requires_grad and not labels.requires_grad
    return predicts and one.size == other.size > 1 and together > one.size and one.shape != other.shape


def _on_purpose(graph: Graph, *pair: Node) -> bool:
    """Whether an axis was added to one of them just for this."""
    return any(node.name in ("unsqueeze", "index") for node in pair)


# ── labels of the wrong kind ──────────────────────────────────────────────────────────────────────────────

NOT_PROBABILITIES = Saying(
    "{0} wants labels between 0 and 1, and gets {1} … {2}: these look like the numbers of classes.",
    "For one of several classes use cross_entropy with the class numbers; scale probabilities to that range.",
)
NOT_A_DISTRIBUTION = Saying(
    "cross_entropy wants probabilities that add up to 1 for every sample, and gets labels {0} that add up to"
    " {1} … {2}.",
    "For several answers that may be true at once use binary_cross_entropy_with_logits; else normalize them.",
)
CUT_TO_INTEGERS = Saying(
    "The labels {0} were {1} … {2} and became whole numbers at line {3}: nearly all are 0 now.",
    "Give cross_entropy the probabilities as they are, as floats of the shape of the outputs.",
)
LOG_OF_PROBABILITIES = Saying(
    "{0} wants log-probabilities, and gets probabilities: its input {1} is {2} … {3}.",
    "Use log_softmax in place of softmax before it; cross_entropy does both at once.",
)
LOG_OF_SCORES = Saying(
    "{0} wants log-probabilities, and gets scores: its input {1} is {2} … {3}.",
    "Use log_softmax before it; cross_entropy does both at once.",
)


def labels_of_wrong_kind(evidence: Evidence) -> Iterator[Finding]:
    graph = evidence.graph
    for node in graph.operations("binary_cross_entropy", "binary_cross_entropy_with_logits"):
        labels = graph.input_value(node, "target")
        if node.requires_grad and labels is not None and 0 < labels.size <= MANY:
            low, high = float(labels.min()), float(labels.max())
            if low < 0 or high > 1:
                target = graph.argument(node, "target")
                keys = (node.key, target.key) if target else (node.key,)
                yield Finding(NOT_PROBABILITIES, (node.name, f"{low:g}", f"{high:g}"), node.source, keys)
    yield from _soft_labels(graph)
    for node in graph.operations("nll_loss"):
        yield from _cut_labels(graph, node)


def _soft_labels(graph: Graph) -> Iterator[Finding]:
    """Labels of a cross entropy with probabilities that are none."""
    for node in _cross_entropies(graph):
        for product in graph.users[node.id]:
            others = [graph.nodes[edge.node] for edge in product.inputs if edge.node != node.id]
            if product.name != "mul" or not others or others[0].shape != node.shape:
                continue
            labels = graph.value(others[0])
            if labels is None or others[0].requires_grad or not 0 < labels.size <= MANY:
                continue
            sums = labels.sum(_class_dim(node), dtype=np.float64)
            if labels.min() >= 0 and not np.allclose(sums, 1, atol=1e-2) and _whole(sums):
                told = (shape(others[0]), f"{sums.min():.4g}", f"{sums.max():.4g}")
                yield Finding(NOT_A_DISTRIBUTION, told, node.source, (node.key, others[0].key))


def _whole(values: np.ndarray) -> bool:
    """A mask leaves out samples whole, a weight scales them: what adds up to whole numbers are labels."""
    return bool(np.allclose(values, np.round(values), atol=1e-3) and values.max() > 1)


def _cut_labels(graph: Graph, node: Node) -> Iterator[Finding]:
    labels = graph.argument(node, "target")
    while labels is not None and labels.kind == "operation" and labels.inputs:
        before = graph.nodes[labels.inputs[0].node]
        if labels.name == "to" and before.dtype.startswith("float"):
            values = graph.value(before)
            if values is not None and values.size and values.size <= MANY and not _integral(values):
                told = (shape(labels), f"{values.min():.3g}", f"{values.max():.3g}", line_of(labels.source))
                yield Finding(CUT_TO_INTEGERS, told, node.source, (labels.key, node.key), _lines(labels))
        if labels.name not in ("to", "view", "reshape", "flatten", "squeeze", "slice", "select", "index"):
            return
        labels = before


def _integral(values: np.ndarray) -> bool:
    return bool(np.array_equal(values, np.round(values)))


def probabilities_for_log_probabilities(evidence: Evidence) -> Iterator[Finding]:
    """nll_loss and kl_div without a logarithm before them."""
    graph = evidence.graph
    for node in graph.operations("nll_loss"):
        values, given = graph.input_value(node, "input"), graph.argument(node, "input")
        if given is not None and given.name != "log_softmax" and given.requires_grad:
            yield from _without_log("nll_loss", node, given, values)
    for node in graph.operations("sub"):
        given = _kl_input(graph, node)
        if given is not None and given.requires_grad:
            yield from _without_log("kl_div", node, given, graph.value(given))


def _kl_input(graph: Graph, node: Node) -> Node | None:
    """What kl_div, which is target·log target - target·input, got as its input."""
    if len(node.inputs) < 2:
        return None
    entropy, product = (graph.nodes[edge.node] for edge in node.inputs[:2])
    if entropy.name != "xlogy" or product.name != "mul" or len(product.inputs) < 2:
        return None
    target, given = (graph.nodes[edge.node] for edge in product.inputs[:2])
    return given if graph.first(entropy) is target else None


def _without_log(loss: str, node: Node, given: Node, values: np.ndarray | None) -> Iterator[Finding]:
    if values is None or not 1 < values.size <= MANY or values.ndim < 2:
        return
    dim = 1 if loss == "nll_loss" else values.ndim - 1
    with np.errstate(all="ignore"):
        sums = np.exp(values.astype(np.float64)).sum(dim)
    if np.allclose(sums, 1, atol=1e-2) or (values.max() <= 0 and sums.max() <= 1.01):
        return
    saying = LOG_OF_PROBABILITIES if are_probabilities(values, dim) else LOG_OF_SCORES
    told = (loss, shape(given), f"{values.min():.3g}", f"{values.max():.3g}")
    yield Finding(saying, told, node.source, (node.key, given.key), _lines(given))


# ── sum in place of mean ──────────────────────────────────────────────────────────────────────────────────

SUMMED = Saying(
    "The loss is the sum over {0} samples, and with it the gradient: one update changes the parameters by"
    " {1} % of their size, and the loss goes from {2} to {3}.",
    "Average it (mean), or divide the learning rate by {0}.",
)


def summed_loss(evidence: Evidence) -> Iterator[Finding]:
    """Only where it does harm: many a loss is summed on purpose, with a learning rate that fits."""
    graph = evidence.graph
    first, last = evidence.first_loss, evidence.iteration.loss
    ratio = update_ratio(evidence)
    if first is None or last is None or ratio is None:
        return
    grown = last / max(abs(first), 1e-6)
    if math.isfinite(last) and grown < DIVERGED and not (ratio > TOO_FAR and grown > WORSE):
        return
    for loss in graph.losses:
        summing = graph.summing(loss)
        if summing is not None:
            told = (
                str(graph.nodes[summing.inputs[0].node].shape[0]),
                f"{100 * ratio:.3g}",
                f"{first:.4g}",
                f"{last:.4g}",
            )
            yield Finding(SUMMED, told, summing.source, (summing.key,))


RULES = (
    Rule("softmax-before-cross-entropy", softmax_before_cross_entropy, (SOFTMAX, SQUEEZED)),
    Rule("sigmoid-before-bce-with-logits", sigmoid_before_logits, (SIGMOID,)),
    Rule("broadcast-in-loss", broadcast_in_loss, (BROADCAST,)),
    Rule("label-kind", labels_of_wrong_kind, (NOT_PROBABILITIES, NOT_A_DISTRIBUTION, CUT_TO_INTEGERS)),
    Rule(
        "log-probabilities-wanted", probabilities_for_log_probabilities, (LOG_OF_PROBABILITIES, LOG_OF_SCORES)
    ),
    Rule("summed-loss", summed_loss, (SUMMED,)),
)
