"""Rules about train() and eval() where dropout or batch norm depends on it."""

from __future__ import annotations

from collections.abc import Iterator

from gradviz.trace.graph import Node
from gradviz.trace.lint.evidence import Evidence, ModeCall
from gradviz.trace.lint.graph import Graph
from gradviz.trace.lint.rule import Finding, Rule, Saying, several

EVALUATED = Saying(
    "{0} is evaluated in training mode: {1} still works as in training.",
    "Call {0}.eval() before the evaluation, and {0}.train() after it.",
)
TRAINED = Saying(
    "{0} is trained in evaluation mode: {1} does not work as in training.",
    "Call {0}.train() before the training loop, and again after every evaluation.",
)
ALWAYS_ON = Saying(
    "{0} is in evaluation mode, but the dropout at this line is a function, and still drops.",
    "Pass it the mode: F.dropout(x, p, training=self.training), or use nn.Dropout.",
)
# fmt: off
JUDGING = {
    "argmax", "argmin", "eq", "ne", "gt", "lt", "ge", "le", "max", "topk", "sort", "sub", "log_softmax",
    "nll_loss", "mse_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy", "allclose", "isclose",
    "binary_cross_entropy_with_logits", "softmax", "sigmoid", "round",
}
# fmt: on
"""Operations by which a result is compared with what it should be."""


def mode_of_modules(evidence: Evidence) -> Iterator[Finding]:
    calls = [call for call in evidence.calls if not call.functional]
    by_root: dict[str, list[ModeCall]] = {}
    for call in calls:
        by_root.setdefault(call.root, []).append(call)
    for root, inside in by_root.items():
        if evidence.went_back:
            yield from _trained(evidence, root, [call for call in inside if not call.training])
        elif evidence.trained and _is_judged(evidence.graph, root):
            yield from _evaluated(evidence, root, [call for call in inside if call.training])


def _trained(evidence: Evidence, root: str, still: list[ModeCall]) -> Iterator[Finding]:
    """One that freezes its batch norm on purpose is itself in training mode."""
    learns = any(scope == root or scope.startswith(f"{root}.") for scope in evidence.updated)
    still = [call for call in still if call.with_graph and not call.root_training]
    if learns and still:
        yield _finding(evidence, TRAINED, root, still)


def _evaluated(evidence: Evidence, root: str, active: list[ModeCall]) -> Iterator[Finding]:
    """One that wants dropout in evaluation on purpose asks the same several times, or has only that on."""
    active = [call for call in active if call.root_training]
    if active and not any(call.repeated for call in active):
        yield _finding(evidence, EVALUATED, root, active)


def _finding(evidence: Evidence, saying: Saying, root: str, calls: list[ModeCall]) -> Finding:
    names = several(list(dict.fromkeys(f"{call.scope} ({call.kind})" for call in calls)))
    scopes = {call.scope for call in calls}
    nodes = [node.key for node in evidence.graph.nodes if node.scope in scopes]
    if not nodes:  # dropout that is switched off computes nothing
        nodes = [
            node.key
            for node in evidence.graph.nodes
            if node.scope == root or node.scope.startswith(f"{root}.")
        ]
    return Finding(saying, (root, names), calls[0].source, tuple(nodes[:50]))


def _is_in(node: Node, root: str) -> bool:
    return node.scope == root or node.scope.startswith(f"{root}.")


def _is_judged(graph: Graph, root: str) -> bool:
    """Whether what a module gave is compared with something; samples that are only looked at are not."""
    inside = {node.id for node in graph.nodes if _is_in(node, root)}
    reached = set(inside)
    for node in graph.nodes:
        if node.id in inside or not any(edge.node in reached for edge in node.inputs):
            continue
        if node.name.rstrip("_") in JUDGING:
            return True
        reached.add(node.id)
    return False


def dropout_in_evaluation(evidence: Evidence) -> Iterator[Finding]:
    for call in evidence.calls:
        if call.functional and not call.training and not call.repeated:
            keys = (n.key for n in evidence.graph.operations("dropout") if n.source == call.source)
            yield Finding(ALWAYS_ON, (call.scope,), call.source, tuple(keys)[:50])


RULES = (
    Rule("train-eval-mode", mode_of_modules, (EVALUATED, TRAINED)),
    Rule("dropout-in-evaluation", dropout_in_evaluation, (ALWAYS_ON,)),
)
