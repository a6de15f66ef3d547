"""Values limited from below and above."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import xp
from gradviz.engine.dtypes import promote
from gradviz.engine.errors import require_tensors
from gradviz.engine.inplace import inplace
from gradviz.engine.polymorphic import masked, plain
from gradviz.engine.registry import publish_alias, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Clamp(Op):
    """Limited by numbers."""

    args = saves = ("x",)
    formula = r"\min(\max(x, \mathrm{min}), \mathrm{max})"
    vjp = (r"g \odot 1[\mathrm{min} \le x \le \mathrm{max}]",)
    backward_name = "ClampBackward1"

    def __init__(self, min: float | None, max: float | None) -> None:
        self.min, self.max = min, max

    def forward(self, x):
        if self.min is not None:
            x = xp.maximum(*promote(x, self.min))
        return x if self.max is None else xp.minimum(*promote(x, self.max))

    def backward(self, g, x):
        x = plain(x)
        inside = xp.ones_like(x, bool) if self.min is None else x >= self.min
        return masked(g, inside if self.max is None else inside & (x <= self.max))


class ClampTensors(Op):
    """Limited by tensors, either of which may be None."""

    args = saves = ("x", "min", "max")
    formula = r"\min(\max(x, \mathrm{min}), \mathrm{max})"
    vjp = (
        r"g \odot 1[\mathrm{min} \le x \le \mathrm{max}]",
        r"g \odot 1[x < \mathrm{min} \le \mathrm{max}]",
        r"g \odot 1[\max(x, \mathrm{min}) > \mathrm{max}]",
    )
    op_name = "clamp"
    backward_name = "ClampBackward0"

    def forward(self, x, min, max):
        if min is not None:
            x = xp.maximum(*promote(x, min))
        return x if max is None else xp.minimum(*promote(x, max))

    def backward(self, g, x, min, max):
        x, low, high = plain(x), plain(min), plain(max)
        below = False if low is None else x < low
        above = False if high is None else x > high
        inside = xp.logical_not(xp.logical_or(below, above))
        crossed = False if low is None or high is None else xp.greater(low, high)  # then the result is max
        return (
            masked(g, inside),
            masked(g, xp.logical_and(below, xp.logical_not(crossed))) if self.needs[1] else None,
            masked(g, xp.logical_or(above, crossed)) if self.needs[2] else None,
        )


class ClampMin(Op):
    args = saves = ("x", "min")
    formula = r"\max(x, \mathrm{min})"
    vjp = (r"g \odot 1[x \ge \mathrm{min}]", r"g \odot 1[x < \mathrm{min}]")
    backward_name = "ClampMinBackward1"
    number_variants = {"min": "ClampMinBackward0"}

    def forward(self, x, min):
        return xp.maximum(*promote(x, min))

    def backward(self, g, x, min):
        x, min = plain(x), plain(min)
        return masked(g, xp.greater_equal(x, min)), masked(g, xp.less(x, min)) if self.needs[1] else None


class ClampMax(Op):
    args = saves = ("x", "max")
    formula = r"\min(x, \mathrm{max})"
    vjp = (r"g \odot 1[x \le \mathrm{max}]", r"g \odot 1[x > \mathrm{max}]")
    backward_name = "ClampMaxBackward1"
    number_variants = {"max": "ClampMaxBackward0"}

    def forward(self, x, max):
        return xp.minimum(*promote(x, max))

    def backward(self, g, x, max):
        x, max = plain(x), plain(max)
        return masked(g, xp.less_equal(x, max)), masked(g, xp.greater(x, max)) if self.needs[1] else None


@torch_function
@tensor_method
def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """`input` limited to [min, max] (numbers or tensors); the gradient passes at the limits."""
    op, limits = _clamping(min, max)
    return op(input, *limits)


@torch_function
@tensor_method
def clamp_(self: Tensor, min: Any = None, max: Any = None) -> Tensor:
    op, limits = _clamping(min, max)
    return inplace(op, self, *limits)


def _clamping(min: Any, max: Any) -> tuple[Op, tuple]:
    """The operation for these limits, and those of them that are its inputs."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if isinstance(min, Tensor) or isinstance(max, Tensor):
        return ClampTensors(), (min, max)
    return Clamp(min, max), ()


@torch_function
@tensor_method
def clamp_min(input: Tensor, min: Any) -> Tensor:
    """`input`, or `min` (a number or tensor) where that is larger."""
    require_tensors("clamp_min", input=input)
    return ClampMin()(input, min)


@torch_function
@tensor_method
def clamp_max(input: Tensor, max: Any) -> Tensor:
    """`input`, or `max` (a number or tensor) where that is smaller."""
    require_tensors("clamp_max", input=input)
    return ClampMax()(input, max)


@torch_function
@tensor_method
def clamp_min_(self: Tensor, min: Any) -> Tensor:
    return inplace(ClampMin(), self, min)


@torch_function
@tensor_method
def clamp_max_(self: Tensor, max: Any) -> Tensor:
    return inplace(ClampMax(), self, max)


for _name, _function in {"clip": clamp, "clip_": clamp_}.items():
    publish_alias(_name, _function)
