"""Scattered elements reduced to their sum, product, mean or extreme where they meet.

Source: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_reduce_.html
"""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, add_at, combine_at, xp
from gradviz.engine.explain.decomposition import Decomposition, Part, elements
from gradviz.engine.inplace import inplace
from gradviz.engine.ops.gathering import along, check_index
from gradviz.engine.ops.indexing import Index, Place, ZeroAt, positions_along
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.polymorphic import masked, plain
from gradviz.engine.registry import numpy_names, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class ScatterReduce(Op):
    """What is in `x` (unless left out) and what comes from `src`, reduced at each position."""

    args = terms = ("x", "src")
    outputs = ("out",)
    saves: tuple[str, ...] = ("x", "src", "out")
    formula = r"\mathrm{reduce}(x_{i},\ \mathrm{src}_{j}\ \mathrm{with}\ \mathrm{index}_{j} = i)"
    vjp = (
        r"g\ \partial\,\mathrm{out}/\partial x",
        r"g[\mathrm{index}]\ \partial\,\mathrm{out}/\partial \mathrm{src}",
    )

    def __init__(self, dim: int, index: Array, reduce: str, include_self: bool) -> None:
        self.dim, self.index, self.reduce, self.include_self = dim, index, reduce, include_self

    def positions(self, x: Array, src: Array) -> tuple:
        """Where the elements of `src`, as far as `index` reaches, belong in `x`."""
        check_index("scatter", self.index, x, wrap_dim(self.dim, x.ndim), src)
        self.part = tuple(slice(n) for n in self.index.shape)
        return along(self.index, wrap_dim(self.dim, x.ndim))

    def forward(self, x, src):
        self.shape, self.src_shape = x.shape, src.shape
        out = x.copy() if x.ndim else x.reshape(1).copy()
        if not self.index.size:
            self.where, self.part = None, ()
            return out.reshape(x.shape)
        if not x.ndim:
            self.index, src = self.index.reshape(-1), src.reshape(-1)
        self.where = self.positions(out, src)
        values = src[self.part]
        if not self.include_self:
            out[self.where] = neutral(self.reduce, x.dtype)
        if self.reduce in ("sum", "mean"):
            add_at(out, self.where, values)
        else:
            combine_at(COMBINE[self.reduce], out, self.where, values)
        if self.reduce == "mean":
            count = self.counts(out)
            out = out / count if out.dtype.kind == "f" else out // count.astype(out.dtype)
            out = out.astype(x.dtype)
        return out.reshape(x.shape)

    def counts(self, like: Array) -> Array:
        """How many elements meet at every position; 1 where there are none."""
        count = xp.ones_like(like)
        if not self.include_self:
            count[self.where] = 0
        add_at(count, self.where, xp.ones(like[self.where].shape, like.dtype, like=like))
        return xp.maximum(count, 1)

    def backward(self, g, x, src, out):
        if self.where is None:
            return g, None
        if not self.shape:
            g, x, out, src = (v.reshape(1) for v in (g, x, out, src))
        values = src[self.part]
        slopes = {"sum": self._sum, "mean": self._mean, "prod": self._product}.get(self.reduce, self._extreme)
        g_x, g_values = slopes(g, x, values, out)
        if not self.include_self:
            g_x = ZeroAt(self.where)(g_x)
        whole = tuple(src.shape)
        g_src = g_values if tuple(g_values.shape) == whole else Place(whole, self.part)(g_values)
        return g_x.reshape(self.shape), g_src.reshape(self.src_shape)

    def _sum(self, g, x, values, out):
        return g, self._at(g)

    def _mean(self, g, x, values, out):
        share = g / self.counts(plain(x))
        return share, self._at(share)

    def _extreme(self, g, x, values, out):
        hit_x = (plain(x) == plain(out)).astype(plain(g).dtype)
        if not self.include_self:
            hit_x[self.where] = 0
        hit = (plain(values) == plain(out)[self.where]).astype(plain(g).dtype)
        count = hit_x.copy()
        add_at(count, self.where, hit)
        share = g / xp.maximum(count, 1)
        return share * hit_x, self._at(share) * hit

    def _product(self, g, x, values, out):
        # Without the zeros, of which a position may have one that the product of the others stands for.
        zero_x, zero = plain(x) == 0, plain(values) == 0
        zeros = xp.zeros(plain(x).shape, "int64", like=plain(x))
        add_at(zeros, self.where, zero.astype("int64"))
        alone = zero & (zeros[self.where] == 1)
        others_of_x = Scattered(self.where, self.include_self)(x + zero_x, values)
        others = Scattered(self.where, self.include_self)(x, values + alone)
        g_x = g * others_of_x / (x + zero_x)
        usual = masked(self._at(g * out) / (values + zero), ~zero)
        return g_x, usual + masked(self._at(g * others), alone)

    def _at(self, g: Any) -> Any:
        return Index(self.where)(g)

    def decompose(self, nr, index, x, src):
        if self.reduce != "prod":
            return None  # a sum of terms
        value = self.forward(x, src)[index]
        here = elements(x, index)
        met = elements(src).reshape(src.shape)[self.part][elements(x).reshape(x.shape)[self.where] == here]
        factors = [("src", met[i : i + 1]) for i in range(len(met))]
        if self.include_self or not factors:
            factors.append(("x", here))
        return Decomposition((Part(value.reshape(1), "", tuple(factors)),))


