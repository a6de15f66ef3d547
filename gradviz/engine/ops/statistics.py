"""Statistics: what is left without NaN, the most frequent element, histograms, covariance."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, accumulate, to_numpy, xp
from gradviz.engine.dtypes import of_array, to_array_dtype
from gradviz.engine.ops.comparison import isnan
from gradviz.engine.ops.extremes import Median, MedianAlong, Picking
from gradviz.engine.ops.reduction import Dims, Reduction
from gradviz.engine.polymorphic import expanded, masked, plain
from gradviz.engine.registry import numpy_names, result_of, tensor_method, torch_function
from gradviz.engine.tensor import Tensor, wrap

ModeResult = result_of("mode", "values", "indices")
NanmedianResult = result_of("nanmedian", "values", "indices")
HistogramResult = result_of("histogram", "hist", "bin_edges")


class Nansum(Reduction):
    args = ("x",)
    saves = ("x",)
    formula = r"\textstyle\sum_{i} x_{i},\ \mathrm{without\ NaN}"
    vjp = (r"g \odot 1[x\ \mathrm{is\ a\ number}]",)
    terms = ("x",)

    def __init__(self, dim: Dims, keepdim: bool, dtype: Any = None) -> None:
        super().__init__(dim, keepdim)
        self.dtype = dtype

    def forward(self, x):
        axes = self.axes(x)
        if x.dtype.kind == "f":
            x = xp.where(xp.isnan(x), xp.zeros((), x.dtype, like=x), x)
        dtype = self.dtype or ("int64" if x.dtype.kind in "iub" else None)
        return x.sum(axes, dtype=dtype, keepdims=self.keepdim)

    def backward(self, g, x):
        return masked(expanded(self.spread(g), self.shape), ~xp.isnan(plain(x)))


class Nanmedian(Median):
    """The lower median of what is not NaN."""

    formula = r"\mathrm{median}_{i}\, x_{i},\ \mathrm{without\ NaN}"

    def forward(self, x):
        self.axes(x)
        flat = x.reshape(-1)
        if flat.dtype.kind == "f":
            flat = flat[~xp.isnan(flat)]
        if not flat.size:
            return xp.asarray(xp.nan, x.dtype, like=x)
        return xp.sort(flat)[(flat.size - 1) // 2]


class NanmedianAlong(MedianAlong):
    formula = Nanmedian.formula
    op_name = "nanmedian"
    backward_name = "NanmedianBackward1"

    def pick(self, x, axis):
        order = x.argsort(axis, kind="stable")  # NaN comes last
        numbers = (~xp.isnan(x)).sum(axis, keepdims=True) if x.dtype.kind == "f" else x.shape[axis]
        middle = xp.maximum(numbers - 1, 0) // 2
        shape = [n if a != axis else 1 for a, n in enumerate(x.shape)]
        return xp.take_along_axis(order, xp.broadcast_to(xp.asarray(middle, like=x), shape), axis)


class Mode(Picking):
    """The most frequent element, the smallest of several."""

    formula = r"\mathrm{mode}_{i}\, x_{i}"

    def pick(self, x, axis):
        along = xp.moveaxis(x, axis, -1)
        order = along.argsort(-1, kind="stable")
        ordered = xp.take_along_axis(along, order, -1)
        # How long the run of equal elements is that ends here.
        positions = xp.arange(x.shape[axis], like=x)
        begins = xp.concatenate(
            [xp.ones_like(ordered[..., :1], dtype=bool), ordered[..., 1:] != ordered[..., :-1]], -1
        )
        start = accumulate(xp.maximum, xp.where(begins, positions, 0), -1)
        best = (positions - start).argmax(-1, keepdims=True)
        return xp.moveaxis(xp.take_along_axis(order, best, -1), -1, axis)


@torch_function
@tensor_method
@numpy_names
def nansum(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum over `dim`, NaN counting as 0."""
    return Nansum(dim, keepdim, to_array_dtype(dtype))(input)


