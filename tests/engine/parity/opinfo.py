"""PyTorch's operator database (OpInfo) on the engine: the same samples, then values and gradients compared.

OpInfo calls most operations by their name; where it wraps one in a function of its own, that very function
runs, with the engine in the place of `torch`. Judged is every operation that the engine has under OpInfo's
name: every sample in float64, float32 and int64, the first ones also as a method and in place, numbers that
are special, and the inputs that PyTorch refuses.
"""

from __future__ import annotations

import functools
import itertools
import math
import random
import re
import types
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.opinfo.core import BinaryUfuncInfo, SampleInput, UnaryUfuncInfo

import gradviz.engine as engine
from gradviz.engine.dtypes import MissingDtype
from tests.engine.parity.translation import Translation, results

torch.set_num_threads(1)  # on tensors this small threads only cost

DTYPES = (torch.float64, torch.float32, torch.int64)
TOLERANCES = {torch.float64: (1e-9, 1e-9), torch.float32: (1e-4, 1e-5), torch.float16: (1e-3, 1e-3)}
SPELLED = 5  # so many samples are enough to try an operation as a method, too, and in place
SPECIAL = (0.0, -0.0, 0.5, 1.0, -1.0, 3.0, -3.0, 6.0, math.inf, -math.inf, math.nan)
SEED = 42  # what OpInfo, too, uses for operations that draw random numbers

# Their values are whatever was in memory: only shape and dtype can agree.
UNINITIALIZED = {"empty", "empty_like", "new_empty"}


def seeded(op: Callable, *args: Any, **kwargs: Any) -> Any:
    """The engine's part of OpInfo's function of that purpose."""
    engine.manual_seed(SEED)
    return op(*args, **kwargs)


def on_engine(op: Any) -> Callable | None:
    """The engine's function for an OpInfo; None where it has none of that name."""
    try:
        function = functools.reduce(getattr, op.name.split("."), engine)
    except AttributeError:
        function = getattr(engine.Tensor, op.name, getattr(engine.Tensor, f"{op.name}_", None))
    if function is None or isinstance(function, MissingDtype):
        return None
    if not (getattr(op.op, "__module__", None) or "").startswith("torch.testing._internal"):
        return function
    names = {**op.op.__globals__, "torch": engine, "wrapper_set_seed": seeded}
    return types.FunctionType(op.op.__code__, names, op.name, op.op.__defaults__, op.op.__closure__)


OPERATIONS = {op.full_name: op for op in op_db if on_engine(op) is not None}


@dataclass(frozen=True)
class Spelling:
    """One way to call an operation: by name "" (as a function), "method" or "in-place"."""

    name: str
    theirs: Callable
    ours: Callable


