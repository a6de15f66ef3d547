"""Activations that are straight, or nothing, piece by piece."""

from __future__ import annotations

from gradviz.engine.backend import Array, xp
from gradviz.engine.polymorphic import plain
from gradviz.engine.tape import Op


class Hardtanh(Op):
    args = saves = ("x",)
    formula = r"\min(\max(x, \mathrm{min}), \mathrm{max})"
    vjp = (r"g \odot 1[\mathrm{min} < x < \mathrm{max}]",)
    symbols = {r"\mathrm{min}": "min_val", r"\mathrm{max}": "max_val"}

    def __init__(self, min_val: float, max_val: float) -> None:
        self.min_val, self.max_val = min_val, max_val

    def forward(self, x):
        return xp.clip(x, self.min_val, self.max_val).astype(x.dtype, copy=False)

    def backward(self, g, x):
        x = plain(x)
        return g * ~((x <= self.min_val) | (x >= self.max_val))


ONE_SIXTH = 0.1666666716337204  # as torch rounds it for its hardsigmoid, to float32


class Hardsigmoid(Op):
    args = saves = ("x",)
    formula = r"\min(\max(x + 3, 0), 6) / 6"
    vjp = (r"\frac{1}{6}\, g \odot 1[-3 < x < 3]",)

    def forward(self, x):
        return xp.clip(x + 3, 0, 6) / 6

    def backward(self, g, x):
        return g * (xp.abs(plain(x)) < 3) * ONE_SIXTH


class Hardswish(Op):
    args = saves = ("x",)
    formula = r"x \min(\max(x + 3, 0), 6) / 6"
    vjp = (r"g \odot (1[x \ge 3] + (x / 3 + 1 / 2)\, 1[-3 < x < 3])",)

    def forward(self, x):
        return x * xp.clip(x + 3, 0, 6) / 6

    def backward(self, g, x):
        inside = xp.abs(plain(x)) < 3
        return g * ((x / 3 + 0.5) * inside + (plain(x) >= 3))


class Hardshrink(Op):
    args = saves = ("x",)
    formula = r"x\ \mathrm{if}\ |x| > \lambda\ \mathrm{else}\ 0"
    vjp = (r"g \odot 1[|x| > \lambda]",)
    symbols = {r"\lambda": "lambd"}

    def __init__(self, lambd: float) -> None:
        self.lambd = lambd

    def forward(self, x):
        return xp.where(xp.abs(x) <= self.lambd, xp.zeros((), x.dtype, like=x), x)

    def backward(self, g, x):
        return g * ~(xp.abs(plain(x)) <= self.lambd)


class Softshrink(Op):
    args = saves = ("x",)
    formula = r"\mathrm{sign}(x) \max(|x| - \lambda, 0)"
    vjp = (r"g \odot 1[|x| > \lambda]",)
    symbols = {r"\lambda": "lambd"}

    def __init__(self, lambd: float) -> None:
        self.lambd = lambd

    def forward(self, x):
        return x - xp.clip(x, -self.lambd, self.lambd)

    def backward(self, g, x):
        return g * ~(xp.abs(plain(x)) <= self.lambd)


class Threshold(Op):
    args = saves = ("x",)
    formula = r"x\ \mathrm{if}\ x > \mathrm{threshold}\ \mathrm{else}\ \mathrm{value}"
    vjp = (r"g \odot 1[x > \mathrm{threshold}]",)

    def __init__(self, threshold: float, value: float) -> None:
        self.threshold, self.value = threshold, value

    def forward(self, x):
        return xp.where(x <= self.threshold, xp.asarray(self.value, x.dtype, like=x), x)

    def backward(self, g, x):
        return g * ~(plain(x) <= self.threshold)


class RreluWithNoise(Op):
    """A slope of its own for every element that is not positive; the noise is 1 where x is."""

    args = ("x",)
    saves = ("noise",)
    formula = r"x \odot \mathrm{noise}"
    vjp = (r"g \odot \mathrm{noise}",)
    symbols = {r"\mathrm{noise}": "slopes"}

    def __init__(self, slopes: Array) -> None:
        self.slopes = slopes

    def forward(self, x):
        self.noise = self.slopes
        return x * self.noise

    def backward(self, g, noise):
        return g * noise
