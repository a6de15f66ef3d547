"""The same program makes the same graph: names of nodes, their inputs, output numbers, what is shared.

The judges are programs of every spelling (graph_programs/) and PyTorch's databases of operations and layers.
"""

from __future__ import annotations

import contextlib
import functools
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch.testing._internal.common_modules import module_db
from torch.utils._pytree import tree_map

import gradviz.engine as engine
from tests.engine.parity.graph_skips import MODULES, OPERATIONS, PROGRAMS
from tests.engine.parity.graphs import PROGRAMS as FAMILIES
from tests.engine.parity.graphs import Node, drawn, graph, run, tensors_in
from tests.engine.parity.opinfo import OPERATIONS as OPINFOS
from tests.engine.parity.opinfo import argument_text, described, on_engine, samples
from tests.engine.parity.translation import Translation

pytestmark = pytest.mark.parity

LAYERS = {info.name: info for info in module_db if hasattr(engine.nn, info.module_cls.__name__)}


@contextlib.contextmanager
def no_onednn():
    """Where oneDNN is there, PyTorch hands it a whole LSTM layer in float32 as one node."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns when it is switched off, too
        with torch.backends.mkldnn.flags(enabled=False):
            yield


@pytest.fixture(autouse=True)
def _no_onednn():
    with no_onednn():
        yield


@pytest.mark.parametrize("family", FAMILIES)
def test_programs_make_the_same_graph(family, record_property):
    found = {
        program: disagreement(lambda: run(program, engine), lambda: run(program, torch))  # noqa: B023
        for program in FAMILIES[family]
    }
    report(f"graphs of programs: {family}", found, record_property)
    assert_explained(found, {re.escape(program): reason for program, reason in PROGRAMS.items()})


def test_a_program_that_is_excused_disagrees():
    assert [p for p in PROGRAMS if disagreement(lambda: run(p, engine), lambda: run(p, torch)) is None] == []  # noqa: B023
    assert [p for p in PROGRAMS if not any(p in programs for programs in FAMILIES.values())] == []


@pytest.mark.parametrize("name", OPINFOS)
def test_operations_make_the_same_graph(name, record_property):
    found = judged_operation(name)
    report(f"graph of {name}", found, record_property)
    patterns = {pattern: reason for (op, pattern), reason in OPERATIONS.items() if op == name}
    assert_explained(found, patterns)


@pytest.mark.parametrize("name", LAYERS)
def test_modules_make_the_same_graph(name, record_property):
    found = judged_module(name)
    report(f"graph of {name}", found, record_property)
    patterns = {pattern: reason for (module, pattern), reason in MODULES.items() if module == name}
    assert_explained(found, patterns)


@pytest.mark.parametrize(("name", "pattern"), [*OPERATIONS, *MODULES])
def test_what_is_excused_disagrees(name, pattern):
    found = judged_module(name) if name in LAYERS else judged_operation(name)
    matched = {sample: why for sample, why in found.items() if re.search(pattern, sample)}
    assert matched, "no such sample"
    assert all(matched.values()), [sample for sample, why in matched.items() if why is None]


def assert_explained(found: dict[str, str | None], excused: dict[str, str]) -> None:
    """Raises AssertionError for what disagrees and matches no pattern of what is excused."""
    wrong = {name: why for name, why in found.items() if why is not None}
    lines = [f"{name}: {why}" for name, why in wrong.items() if not any(re.search(p, name) for p in excused)]
    assert not lines, "\n".join(lines)


def report(name: str, found: dict[str, str | None], record_property: Callable) -> None:
    if found:
        agree = sum(why is None for why in found.values())
        record_property("agreement", (name, agree, len(found)))


def disagreement(ours: Callable[[], list[Node]], theirs: Callable[[], list[Node]]) -> str | None:
    """How the engine's graph differs from PyTorch's, or None."""
    wanted = theirs()
    try:
        have = ours()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None if have == wanted else f"\n  {drawn(have)}\n  instead of\n  {drawn(wanted)}"


def as_leaves(value: Any) -> Any:
    """The same with every tensor a leaf, whatever made it."""
    leaves: dict[int, torch.Tensor] = {}

    def leaf(tensor: Any) -> Any:
        if not isinstance(tensor, torch.Tensor) or tensor.is_leaf:
            return tensor
        return leaves.setdefault(id(tensor), tensor.detach().requires_grad_(tensor.requires_grad))

    return tree_map(leaf, value)


@functools.cache
def judged_operation(name: str) -> dict[str, str | None]:
    """What disagrees (or None) on every sample of an operation that has a gradient."""
    op, found, times = OPINFOS[name], {}, Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for sample in samples(op, torch.float64):
            translation = Translation()
            args, kwargs = as_leaves(((sample.input, *sample.args), sample.kwargs))
            inputs, options = translation(args), translation(kwargs)
            their_leaves, our_leaves = translation.leaves()
            try:
                theirs = tensors_in(op(*args, **kwargs))
            except RuntimeError:  # an operation in place on a leaf
                continue
            if any(tensor.requires_grad for tensor in theirs):
                text = described(sample, "float64")
                times[text] += 1
                found[f"{text} #{times[text]}"] = disagreement(
                    lambda: graph(tensors_in(on_engine(op)(*inputs, **options)), our_leaves),  # noqa: B023
                    lambda: graph(theirs, their_leaves),  # noqa: B023
                )
    return found


@functools.cache
def judged_module(name: str) -> dict[str, str | None]:
    """What disagrees (or None) on every input of a layer, in training and in evaluation."""
    info, found, times = LAYERS[name], {}, Counter()
    with no_onednn(), in_float64():
        for training in (True, False):
            torch.manual_seed(0)
            for sample in info.module_inputs_func(info, "cpu", torch.float64, True, training):
                if sample.forward_input is None:
                    continue
                made, call = (arguments_text(a) for a in (sample.constructor_input, sample.forward_input))
                text = " ".join(f"{'train' if training else 'eval'}: {made} of {call}".split())
                times[text] += 1
                found[f"{text} #{times[text]}"] = compare_module(info.module_cls, sample, training)
    return found


@contextmanager
def in_float64() -> Iterator[None]:
    """Parameters are made in the dtype of the inputs."""
    for library in (torch, engine):
        library.set_default_dtype(library.float64)
    yield
    for library in (torch, engine):
        library.set_default_dtype(library.float32)


def arguments_text(arguments: Any) -> str:
    named = [f"{name}={argument_text(value)}" for name, value in arguments.kwargs.items()]
    return ", ".join([*map(argument_text, arguments.args), *named])


def compare_module(kind: type, sample: Any, training: bool) -> str | None:
    """How the graph of a layer differs from PyTorch's, or None."""
    translation, made, call = Translation(), sample.constructor_input, sample.forward_input
    args, kwargs = as_leaves((call.args, call.kwargs))
    inputs, options = translation(args), translation(kwargs)
    their_leaves, our_leaves = translation.leaves()

    def theirs() -> list[Node]:
        torch.manual_seed(0)
        module = kind(*made.args, **made.kwargs).train(training)
        return graph(tensors_in(module(*args, **kwargs)), [*module.parameters(), *their_leaves])

    def ours() -> list[Node]:
        engine.manual_seed(0)
        settings = translation(made.kwargs)
        module = getattr(engine.nn, kind.__name__)(*translation(list(made.args)), **settings).train(training)
        return graph(tensors_in(module(*inputs, **options)), [*module.parameters(), *our_leaves])

    return disagreement(ours, theirs)
