"""torch.testing: whether results are as expected (https://pytorch.org/docs/stable/testing.html)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from gradviz.engine.backend import Array, to_numpy, xp
from gradviz.engine.tensor import Tensor

# What differences a dtype allows; integers have to be equal.
_RELATIVE = {"float16": 1e-3, "float32": 1.3e-6, "float64": 1e-7}
_ABSOLUTE = {"float16": 1e-5, "float32": 1e-5, "float64": 1e-7}


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: str | Callable[[str], str] | None = None,
) -> None:
    """Raises AssertionError unless tensors, numbers, or sequences and mappings of them agree.

    They agree where |actual - expected| <= atol + rtol · |expected|; both tolerances follow the dtype by
    default. Shapes, dtypes and devices have to be the same. `msg` replaces the message.
    """
    if (rtol is None) != (atol is None):
        missing = "rtol" if rtol is None else "atol"
        raise ValueError(f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {missing}.")
    checked = ["shape", *["device"] * check_device, *["dtype"] * check_dtype]
    words = _Comparison(rtol, atol, equal_nan, tuple(checked)).of(actual, expected, "")
    if words:
        raise AssertionError(words if msg is None else msg if isinstance(msg, str) else msg(words))


@dataclass(frozen=True)
class _Comparison:
    """How strictly to compare. Every method says in what two values differ, "" when they agree."""

    rtol: float | None
    atol: float | None
    equal_nan: bool
    checked: tuple[str, ...]  # attributes of tensors that have to be the same

    def of(self, actual: Any, expected: Any, path: str) -> str:
        both = (actual, expected)
        if all(x is None for x in both):
            return ""
        if all(isinstance(x, Mapping) for x in both):
            return self._of_mappings(actual, expected, path)
        if all(isinstance(x, Sequence) and not isinstance(x, str) for x in both):
            return self._of_sequences(actual, expected, path)
        if all(isinstance(x, Tensor) for x in both):
            words = self._of_tensors(actual, expected)
        elif all(isinstance(x, (bool, int, float)) for x in both):
            words = self._of_numbers(actual, expected)
        else:
            raise TypeError(
                f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}."
            )
        return f"{words}\n\nThe failure occurred for item {path}" if words and path else words

    def _of_tensors(self, actual: Tensor, expected: Tensor) -> str:
        for name in self.checked:
            have, want = getattr(actual, name), getattr(expected, name)
            if have != want:
                return f"The values for attribute '{name}' do not match: {have} != {want}."
        dtypes = [t.dtype.name for t in (actual, expected)]
        limits = max(_RELATIVE.get(d, 0.0) for d in dtypes), max(_ABSOLUTE.get(d, 0.0) for d in dtypes)
        return self._distance("Tensor-likes", to_numpy(actual.array), to_numpy(expected.array), *limits)

    def _of_numbers(self, actual: float, expected: float) -> str:
        limit = 1e-7 if isinstance(actual, float) or isinstance(expected, float) else 0.0
        return self._distance("Scalars", xp.asarray(actual), xp.asarray(expected), limit, limit)

    def _of_mappings(self, actual: Mapping, expected: Mapping, path: str) -> str:
        missing = sorted(key for key in expected if key not in actual)
        more = sorted(key for key in actual if key not in expected)
        if missing or more:
            words = [f"Missing keys in the actual mapping: {missing}"] * bool(missing)
            words += [f"Additional keys in the actual mapping: {more}"] * bool(more)
            return "\n".join(["The keys of the mappings do not match:", *words])
        items = (self.of(actual[key], expected[key], f"{path}[{key!r}]") for key in actual)
        return next(filter(None, items), "")

    def _of_sequences(self, actual: Sequence, expected: Sequence, path: str) -> str:
        if len(actual) != len(expected):
            return f"The length of the sequences mismatch: {len(actual)} != {len(expected)}"
        pairs = enumerate(zip(actual, expected, strict=True))
        return next(filter(None, (self.of(a, b, f"{path}[{i}]") for i, (a, b) in pairs)), "")

    def _distance(self, what: str, actual: Array, expected: Array, relative: float, absolute: float) -> str:
        """How far apart two arrays are; the tolerances are those to be taken where none were given."""
        rtol = relative if self.rtol is None else self.rtol
        atol = absolute if self.atol is None else self.atol
        close = numpy.isclose(actual, expected, rtol, atol, self.equal_nan)
        if close.all():
            return ""
        a, b = (x.astype("float64" if x.dtype.kind == "f" else "int64") for x in (actual, expected))
        differences = {"absolute": abs(a - b), "relative": abs(a - b) / abs(b)}
        exact = rtol == atol == 0
        limits = {"absolute": atol, "relative": rtol}
        allowed = {name: "" if exact else f" (up to {limit} allowed)" for name, limit in limits.items()}
        heading = f"are not {'equal' if exact else 'close'}!\n\n"
        if not actual.ndim:
            lines = [f"Expected {expected.item()} but got {actual.item()}."]
            for name, values in differences.items():
                lines.append(f"{name.capitalize()} difference: {values.item()}{allowed[name]}")
            return f"Scalars {heading}" + "\n".join(lines)
        wrong = int((~close).sum())
        lines = [f"Mismatched elements: {wrong} / {close.size} ({100 * wrong / close.size:.1f}%)"]
        for name, values in differences.items():
            largest = int(numpy.where(close, -1, values).argmax())  # a NaN counts as the largest
            index = tuple(int(i) for i in numpy.unravel_index(largest, close.shape))
            lines.append(f"Greatest {name} difference: {values[index]} at index {index}{allowed[name]}")
        return f"{what} {heading}" + "\n".join(lines)
