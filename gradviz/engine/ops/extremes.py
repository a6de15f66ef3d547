"""Largest, smallest and middle elements, sorting, and what follows from order."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, in_order, xp
from gradviz.engine.dtypes import float32
from gradviz.engine.errors import require_kinds, require_tensors
from gradviz.engine.explain.decomposition import Decomposition, Part, elements
from gradviz.engine.ops.arithmetic import maximum, minimum
from gradviz.engine.ops.gathering import ScatterAlong
from gradviz.engine.ops.reduction import Dims, Reduction
from gradviz.engine.ops.shape import wrap_dim
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import numpy_names, result_of, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor, wrap

MaxResult = result_of("max", "values", "indices")
MinResult = result_of("min", "values", "indices")
MedianResult = result_of("median", "values", "indices")
KthvalueResult = result_of("kthvalue", "values", "indices")
SortResult = result_of("sort", "values", "indices")
TopkResult = result_of("topk", "values", "indices")
AminmaxResult = result_of("aminmax", "min", "max")


def refuse_empty(name: str, shape: tuple[int, ...], axes: tuple[int, ...] | None) -> None:
    """Raises, in torch's words, when there is nothing along these dimensions (None: all)."""
    if axes is None and 0 in shape:
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
            "reduction dim with the 'dim' argument."
        )
    for axis in axes or ():
        if not shape[axis]:
            raise IndexError(f"{name}(): Expected reduction dim {axis} to have non-zero size.")


class Extreme(Reduction):
    """An extreme value; ties share its gradient evenly."""

    saves = ("x", "out")
    terms = ("x",)
    vjp = (r"g \odot 1[x = \mathrm{out}] / n_{\mathrm{ties}}",)

    def backward(self, g, x, out):
        hit = plain(x) == plain(self.spread(out))
        share = (hit / hit.sum(self.reduced, keepdims=True)).astype(plain(g).dtype)
        return self.spread(g) * share


class Amax(Extreme):
    formula = r"\max_{i} x_{i}"

    def forward(self, x):
        axes = self.axes(x)
        refuse_empty(self.op_name, x.shape, axes)
        return in_order(x.max(axes, keepdims=self.keepdim))


class Amin(Extreme):
    formula = r"\min_{i} x_{i}"

    def forward(self, x):
        axes = self.axes(x)
        refuse_empty(self.op_name, x.shape, axes)
        return in_order(x.min(axes, keepdims=self.keepdim))


class Max(Amax):
    backward_name = "MaxBackward1"


class Min(Amin):
    backward_name = "MinBackward1"


class Aminmax(Reduction):
    """Both extremes at once; ties share the gradient evenly."""

    outputs = ("least", "largest")
    saves = ("x", "least", "largest")
    formula = r"[\min_{i} x_{i},\ \max_{i} x_{i}]"
    vjp = (r"g_{1}\ \mathrm{at\ the\ minimum} + g_{2}\ \mathrm{at\ the\ maximum}",)

    def forward(self, x):
        axes = self.axes(x)
        return x.min(axes, keepdims=self.keepdim), x.max(axes, keepdims=self.keepdim)

    def backward(self, g_least, g_largest, x, least, largest):
        parts = [
            (self.spread(g), plain(x) == plain(self.spread(e)))
            for g, e in ((g_least, least), (g_largest, largest))
        ]
        shares = [g * (hit / hit.sum(self.reduced, keepdims=True)).astype(plain(x).dtype) for g, hit in parts]
        return shares[0] + shares[1]

    def decompose(self, nr, index, x):
        at = self.elements_of(index, x)
        part = x.reshape(-1)[at]
        winner = (part.argmax if nr else part.argmin)(keepdims=True)
        return Decomposition((Part(part[winner], "x", (("x", at[winner]),)),))


