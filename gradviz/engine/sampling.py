"""Drawing from distributions whose parameters are tensors."""

from __future__ import annotations

from typing import Any

from gradviz.engine import random, random_variates
from gradviz.engine.backend import Array, beside, to_numpy, xp
from gradviz.engine.creation import finished
from gradviz.engine.dtypes import default_array_dtype, of_array, to_array_dtype
from gradviz.engine.ops.shape import sizes
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class Normal(Op):
    """A normally distributed number for every mean and standard deviation."""

    args = ("mean", "std")
    formula = r"\mathrm{mean} + \mathrm{std} \odot \mathrm{random}"
    vjp = ("0", "0")
    backward_name = "NormalBackward3"
    number_variants = {"mean": "NormalBackward2", "std": "NormalBackward1"}

    def __init__(self, generator: Any) -> None:
        self.generator = generator

    def forward(self, mean, std):
        tensors = [x for x in (mean, std) if not isinstance(x, (int, float))]
        given = tensors[0]
        if given.dtype.kind != "f":
            scalar = of_array(given.dtype).scalar_name
            raise NotImplementedError(f"\"normal_kernel_cpu\" not implemented for '{scalar}'")
        if len(tensors) > 1 or tensors[0] is std:
            if (to_numpy(std) < 0).any():
                raise RuntimeError("normal expects all elements of std >= 0.0")
        elif std < 0:
            raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
        shape = xp.broadcast_shapes(xp.shape(mean), xp.shape(std))
        drawn = beside(random.randn(shape, given.dtype, self.generator), given)
        return (drawn * std + mean).astype(given.dtype)

    def backward(self, g):
        return g * 0, g * 0


class Bernoulli(Op):
    """1 with the probability that an element is, else 0."""

    args = ("p",)
    formula = r"1[\mathrm{random} < p]"
    vjp = ("0",)

    def __init__(self, generator: Any) -> None:
        self.generator = generator

    def forward(self, p):
        return beside(random.bernoulli(to_numpy(p), None, p.dtype, self.generator), p)

    def backward(self, g):
        return g * 0


class Poisson(Op):
    """A count with the mean that an element is."""

    args = ("rate",)
    formula = r"\mathrm{random\ count\ of\ mean\ rate}"
    vjp = ("0",)

    def __init__(self, generator: Any) -> None:
        self.generator = generator

    def forward(self, rate):
        return beside(random_variates.poisson(to_numpy(rate), self.generator), rate)

    def backward(self, g):
        return g * 0


@torch_function
def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Any = None,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normally distributed numbers: one per element of `mean` or `std`, or `size` of them."""
    if size is None:
        return Normal(generator)(mean, std)
    array_dtype = to_array_dtype(dtype) or default_array_dtype()
    return finished(random.normal(sizes((size,)), mean, std, array_dtype, generator), requires_grad, device)


@torch_function
@tensor_method
def bernoulli(input: Tensor, p: float | None = None, *, generator: Any = None) -> Tensor:
    """1 with the probability that `input` holds (or with `p` everywhere), else 0."""
    if p is not None:
        return finished(random.bernoulli(p, input.shape, input.array.dtype, generator), device=input.device)
    return Bernoulli(generator)(input)


@torch_function
@tensor_method
def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None
) -> Tensor:
    """Indices drawn with the weights in `input`: (n) gives (num_samples,), (rows, n) (rows, num_samples)."""
    if not input.is_floating_point():
        scalar = input.dtype.scalar_name
        raise RuntimeError(f"multinomial only supports floating-point dtypes for input, got: {scalar}")
    weights: Array = to_numpy(input.array)
    return finished(random.multinomial(weights, num_samples, replacement, generator), device=input.device)


@torch_function
def poisson(input: Tensor, generator: Any = None) -> Tensor:
    """Counts of the Poisson distributions with the means in `input`."""
    return Poisson(generator)(input)


@torch_function
def binomial(count: Tensor, prob: Tensor, generator: Any = None) -> Tensor:
    """Successes in `count` trials of probability `prob`, tensors of one shape."""
    values = random_variates.binomial(to_numpy(count.array), to_numpy(prob.array), generator)
    return finished(values, device=count.device)