@torch_function
@tensor_method
@numpy_names
def nanmean(input: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean over `dim` of what is not NaN."""
    if plain(input).dtype.kind != "f":
        have = of_array(plain(input).dtype).scalar_name
        raise RuntimeError(
            f"nanmean(): expected input to have floating point or complex dtype but got {have}"
        )
    return nansum(input, dim, keepdim, dtype=dtype) / (~isnan(input.detach())).sum(dim, keepdim)


@torch_function
@tensor_method
@numpy_names
def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The (lower) median of what is not NaN; with `dim` along it, with its index."""
    return Nanmedian()(input) if dim is None else NanmedianResult(*NanmedianAlong(dim, keepdim)(input))


@torch_function
@tensor_method
@numpy_names
def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Any:
    """The most frequent element along `dim`, the smallest of several, and the index where it is found."""
    return ModeResult(*Mode(dim, keepdim)(input))


@torch_function
@tensor_method
def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """How many elements lie in each of `bins` equal parts of [min, max] (by default of all that occur)."""
    if bins <= 0:
        raise RuntimeError("bins must be > 0")
    x = plain(input).reshape(-1)
    low, high = _range(x, min, max, 1)
    counts = xp.histogram(to_numpy(x), bins, (low, high))[0]
    return wrap(xp.asarray(counts.astype(x.dtype), like=x))


@torch_function
@tensor_method
def histogram(
    input: Tensor, bins: Any, *, range: Any = None, weight: Tensor | None = None, density: bool = False
) -> Any:
    """The histogram over `bins` equal parts of `range`, or between the edges in a tensor, and the edges."""
    x = plain(input).reshape(-1)
    if x.dtype.kind != "f":
        have = of_array(x.dtype).scalar_name
        raise RuntimeError(f"\"histogram_cpu\" not implemented for '{have}'")
    weights = None if weight is None else to_numpy(plain(weight).reshape(-1))
    if isinstance(bins, Tensor):
        counts, edges = xp.histogram(to_numpy(x), to_numpy(bins.array), None, density, weights)
    else:
        low, high = _range(x, *(range or ((0, 0) if x.size else (0, 1))), 0.5)
        counts, edges = xp.histogram(to_numpy(x), bins, (low, high), density, weights)
    return HistogramResult(*(wrap(xp.asarray(part.astype(x.dtype), like=x)) for part in (counts, edges)))


def _range(x: Array, low: float, high: float, margin: float) -> tuple[float, float]:
    if low == high and x.size:
        low, high = x.min().item(), x.max().item()
    if low == high:
        low, high = low - margin, high + margin
    if low > high:
        raise RuntimeError("max must be larger than min")
    return low, high


@torch_function
@tensor_method
def cov(
    input: Tensor,
    *,
    correction: int = 1,
    fweights: Tensor | None = None,
    aweights: Tensor | None = None,
) -> Tensor:
    """The covariances of the rows, which are variables: (n, observations) gives (n, n)."""
    if input.ndim > 2:
        raise RuntimeError(
            "cov(): expected input to have two or fewer dimensions but got an input with "
            f"{input.ndim} dimensions"
        )
    if plain(input).dtype.kind == "b":
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = input.reshape(1, -1) if input.ndim < 2 else input
    _check_weights("fweights", fweights, x, "iu", "integral")
    _check_weights("aweights", aweights, x, "f", "floating point")
    weights = fweights
    if aweights is not None:
        weights = aweights if fweights is None else fweights * aweights
    total = x.shape[1] if weights is None else weights.sum()
    mean = (x if weights is None else x * weights).sum(1) / total
    divisor = total - correction
    if weights is not None and aweights is not None and correction != 0:
        divisor = total - correction * (weights * aweights).sum() / total
    centered = x - mean.unsqueeze(1)
    products = centered @ (centered if weights is None else centered * weights).t()
    return (products / (max(0, divisor) if isinstance(divisor, int) else divisor.clamp(min=0))).squeeze()


def _check_weights(name: str, weights: Tensor | None, x: Tensor, kinds: str, kind: str) -> None:
    if weights is None:
        return
    array = plain(weights)
    if array.ndim > 1:
        raise RuntimeError(f"cov(): expected {name} to have one or fewer dimensions")
    if array.dtype.kind not in kinds:
        raise RuntimeError(f"cov(): expected {name} to have {kind} dtype")
    if array.size != x.shape[1]:
        raise RuntimeError(
            f"cov(): expected {name} to have the same numel as there are observations in the input"
        )
    if (array < 0).any():
        raise RuntimeError(f"cov(): {name} cannot be negative")


@torch_function
@tensor_method
def corrcoef(input: Tensor) -> Tensor:
    """The correlation coefficients of the rows, which are variables: (n, observations) gives (n, n)."""
    if input.ndim > 2:
        raise RuntimeError(
            "corrcoef(): expected input to have two or fewer dimensions but got an input with "
            f"{input.ndim} dimensions"
        )
    covariances = cov(input)
    if not covariances.ndim:
        return covariances / covariances
    deviations = covariances.diagonal().sqrt()
    return (covariances / deviations.view(-1, 1) / deviations.view(1, -1)).clip(-1, 1)