class IndexReduce(ScatterReduce):
    """As `ScatterReduce`, for whole slices of a dimension."""

    backward_name = "IndexReduceBackward0"

    def positions(self, x, src):
        axis = wrap_dim(self.dim, x.ndim)
        if x.dtype != src.dtype:
            raise RuntimeError("index_reduce(): self and source expected to have the same dtype")
        if x.shape[:axis] + x.shape[axis + 1 :] != src.shape[:axis] + src.shape[axis + 1 :]:
            raise RuntimeError(
                "source tensor shape must match self tensor shape, excluding the specified dimension. Got "
                f"self.shape = {list(x.shape)} source.shape = {list(src.shape)}"
            )
        self.part = (slice(None),) * src.ndim
        return (slice(None),) * axis + (self.index,)


class Scattered(ScatterReduce):
    """The product of elements that meet, at positions already known."""

    backward_name = "ScatterReduceBackward0"

    def __init__(self, where: tuple, include_self: bool) -> None:
        super().__init__(0, where[-1], "prod", include_self)
        self.given = where

    def positions(self, x, src):
        self.part = (slice(None),) * src.ndim
        return self.given


COMBINE = {"prod": xp.multiply, "amax": xp.maximum, "amin": xp.minimum}


def neutral(reduce: str, dtype: Any) -> float:
    """What changes nothing in a reduction."""
    if dtype.kind == "b":
        return reduce in ("amin", "prod")
    if reduce in ("amax", "amin"):
        sign = -1 if reduce == "amax" else 1
        return sign * xp.inf if dtype.kind == "f" else getattr(xp.iinfo(dtype), "min" if sign < 0 else "max")
    return 1 if reduce == "prod" else 0


def check_reduce(name: str, reduce: str, allowed: tuple[str, ...]) -> str:
    """Raises RuntimeError for a reduction that is not `allowed`."""
    if reduce not in allowed:
        raise RuntimeError(
            f"{name} argument must be either {', '.join(allowed[:-1])} or {allowed[-1]}, got {reduce}."
        )
    return reduce


@torch_function
@tensor_method
@numpy_names
def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """A copy with what `src` brings to each position reduced: "sum", "prod", "mean", "amax" or "amin"."""
    check_reduce("reduce", reduce, REDUCTIONS)
    return ScatterReduce(dim, plain(index), reduce, include_self)(input, src)


@tensor_method
@numpy_names
def scatter_reduce_(
    self: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    check_reduce("reduce", reduce, REDUCTIONS)
    return inplace(ScatterReduce(dim, plain(index), reduce, include_self), self, src)


@torch_function
@tensor_method
@numpy_names
def index_reduce(
    input: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """A copy with the slices of `source` reduced at the positions `index`: "prod", "mean", "amax", "amin"."""
    if not input.ndim:  # counts as a vector of one
        vectors = input.reshape(1), dim, index, source.reshape(1), reduce
        return index_reduce(*vectors, include_self=include_self).reshape(())
    return _index_reduction(dim, index, input, reduce, include_self)(input, source)


@tensor_method
@numpy_names
def index_reduce_(
    self: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    return inplace(_index_reduction(dim, index, self, reduce, include_self), self, source)


REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


def _index_reduction(dim: int, index: Tensor, x: Tensor, reduce: str, include_self: bool) -> Op:
    check_reduce("index_reduce(): Expected reduce", reduce, REDUCTIONS[1:])
    positions = positions_along(dim, index, x, "index_reduce")
    return IndexReduce(dim, positions[-1], reduce, include_self)
