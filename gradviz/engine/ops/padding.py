"""A border around a tensor: of constants, or of the tensor's own elements."""

from __future__ import annotations

import numpy

from gradviz.engine.backend import Array, asarray, xp
from gradviz.engine.ops.linear_maps import PickAlongAxes
from gradviz.engine.tape import Op

Widths = tuple[tuple[int, int], ...]  # before and after every dimension; negative ones cut off


class ConstantPadNd(Op):
    """`value` around the tensor."""

    args = terms = ("x",)
    formula = r"\mathrm{pad}(x)"
    vjp = (r"g\ \mathrm{without\ the\ border}",)

    def __init__(self, widths: Widths, value: float) -> None:
        self.widths = widths
        self.value = value

    def forward(self, x):
        kept = tuple(
            slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(x.shape, self.widths, strict=True)
        )
        border = [(max(a, 0), max(b, 0)) for a, b in self.widths]
        return xp.pad(x[kept], border, constant_values=self.value)

    def backward(self, g):
        return ConstantPadNd(tuple((-a, -b) for a, b in self.widths), 0.0)(g)


class BorderPadNd(PickAlongAxes):
    """Around the last dimensions their own elements: mirrored, or the outermost."""

    formula = r"\mathrm{pad}(x)"
    names = {"reflect": "ReflectionPad", "edge": "ReplicationPad"}

    def __init__(self, spatial: tuple[int, ...], widths: Widths, mode: str) -> None:
        super().__init__([with_border(n, *width, mode) for n, width in zip(spatial, widths, strict=True)])
        self.backward_name = f"{self.names[mode]}{len(widths)}DBackward0"


def with_border(n: int, before: int, after: int, mode: str) -> Array:
    """Which of n elements stand where, border included; `mode` is the array library's name."""
    border = (max(before, 0), max(after, 0))
    whole = numpy.pad(numpy.arange(n), border, mode=mode)  # type: ignore[call-overload]
    return asarray(whole[max(-before, 0) : len(whole) - max(-after, 0)])
