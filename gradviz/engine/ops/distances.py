"""Distances between tensors and between their rows, and rows scaled down to a largest norm."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.explain.decomposition import Decomposition, Part, elements
from gradviz.engine.inplace import inplace
from gradviz.engine.ops.indexing import AddAt
from gradviz.engine.ops.masking import Where
from gradviz.engine.ops.reduction import Norm
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


def slopes(p: float, g: Any, difference: Any, out: Any, dim: Any) -> Any:
    """The gradient of the differences whose norms over `dim` are `out`."""
    norm = Norm(p, dim, keepdim=False)
    norm.axes(plain(difference))
    return norm.backward(g, difference, out)


class Dist(Op):
    args = ("x", "y")
    saves = ("x", "y", "out")
    formula = r"\|x - y\|_{p}"
    vjp = (r"g\ \partial \|d\|_{p} / \partial d,\ d = x - y", r"-g\ \partial \|d\|_{p} / \partial d")

    def __init__(self, p: float) -> None:
        self.p = p

    def forward(self, x, y):
        return Norm(self.p, None, keepdim=False).forward(x - y)

    def backward(self, g, x, y, out):
        found = slopes(self.p, g, x - y, out, None)
        return found, -found

    def decompose(self, nr, index, x, y):
        return whole(self.formula, self.forward(x, y), x=elements(x), y=elements(y))


class Cdist(Op):
    """The distances of all pairs of rows."""

    args = ("x1", "x2")
    saves = ("x1", "x2", "out")
    formula = r"\|x_{1, i} - x_{2, j}\|_{p}"
    vjp = (
        r"\textstyle\sum_{j} g_{ij}\ \partial \|d\|_{p} / \partial d,\ d = x_{1, i} - x_{2, j}",
        r"-\textstyle\sum_{i} g_{ij}\ \partial \|d\|_{p} / \partial d",
    )

    def __init__(self, p: float) -> None:
        self.p = p

    def forward(self, x1, x2):
        if x1.ndim < 2 or x2.ndim < 2:
            name, x = ("X1", x1) if x1.ndim < 2 else ("X2", x2)
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {x.ndim}D")
        if x1.shape[-1] != x2.shape[-1]:
            raise RuntimeError(
                f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: {x2.shape[-1]}"
            )
        return Norm(self.p, -1, keepdim=False).forward(pairs(x1, x2))

    def backward(self, g, x1, x2, out):
        found = slopes(self.p, g, pairs(x1, x2), out, -1)
        return found.sum(-2), -found.sum(-3)

    def decompose(self, nr, index, x1, x2):
        *stack, i, j = index
        places = [
            elements(x, (*(0 if n == 1 else k for n, k in zip(x.shape[:-2], stack, strict=True)), at))
            for x, at in ((x1, i), (x2, j))
            if x.ndim == len(index)
        ]
        if len(places) < 2:  # stacks of different depth
            places = [elements(x1), elements(x2)]
        return whole(self.formula, self.forward(x1, x2)[index], x1=places[0], x2=places[1])


class Pdist(Op):
    """The distances of all pairs of rows of one matrix, each pair once."""

    args = ("x",)
    saves = ("x", "out")
    formula = r"\|x_{i} - x_{j}\|_{p},\ i < j"
    vjp = (r"\textstyle\sum_{j} \pm g_{ij}\ \partial \|d\|_{p} / \partial d,\ d = x_{i} - x_{j}",)

    def __init__(self, p: float) -> None:
        self.p = p

    def forward(self, x):
        if x.ndim != 2:
            raise RuntimeError(f"pdist only supports 2D tensors, got: {x.ndim}D")
        self.first, self.second = (xp.asarray(i, like=x) for i in xp.triu_indices(len(x), 1))
        return Norm(self.p, -1, keepdim=False).forward(x[self.first] - x[self.second])

    def backward(self, g, x, out):
        difference = x[self.first] - x[self.second]
        found = slopes(self.p, g, difference, out, -1)
        shape = tuple(x.shape)
        return AddAt(shape, (self.first,))(found) - AddAt(shape, (self.second,))(found)

    def decompose(self, nr, index, x):
        value = self.forward(x)[index]
        rows = elements(x, [int(self.first[index]), int(self.second[index])])
        return whole(self.formula, value, x=rows)


class Renorm(Op):
    """Slices along a dimension, those with a larger norm scaled down to `maxnorm`."""

    args = saves = ("x",)
    formula = r"x \min(1,\ \mathrm{maxnorm} / \|x_{i}\|_{p})"
    vjp = (r"g\ \mathrm{scaled\ alike,\ without\ its\ part\ along\ the\ norm\'s\ slope}",)

    def __init__(self, p: float, dim: int, maxnorm: float) -> None:
        self.p, self.dim, self.maxnorm = p, dim, maxnorm

    def _norms(self, x: Any) -> Any:
        axis = wrap_dim(self.dim, x.ndim)
        return Norm(self.p, tuple(a for a in range(x.ndim) if a != axis), keepdim=True)(x)

    def forward(self, x):
        if x.ndim < 2:
            raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {x.ndim} dimensions")
        norms = self._norms(x)
        return xp.where(norms > self.maxnorm, x * (self.maxnorm / (norms + 1e-7)), x).astype(x.dtype)

    def backward(self, g, x):
        norms = self._norms(x)
        axes = tuple(a for a in range(x.ndim) if a != wrap_dim(self.dim, x.ndim))
        norm = Norm(self.p, axes, keepdim=True)
        norm.axes(plain(x))
        inverse = 1 / (norms + 1e-7)
        along = norm.backward((x * g).sum(axes, keepdims=True), x, norms)
        scaled = (g - along * inverse) * inverse * self.maxnorm
        return Where(plain(norms) > self.maxnorm)(scaled, g)

    def decompose(self, nr, index, x):
        axis = wrap_dim(self.dim, x.ndim)
        line = elements(x, (slice(None),) * axis + (index[axis],))
        return whole(self.formula, self.forward(x)[index], x=line)


def pairs(x1: Any, x2: Any) -> Any:
    """The differences of all pairs of rows."""
    return x1[..., :, None, :] - x2[..., None, :, :]


def whole(rule: str, value: Array, **arguments: Array) -> Decomposition:
    """One term, in which all these elements of the arguments take part."""
    factors = [(name, at[i : i + 1]) for name, at in arguments.items() for i in range(len(at))]
    return Decomposition((Part(xp.asarray(value).reshape(1), rule, tuple(factors)),))


@torch_function
@tensor_method
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The norm of `input - other`, broadcast."""
    return Dist(p)(input, other)


@torch_function
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str | None = None) -> Tensor:
    """The distances of all pairs of rows: (…, n, d) and (…, m, d) give (…, n, m)."""
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    return Cdist(p)(x1, x2)


@torch_function
def pdist(input: Tensor, p: float = 2.0) -> Tensor:
    """The distances of all pairs of rows i < j: (n, d) gives (n (n - 1) / 2)."""
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    return Pdist(p)(input)


@torch_function
@tensor_method
def renorm(input: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """Slices along `dim`, those with a p-norm above `maxnorm` scaled down to it."""
    return Renorm(p, dim, maxnorm)(input)


@tensor_method
def renorm_(self: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    return inplace(Renorm(p, dim, maxnorm), self)
