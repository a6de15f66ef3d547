"""Checks the backward of recorded operations by finite differences."""

from __future__ import annotations

import inspect
import linecache
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from gradviz.engine import explain
from gradviz.engine.autograd.function import FunctionNode
from gradviz.session.recording import Recording
from gradviz.session.used import UnexplainedError, Used
from gradviz.trace import Node, Source
from gradviz.trace.checks import Difference, GradientCheck, OperationCheck

MAX_WORDS = 1000
ALIKE = 1  # operations of the engine's of the same line and shapes: a loop runs it again and again
ALIKE_CUSTOM = 20  # and custom Functions


def check_gradients(recording: Recording, node: int) -> list[GradientCheck]:
    """A verdict on every floating-point argument that needs a gradient. Raises UnexplainedError where the
    operation is not recorded, or its arrays are not."""
    iteration = recording.iteration
    used = Used.in_recording(recording, iteration.nodes[node], len(iteration.events) - 1)
    given = recording.given(node)
    found = []
    for position, edge in enumerate(used.edges):
        array = used.use.inputs[position]
        if edge is None or not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            continue
        if iteration.nodes[edge.node].outputs[edge.output].requires_grad:
            passed = given[position] if position < len(given) else None
            found.append(described(explain.check(used.use, position, given=passed)))
    return found


def check_operation(recording: Recording, node: Node, case: str = "") -> OperationCheck:
    """A verdict on an operation that the gradient goes through. Never raises."""
    try:
        inputs = check_gradients(recording, node.id)
    except UnexplainedError as no:
        inputs = [GradientCheck("input", "unchecked", words=str(no))]
    return operation_check(recording, node, inputs, case)


def operation_check(
    recording: Recording, node: Node, inputs: Sequence[GradientCheck], case: str = ""
) -> OperationCheck:
    """The verdicts on an operation's inputs with where it stands in the program."""
    line = _backward_line(recording, node)
    return OperationCheck(node.name, node.key, node.source, tuple(inputs), line, case)


def checkable(recording: Recording) -> Iterator[Node]:
    """The operations that a gradient goes through, the one nearest to the loss first."""
    for node in reversed(recording.iteration.nodes):
        if node.kind == "operation" and node.requires_grad:
            yield node


def check_iteration(recording: Recording) -> tuple[list[OperationCheck], int]:
    """Verdicts on the operations of an iteration; of very many alike on some, and how many were left out."""
    seen: Counter[object] = Counter()
    found, left_out = [], 0
    for node in checkable(recording):
        shapes = tuple(out.shape for out in node.outputs)
        inputs = tuple(recording.iteration.nodes[edge.node].shape for edge in node.inputs)
        kind = (node.name, node.source, node.scope, shapes, inputs)
        seen[kind] += 1
        if seen[kind] > (ALIKE_CUSTOM if is_custom(recording, node) else ALIKE):
            left_out += 1
        else:
            found.append(check_operation(recording, node))
    return found, left_out


def is_custom(recording: Recording, node: Node) -> bool:
    """Whether a person has written the operation's backward."""
    return isinstance(recording.operation(node.id), FunctionNode)


def described(verdict: explain.Verdict) -> GradientCheck:
    worst = tuple(Difference(d.index, d.expected, d.found) for d in verdict.worst)
    words, given = verdict.words[:MAX_WORDS], verdict.argument[:MAX_WORDS]
    return GradientCheck(
        verdict.name, verdict.state, verdict.checked, verdict.kinks, worst, words, verdict.error, given
    )


def _backward_line(recording: Recording, node: Node) -> Source | None:
    """Where a custom Function's backward begins; None for the engine's operations."""
    op = recording.operation(node.id)
    written = inspect.unwrap(op.function.backward) if isinstance(op, FunctionNode) else None
    code = getattr(written, "__code__", None)
    if code is None:
        return None
    line = code.co_firstlineno
    while linecache.getline(code.co_filename, line).lstrip().startswith("@"):
        line += 1
    return Source(code.co_filename, line)