class Median(Extreme):
    """The lower of the two middle elements when their number is even."""

    formula = r"\mathrm{median}_{i}\, x_{i}"

    def forward(self, x):
        require_kinds("iuf", "median_cpu", x)
        self.axes(x)
        flat = x.ravel()
        if not flat.size:
            return xp.full((), xp.nan, x.dtype, like=x)
        if x.dtype.kind == "f" and xp.isnan(flat).any():
            return xp.full((), xp.nan, x.dtype, like=x)
        return xp.partition(flat, (flat.size - 1) // 2)[(flat.size - 1) // 2]


class Picking(Op):
    """Picks elements along one dimension by an order: gives them and their indices."""

    args: tuple[str, ...] = ("x",)
    saves: tuple[str, ...] = ("indices",)
    terms: tuple[str, ...] = ("x",)
    vjp: tuple[str, ...] = (r"g\ \mathrm{at\ the\ indices}",)

    def __init__(self, dim: int, keepdim: bool = True) -> None:
        self.dim, self.keepdim = dim, keepdim

    def forward(self, x):
        axis = self.axis = wrap_dim(self.dim, x.ndim)
        self.shape = x.shape
        self.check(x.shape[axis] if x.ndim else 1)
        if not x.ndim:
            self.indices = xp.zeros((), xp.int64, like=x)
            return x.copy(), self.indices
        self.indices = self.pick(x, axis)
        values = xp.take_along_axis(x, self.indices, axis)
        return (values, self.indices) if self.keepdim else (values.squeeze(axis), self.indices.squeeze(axis))

    def check(self, size: int) -> None:
        """Raises what torch does when nothing can be picked from so many elements."""
        if not size:
            refuse_empty(self.op_name, self.shape, (self.axis,))

    def pick(self, x: Array, axis: int) -> Array:
        """The indices (int64) of the picked elements, with `axis` kept."""
        raise NotImplementedError

    def decompose(self, nr, index, x):
        if nr == 0 or not x.ndim:
            return None  # one element, see `terms`
        axis = wrap_dim(self.dim, x.ndim)
        place = index if self.keepdim else (*index[:axis], 0, *index[axis:])
        picked = self.pick(x, axis)[place]
        at = elements(x, (*place[:axis], picked, *place[axis + 1 :]))
        return Decomposition((Part(picked, r"\mathrm{position\ of}\ x", (("x", at),)),))

    def backward(self, g, g_indices, indices):
        if not self.shape:
            return g
        return ScatterAlong(self.axis, self.shape, indices)(g.reshape(indices.shape))


class MaxAlong(Picking):
    formula = r"\max_{i} x_{i}"
    op_name = "max"
    backward_name = "MaxBackward0"

    def pick(self, x, axis):
        return x.argmax(axis, keepdims=True)


class MinAlong(Picking):
    formula = r"\min_{i} x_{i}"
    op_name = "min"
    backward_name = "MinBackward0"

    def pick(self, x, axis):
        return x.argmin(axis, keepdims=True)


class MedianAlong(Picking):
    formula = r"\mathrm{median}_{i}\, x_{i}"
    op_name = "median"
    backward_name = "MedianBackward1"

    def pick(self, x, axis):
        return xp.take(x.argsort(axis, kind="stable"), [(x.shape[axis] - 1) // 2], axis)


class Kthvalue(Picking):
    formula = r"x_{(k)}"

    def __init__(self, k: int, dim: int, keepdim: bool) -> None:
        super().__init__(dim, keepdim)
        self.k = k

    def check(self, size):
        if not 1 <= self.k <= size:
            raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {self.axis}")

    def pick(self, x, axis):
        return xp.take(x.argsort(axis, kind="stable"), [self.k - 1], axis)


class Sort(Picking):
    formula = r"\mathrm{sort}(x)"

    def __init__(self, dim: int, descending: bool, stable: bool | None = None) -> None:
        super().__init__(dim)
        self.descending = descending  # equal elements keep their order, whether `stable` asks for it or not
        self.backward_name = f"SortBackward{int(stable is not None)}"

    def check(self, size):
        """Nothing is in order."""

    def pick(self, x, axis):
        if not self.descending:
            return x.argsort(axis, kind="stable")
        # Sorted backwards from the end, so that equal elements keep their order.
        order = xp.flip(x, axis).argsort(axis, kind="stable")
        return x.shape[axis] - 1 - xp.flip(order, axis)


class Topk(Picking):
    formula = r"\mathrm{topk}(x)"

    def __init__(self, k: int, dim: int, largest: bool) -> None:
        super().__init__(dim)
        self.k, self.largest = k, largest

    def check(self, size):
        if not 0 <= self.k <= size:
            raise RuntimeError("selected index k out of range")

    def pick(self, x, axis):
        order = Sort(axis, descending=self.largest).pick(x, axis)
        return xp.take(order, xp.arange(self.k, like=x), axis)


class Argmax(Reduction):
    formula = r"\mathrm{argmax}_{i}\, x_{i}"
    vjp = ("0",)
    differentiable = False

    def forward(self, x):
        return x.argmax(self.axis(x), keepdims=self.keepdim)

    def axis(self, x: Array) -> int | None:
        """The dimension to search; None for all."""
        if x.dtype == bool:
            raise RuntimeError(f"{self.op_name}(): does not support bool input")
        if self.dim is None and not x.size:
            raise IndexError(
                f"{self.op_name}(): Expected reduction dim to be specified for input.numel() == 0."
            )
        axis = None if self.dim is None else wrap_dim(self.dim, x.ndim)
        if axis is None or not x.ndim:
            return None
        refuse_empty(self.op_name, x.shape, (axis,))
        return axis

    def decompose(self, nr, index, x):
        at = self.elements_of(index, x)
        winner = self.forward(x).reshape(-1) if self.dim is None else self.forward(x)[index].reshape(1)
        return Decomposition((Part(winner, self.formula, (("x", at[winner]),)),))


class Argmin(Argmax):
    formula = r"\mathrm{argmin}_{i}\, x_{i}"

    def forward(self, x):
        return x.argmin(self.axis(x), keepdims=self.keepdim)


@torch_function
@tensor_method
@numpy_names
def max(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The largest element; with `dim` that along it and its first index; with a tensor pairwise."""
    if other is not None or isinstance(dim, Tensor):
        other = dim if other is None else other
        require_tensors("max", input=input, other=other)
        return maximum(input, other)
    if dim is None:
        return Max()(input)
    return MaxResult(*MaxAlong(dim, keepdim)(input))


@torch_function
@tensor_method
@numpy_names
def min(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The smallest element; with `dim` that along it and its first index; with a tensor pairwise."""
    if other is not None or isinstance(dim, Tensor):
        other = dim if other is None else other
        require_tensors("min", input=input, other=other)
        return minimum(input, other)
    if dim is None:
        return Min()(input)
    return MinResult(*MinAlong(dim, keepdim)(input))


@torch_function
@tensor_method
@numpy_names
def amax(input: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
    """The largest element over `dim`; a tie's gradient is split evenly."""
    return Amax(dim, keepdim)(input)


@torch_function
@tensor_method
@numpy_names
def amin(input: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
    """The smallest element over `dim`; a tie's gradient is split evenly."""
    return Amin(dim, keepdim)(input)


@torch_function
@tensor_method
@numpy_names
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """The smallest and the largest element."""
    if dim is None and not input.numel():
        raise RuntimeError(
            "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity."
        )
    if dim is not None and input.ndim and not input.shape[wrap_dim(dim, input.ndim)]:
        raise IndexError(f"aminmax: Expected reduction dim {dim} to have non-zero size.")
    return AminmaxResult(*Aminmax(dim, keepdim)(input))


@torch_function
@tensor_method
@numpy_names
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index (int64) of the first largest element, in the flattened tensor or along `dim`."""
    return Argmax(dim, keepdim)(input)


@torch_function
@tensor_method
@numpy_names
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index (int64) of the first smallest element, in the flattened tensor or along `dim`."""
    return Argmin(dim, keepdim)(input)


@torch_function
@tensor_method
@numpy_names
def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The (lower) median; with `dim` along it, with its index."""
    return Median()(input) if dim is None else MedianResult(*MedianAlong(dim, keepdim)(input))


@torch_function
@tensor_method
@numpy_names
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The k-th smallest element (from 1) along `dim`, and its index."""
    return KthvalueResult(*Kthvalue(k, dim, keepdim)(input))


@torch_function
@tensor_method
@numpy_names
def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool | None = None) -> Any:
    """The elements in order along `dim`, and their indices."""
    return SortResult(*Sort(dim, descending, stable)(input))


@torch_function
@tensor_method
def msort(input: Tensor) -> Tensor:
    """The elements in ascending order along the first dimension."""
    return sort(input, 0).values


@torch_function
@tensor_method
@numpy_names
def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """The indices (int64) that sort the tensor along `dim`."""
    return sort(input, dim, descending).indices


@torch_function
@tensor_method
@numpy_names
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The `k` largest (or smallest) elements along `dim`, in order, and their indices."""
    return TopkResult(*Topk(k, dim, largest)(input))


@torch_function
@tensor_method
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often every integer from 0 occurs (or the sum of its weights)."""
    array = plain(input)
    if array.ndim != 1 or array.dtype.kind not in "iu" or (array < 0).any():
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    counts = xp.bincount(array, None if weights is None else plain(weights), minlength)
    return wrap(counts if weights is None or weights.dtype is not float32 else counts.astype("float32"))