def spellings(op: Any) -> list[Spelling]:
    def method(x: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(x, op.name)(*args, **kwargs)

    def in_place(x: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(x.clone(), f"{op.name}_")(*args, **kwargs)

    found = [Spelling("", op, on_engine(op))]
    if op.method_variant is not None and hasattr(torch.Tensor, op.name):
        found.append(Spelling("method", method, method))
    if op.inplace_variant is not None and hasattr(torch.Tensor, f"{op.name}_"):
        found.append(Spelling("in-place", in_place, in_place))
    return found


def compare(op: Any, spelling: Spelling, sample: Any) -> None:
    """Raises AssertionError unless the engine gives torch's values and gradients for a sample."""
    translation = Translation()
    inputs = translation([sample.input, *sample.args])
    options = translation(sample.kwargs)
    processed = sample.output_process_fn_grad  # without what is not determined, such as a vector's sign
    torch.default_generator.manual_seed(SEED)  # without the other devices, which torch.manual_seed asks
    theirs = results(processed(spelling.theirs(sample.input, *sample.args, **sample.kwargs)))
    engine.manual_seed(SEED)
    ours = results(processed(spelling.ours(*inputs, **options)))
    assert len(ours) == len(theirs), f"{len(ours)} results, not {len(theirs)}"
    for our, their in zip(ours, theirs, strict=True):
        compare_results(our, their, values=op.name not in UNINITIALIZED)
    compare_gradients(translation, ours, theirs)


def compare_results(our: Any, their: Any, values: bool) -> None:
    if not isinstance(their, torch.Tensor):
        assert our == Translation()(their), f"{our!r}, not {their!r}"
        return
    assert isinstance(our, engine.Tensor), f"{type(our).__name__}, not a tensor"
    assert str(our.dtype) == str(their.dtype), f"{our.dtype}, not {their.dtype}"
    assert our.shape == tuple(their.shape), f"shape {our.shape}, not {their.shape}"
    assert our.requires_grad == their.requires_grad, f"requires_grad={our.requires_grad}"
    if values:
        compare_values(our, their)


def compare_gradients(translation: Translation, ours: list, theirs: list) -> None:
    pairs = [
        (our, their)
        for our, their in zip(ours, theirs, strict=True)
        if getattr(their, "requires_grad", False)
    ]
    their_leaves, our_leaves = translation.leaves()
    if not pairs or not their_leaves:
        return
    rng = np.random.default_rng(0)
    factors = [np.asarray(rng.standard_normal(their.shape)) for _, their in pairs]
    their_grads = torch.autograd.grad(
        [their for _, their in pairs],
        their_leaves,
        [torch.from_numpy(f).to(their.dtype) for f, (_, their) in zip(factors, pairs, strict=True)],
        allow_unused=True,
    )
    our_grads = engine.autograd.grad(
        [our for our, _ in pairs],
        our_leaves,
        [engine.as_tensor(f).to(our.dtype) for f, (our, _) in zip(factors, pairs, strict=True)],
        allow_unused=True,
    )
    for our, their, leaf in zip(our_grads, their_grads, their_leaves, strict=True):
        their = torch.zeros_like(leaf) if their is None else their
        our = engine.zeros(tuple(leaf.shape), dtype=Translation()(leaf.dtype)) if our is None else our
        assert str(our.dtype) == str(their.dtype), f"gradient {our.dtype}, not {their.dtype}"
        assert our.shape == tuple(their.shape), f"gradient of shape {our.shape}, not {their.shape}"
        compare_values(our, their)


def compare_values(our: engine.Tensor, their: torch.Tensor) -> None:
    ours, theirs = our.numpy(force=True), their.numpy(force=True)
    rtol, atol = TOLERANCES.get(their.dtype, (0, 0))
    largest = np.abs(theirs[np.isfinite(theirs)]).max(initial=1)  # which rounding is in proportion to
    np.testing.assert_allclose(ours, theirs, rtol, atol * largest)


def compare_error(op: Any, error: Any) -> None:
    """Raises AssertionError unless the engine refuses a wrong input with torch's type and words."""
    translation = Translation()
    sample = error.sample_input
    inputs, options = translation([sample.input, *sample.args]), translation(sample.kwargs)
    try:
        on_engine(op)(*inputs, **options)
    except error.error_type as refusal:
        assert re.search(error.error_regex, str(refusal)), f"{refusal}\n  instead of {error.error_regex}"
    else:
        raise AssertionError(f"no {error.error_type.__name__}: {error.error_regex}")


@functools.cache
def judgement(name: str) -> dict[str, str | None]:
    """All samples and wrong inputs of an operation, described, and what disagrees about each (or None)."""
    op = OPERATIONS[name]
    found = {}
    times = Counter()
    function, *others = spellings(op)

    def judge(sample: str, check: Callable, *args: Any) -> None:
        times[sample] += 1
        found[f"{sample} #{times[sample]}"] = disagreement(check, op, *args)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for dtype in DTYPES:
            for sample in samples(op, dtype):
                judge(described(sample, dtype_name(dtype)), compare, function, sample)
        for spelling in others:
            for sample in itertools.islice(samples(op, torch.float64), SPELLED):
                if not (spelling.name == "in-place" and sample.broadcasts_input):
                    judge(described(sample, spelling.name), compare, spelling, sample)
        for sample in special_samples(op):
            judge(described(sample, "special values"), compare, function, sample)
        for error in op.error_inputs("cpu") if op.error_inputs_func is not None else ():
            judge(described(error.sample_input, "error"), compare_error, error)
    return found


def samples(op: Any, dtype: torch.dtype) -> Iterable:
    """The sample inputs of an operation, the same ones every time."""
    if dtype not in op.supported_dtypes("cpu"):
        return ()
    requires_grad = op.supports_autograd and dtype in op.supported_backward_dtypes("cpu")
    torch.manual_seed(0)
    np.random.seed(0)
    random.seed(0)
    return op.sample_inputs("cpu", dtype, requires_grad=requires_grad)


def special_samples(op: Any) -> Iterable[SampleInput]:
    """For an operation on elements what no sample input has: infinities, NaN and ties, also as gradients."""
    if not isinstance(op, UnaryUfuncInfo | BinaryUfuncInfo) or not op.supports_autograd:
        return
    values = torch.tensor(SPECIAL, dtype=torch.float64)
    if isinstance(op, UnaryUfuncInfo):
        usual = next(iter(samples(op, torch.float64)))
        yield SampleInput(values.requires_grad_(), args=usual.args, kwargs=usual.kwargs)
    else:
        left, right = (
            grid.flatten().requires_grad_() for grid in torch.meshgrid(values, values, indexing="ij")
        )
        yield SampleInput(left, args=(right,))


def disagreement(check: Callable, *args: Any) -> str | None:
    try:
        check(*args)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def described(sample: Any, kind: str) -> str:
    """A sample in a line: what it is of, then shapes and values of its arguments."""
    arguments = [argument_text(value) for value in (sample.input, *sample.args)]
    arguments += [f"{name}={argument_text(value)}" for name, value in sample.kwargs.items()]
    return f"{kind}: {', '.join(arguments)}"


def argument_text(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"{dtype_name(value.dtype)}{list(value.shape)}"
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(argument_text, value))})"
    return repr(value)


def dtype_name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
