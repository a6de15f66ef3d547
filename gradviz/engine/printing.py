"""How tensors print: torch's layout with four digits (https://pytorch.org/docs/stable/generated/torch.set_printoptions.html)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gradviz.engine import dtypes
from gradviz.engine.backend import Array, to_numpy, xp

if TYPE_CHECKING:
    from gradviz.engine.tensor import Tensor

_PROFILES = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80, "sci_mode": None},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80, "sci_mode": None},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80, "sci_mode": None},
}
_options: dict[str, Any] = dict(_PROFILES["default"])


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Digits, elements printed in full, items at each edge, characters a line, scientific notation."""
    if profile is not None:
        _options.update(_PROFILES[profile])
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    _options.update({name: value for name, value in given.items() if value is not None})
    _options["sci_mode"] = sci_mode


def tensor_repr(tensor: Tensor) -> str:
    array = to_numpy(tensor.array)
    prefix = "tensor("
    suffixes = [f"device='{tensor.device}'"] if tensor.is_cuda else []
    default = dtypes.get_default_dtype()
    if array.size == 0:
        if array.ndim != 1:
            suffixes.append(f"size={tuple(array.shape)}")
        body = "[]"
        plain = tensor.dtype is default
    else:
        body = _format(array, len(prefix))
        plain = tensor.dtype in (default, dtypes.int64, dtypes.bool_)
    if not plain:
        suffixes.append(f"dtype={tensor.dtype}")
    if tensor.grad_fn is not None:
        suffixes.append(f"grad_fn=<{tensor.grad_fn.backward_name}>")
    elif tensor.requires_grad:
        suffixes.append("requires_grad=True")
    text = prefix + body
    last_line = len(text) - text.rfind("\n") + 1  # two more than there are, as torch counts
    for suffix in suffixes:
        if last_line + len(suffix) + 2 > _options["linewidth"]:
            text += ",\n" + " " * len(prefix) + suffix
            last_line = len(prefix) + len(suffix)
        else:
            text += ", " + suffix
            last_line += len(suffix) + 2
    return text + ")"


def _format(array: Array, indent: int) -> str:
    shown = _edges(array) if array.size > _options["threshold"] else array
    formatter = _Formatter(shown)
    return _nested(array, indent, formatter, summarize=array.size > _options["threshold"])


def _edges(array: Array) -> Array:
    """The elements that a summary shows: they alone decide the number format."""
    n = _options["edgeitems"]
    for axis in range(array.ndim):
        if array.shape[axis] > 2 * n:
            index = xp.r_[0:n, array.shape[axis] - n : array.shape[axis]]
            array = xp.take(array, index, axis)
    return array


def _nested(array: Array, indent: int, formatter: _Formatter, summarize: bool) -> str:
    n = _options["edgeitems"]
    if array.ndim == 0:
        return formatter(array.item())
    cut = summarize and array.shape[0] > 2 * n
    rows = [*array[:n], "...", *array[-n:]] if cut else list(array)
    if array.ndim > 1:
        parts = [r if isinstance(r, str) else _nested(r, indent + 1, formatter, summarize) for r in rows]
        parts = [" ..." if p == "..." else p for p in parts]
        return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(p.strip() for p in parts) + "]"
    cells = [" ..." if isinstance(r, str) else formatter(r.item()) for r in rows]
    per_line = max(1, (_options["linewidth"] - indent) // (formatter.width + 2))
    lines = [", ".join(cells[i : i + per_line]) for i in range(0, len(cells), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


class _Formatter:
    """Formats one tensor's elements at one width, in decimals or scientific notation as torch chooses."""

    def __init__(self, array: Array) -> None:
        self.is_float = array.dtype.kind == "f"
        self.scientific, self.integral, self.width = False, True, 1
        if not self.is_float:
            self.width = max((len(str(v)) for v in array.ravel().tolist()), default=1)
            return
        values = array.astype(xp.float64).ravel()
        values = values[xp.isfinite(values) & (values != 0)]  # the others adapt to these
        if values.size:
            low, high = float(abs(values).min()), float(abs(values).max())
            self.integral = bool((values == xp.ceil(values)).all())
            self.scientific = high / low > 1000.0 or high > 1.0e8 or low < 1.0e-4
            if _options["sci_mode"] is not None:
                self.scientific = _options["sci_mode"]
            self.width = max(len(self._text(v)) for v in values.tolist())

    def _text(self, value: Any) -> str:
        if not self.is_float:
            return str(value)
        if self.scientific:
            return f"{value:.{_options['precision']}e}"
        if self.integral:
            return f"{value:.0f}." if math.isfinite(value) else str(value)
        return f"{value:.{_options['precision']}f}"

    def __call__(self, value: Any) -> str:
        return self._text(value).rjust(self.width)
