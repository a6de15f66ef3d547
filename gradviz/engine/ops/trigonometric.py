"""Angles: the trigonometric and hyperbolic functions and their inverses, in radians."""

from __future__ import annotations

from gradviz.engine.backend import xp
from gradviz.engine.dtypes import floating
from gradviz.engine.ops.pointwise import publish_unary_alias, rsqrt, unary
from gradviz.engine.tape import Op


class Sin(Op):
    args = saves = ("x",)
    formula = r"\sin x"
    vjp = (r"g \odot \cos x",)

    def forward(self, x):
        return xp.sin(floating(x))

    def backward(self, g, x):
        return g * cos(x)


class Cos(Op):
    args = saves = ("x",)
    formula = r"\cos x"
    vjp = (r"-g \odot \sin x",)

    def forward(self, x):
        return xp.cos(floating(x))

    def backward(self, g, x):
        return -g * sin(x)


class Tan(Op):
    args = ("x",)
    saves = ("out",)
    formula = r"\tan x"
    vjp = (r"g \odot (1 + \mathrm{out}^{2})",)

    def forward(self, x):
        return xp.tan(floating(x))

    def backward(self, g, out):
        return g * (out * out + 1)


class Asin(Op):
    args = saves = ("x",)
    formula = r"\arcsin x"
    vjp = (r"g / \sqrt{1 - x^{2}}",)

    def forward(self, x):
        return xp.arcsin(floating(x))

    def backward(self, g, x):
        return g * rsqrt(1 - x * x)


class Acos(Op):
    args = saves = ("x",)
    formula = r"\arccos x"
    vjp = (r"-g / \sqrt{1 - x^{2}}",)

    def forward(self, x):
        return xp.arccos(floating(x))

    def backward(self, g, x):
        return -g * rsqrt(1 - x * x)


class Atan(Op):
    args = saves = ("x",)
    formula = r"\arctan x"
    vjp = ("g / (1 + x^{2})",)

    def forward(self, x):
        return xp.arctan(floating(x))

    def backward(self, g, x):
        return g / (x * x + 1)


class Sinh(Op):
    args = saves = ("x",)
    formula = r"\sinh x"
    vjp = (r"g \odot \cosh x",)

    def forward(self, x):
        return xp.sinh(floating(x))

    def backward(self, g, x):
        return g * cosh(x)


class Cosh(Op):
    args = saves = ("x",)
    formula = r"\cosh x"
    vjp = (r"g \odot \sinh x",)

    def forward(self, x):
        return xp.cosh(floating(x))

    def backward(self, g, x):
        return g * sinh(x)


class Asinh(Op):
    args = saves = ("x",)
    formula = r"\mathrm{arsinh}\, x"
    vjp = (r"g / \sqrt{x^{2} + 1}",)

    def forward(self, x):
        return xp.arcsinh(floating(x))

    def backward(self, g, x):
        return g * rsqrt(x * x + 1)


class Acosh(Op):
    args = saves = ("x",)
    formula = r"\mathrm{arcosh}\, x"
    vjp = (r"g / \sqrt{x^{2} - 1}",)

    def forward(self, x):
        return xp.arccosh(floating(x))

    def backward(self, g, x):
        return g * rsqrt(x * x - 1)


class Atanh(Op):
    args = saves = ("x",)
    formula = r"\mathrm{artanh}\, x"
    vjp = ("g / (1 - x^{2})",)

    def forward(self, x):
        return xp.arctanh(floating(x))

    def backward(self, g, x):
        return g / (1 - x * x)


sin, cos, tan, asin, acos, atan = unary(Sin), unary(Cos), unary(Tan), unary(Asin), unary(Acos), unary(Atan)
sinh, cosh, asinh, acosh, atanh = unary(Sinh), unary(Cosh), unary(Asinh), unary(Acosh), unary(Atanh)

for _name, _function in {
    "arcsin": asin,
    "arccos": acos,
    "arctan": atan,
    "arcsinh": asinh,
    "arccosh": acosh,
    "arctanh": atanh,
}.items():
    publish_unary_alias(_name, _function)
