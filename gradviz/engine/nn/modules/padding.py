"""Layers that put a border around their input.

Source: https://docs.pytorch.org/docs/stable/nn.html#padding-layers
"""

from __future__ import annotations

from collections.abc import Sequence

from gradviz.engine.nn import functional as F
from gradviz.engine.nn.functional.convolution import sizes
from gradviz.engine.nn.modules.module import Module
from gradviz.engine.tensor import Tensor


class _Pad(Module):
    """A border as wide as `padding` says: the same everywhere, or (left, right, top, bottom, front, back)."""

    dims: int
    mode: str

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        self.padding = sizes(padding, 2 * self.dims)

    def _check_input(self, input: Tensor) -> None:
        """Raises ValueError for an input of a wrong number of dimensions."""

    def forward(self, input: Tensor) -> Tensor:
        self._check_input(input)
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPad(_Pad):
    """A border of one value."""

    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class _ZeroPad(_Pad):
    """A border of zeros."""

    mode = "constant"


class _ReflectionPad(_Pad):
    """A border in which the input is mirrored, the outermost elements being the mirror."""

    mode = "reflect"


class _ReplicationPad(_Pad):
    """A border that repeats the outermost elements."""

    mode = "replicate"


class _CircularPad(_Pad):
    """A border that goes on with the other end of the input."""

    mode = "circular"

    def _check_input(self, input: Tensor) -> None:
        if input.ndim not in (self.dims + 1, self.dims + 2):
            words = f"expected {self.dims + 1}D or {self.dims + 2}D input (got {input.ndim}D input)"
            raise ValueError(words)


class ConstantPad1d(_ConstantPad):
    """One value around (N, C, L)."""

    dims = 1


class ConstantPad2d(_ConstantPad):
    """One value around (N, C, H, W)."""

    dims = 2


class ConstantPad3d(_ConstantPad):
    """One value around (N, C, D, H, W)."""

    dims = 3


class ZeroPad1d(_ZeroPad):
    """Zeros around (N, C, L)."""

    dims = 1


class ZeroPad2d(_ZeroPad):
    """Zeros around (N, C, H, W)."""

    dims = 2


class ZeroPad3d(_ZeroPad):
    """Zeros around (N, C, D, H, W)."""

    dims = 3


class ReflectionPad1d(_ReflectionPad):
    """A mirror image around (N, C, L)."""

    dims = 1


class ReflectionPad2d(_ReflectionPad):
    """A mirror image around (N, C, H, W)."""

    dims = 2


class ReflectionPad3d(_ReflectionPad):
    """A mirror image around (N, C, D, H, W)."""

    dims = 3


class ReplicationPad1d(_ReplicationPad):
    """The outermost elements around (N, C, L)."""

    dims = 1


class ReplicationPad2d(_ReplicationPad):
    """The outermost elements around (N, C, H, W)."""

    dims = 2


class ReplicationPad3d(_ReplicationPad):
    """The outermost elements around (N, C, D, H, W)."""

    dims = 3


class CircularPad1d(_CircularPad):
    """The other end around (N, C, L)."""

    dims = 1


class CircularPad2d(_CircularPad):
    """The other end around (N, C, H, W)."""

    dims = 2


class CircularPad3d(_CircularPad):
    """The other end around (N, C, D, H, W)."""

    dims = 3
