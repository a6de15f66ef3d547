"""A border of constants around a tensor."""

from __future__ import annotations

from gradviz.engine.backend import xp
from gradviz.engine.tape import Op


class ConstantPadNd(Op):
    """`widths` are (before, after) for every dimension; a negative width cuts off."""

    args = terms = ("x",)
    formula = r"\mathrm{pad}(x)"
    vjp = (r"g\ \mathrm{without\ the\ border}",)

    def __init__(self, widths: tuple[tuple[int, int], ...], value: float) -> None:
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
