"""Overwriting a whole tensor, and changing a tensor's dtype."""

from __future__ import annotations

from typing import Any

from gradviz.engine import dtypes, random
from gradviz.engine.backend import Array, asarray, beside, gpu_of, is_array, to_gpu, to_numpy, xp
from gradviz.engine.device import device as device_type
from gradviz.engine.device import gpu_number
from gradviz.engine.errors import not_a_tensor
from gradviz.engine.inplace import inplace
from gradviz.engine.polymorphic import plain, zeros_as
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class ToCopy(Op):
    """A copy in another dtype, or on another device."""

    op_name = "to"
    args = ("x",)
    formula = "x"
    vjp = ("g",)

    def __init__(self, dtype: Any, gpu: int | None) -> None:
        self.dtype, self.gpu = dtype, gpu

    def forward(self, x):
        self.source = gpu_of(x)
        moved = to_gpu(x, self.gpu)
        return moved.astype(self.dtype, copy=moved is x)

    def backward(self, g):
        return moved(g, self.source)  # the tape casts it back


def moved(g: Any, gpu: int | None) -> Any:
    """An array or Tensor on the GPU of that number, None for the CPU: itself when it is there."""
    return g if gpu_of(plain(g)) == gpu else ToCopy(plain(g).dtype, gpu)(g)


class Copy(Op):
    args = ("x", "source")
    formula = r"\mathrm{source}"
    vjp = ("0", "g")
    namespace, backward_name = "torch::autograd::", "CopyBackwards"

    def forward(self, x, source):
        self.source = gpu_of(source)
        return beside(asarray(source), x).astype(x.dtype)

    def backward(self, g):
        return zeros_as(g), moved(g, self.source)


class Fill(Op):
    args = ("x", "value")
    formula = r"\mathrm{value}"
    vjp = ("0", "g")
    backward_name = "FillBackward3"  # 0 and 1 make a new tensor
    number_variants = {"value": "FillBackward2"}

    def forward(self, x, value):
        if is_array(value) and value.ndim:
            raise RuntimeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {value.ndim} dimensions."
            )
        return xp.full_like(x, value)

    def backward(self, g):
        return zeros_as(g), g


class NewFill(Fill):
    """The same as a new tensor."""

    op_name = "fill"
    backward_name = "FillBackward1"
    number_variants = {"value": "FillBackward0"}


class Zero(Op):
    args = ("x",)
    formula = "0"
    vjp = ("0",)

    def forward(self, x):
        return xp.zeros_like(x)

    def backward(self, g):
        return zeros_as(g)


class Randomize(Op):
    """Overwrites with random values, on which nothing flows back."""

    args = ("x",)
    formula = r"\mathrm{random}"
    vjp = ("0",)

    def __init__(self, op_name: str, values: Array, variant: int = 0) -> None:
        self.op_name = op_name
        self.backward_name = f"{op_name.capitalize()}Backward{variant}"
        self.values = values

    def forward(self, x):
        return beside(self.values, x).astype(x.dtype, copy=False)

    def backward(self, g):
        return zeros_as(g)


@tensor_method
def to(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """The tensor in another dtype and on another device, or in another tensor's dtype and on its device.

    Itself when nothing changes and `copy` is not set. Raises for a device that is not there.
    https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html
    """
    dtype, where = kwargs.get("dtype"), kwargs.get("device")
    *_, copy = [False, kwargs.get("copy", False), *[arg for arg in args if isinstance(arg, bool)][1:]]
    for arg in args:
        if isinstance(arg, Tensor):
            dtype, where = arg.dtype, arg.device
        elif isinstance(arg, (str, device_type)) or (isinstance(arg, int) and not isinstance(arg, bool)):
            where = arg
        elif isinstance(arg, dtypes.dtype) or arg in (float, int, bool):
            dtype = arg
    here = gpu_of(self.array)
    gpu = here if where is None else gpu_number(device_type(where))
    array_dtype = dtypes.to_array_dtype(dtype) or self.array.dtype
    if array_dtype == self.array.dtype and gpu == here and not copy:
        return self
    return ToCopy(array_dtype, gpu)(self)


def _conversion(name: str, dtype: dtypes.dtype) -> None:
    def method(self: Tensor, memory_format: Any = None) -> Tensor:
        return to(self, dtype)

    method.__name__, method.__doc__ = name, f"The tensor in {dtype}."
    tensor_method(method)


for _name, _dtype in {
    "float": dtypes.float32,
    "double": dtypes.float64,
    "half": dtypes.float16,
    "long": dtypes.int64,
    "int": dtypes.int32,
    "short": dtypes.int16,
    "char": dtypes.int8,
    "byte": dtypes.uint8,
    "bool": dtypes.bool_,
}.items():
    _conversion(_name, _dtype)


@tensor_method
def type_as(self: Tensor, other: Tensor) -> Tensor:
    return to(self, other.dtype)


@tensor_method
def cpu(self: Tensor) -> Tensor:
    """The tensor in main memory; itself when it is there."""
    return to(self, "cpu")


@tensor_method
def cuda(self: Tensor, device: Any = None, non_blocking: bool = False) -> Tensor:
    """The tensor on a GPU; itself when it is there. Raises AssertionError where there is none."""
    return to(self, "cuda" if device is None else device)


@tensor_method
def copy_(self: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
    """Overwrites with the values of `src`, broadcast and cast."""
    if not isinstance(src, Tensor):
        raise not_a_tensor("copy_", "other", 1, src)
    return inplace(Copy(), self, src)


@torch_function
def fill(input: Tensor, value: Any) -> Tensor:
    """One value, a number or a 0-dimensional tensor, as often as there are elements in `input`."""
    return NewFill()(input, value)


@torch_function
@tensor_method
def fill_(self: Tensor, value: Any) -> Tensor:
    """Overwrites with one value."""
    return inplace(Fill(), self, value)


@torch_function
@tensor_method
def zero_(self: Tensor) -> Tensor:
    """Overwrites with zeros."""
    return inplace(Zero(), self)


@tensor_method
def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Tensor:
    """Overwrites with normally distributed values."""
    return inplace(
        Randomize("normal", random.normal(self.shape, mean, std, self.array.dtype, generator)), self
    )


@tensor_method
def uniform_(self: Tensor, a: float = 0.0, b: float = 1.0, *, generator: Any = None) -> Tensor:
    """Overwrites with values drawn evenly from [a, b)."""
    return inplace(Randomize("uniform", random.uniform(self.shape, a, b, self.array.dtype, generator)), self)


@tensor_method
def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Any = None) -> Tensor:
    """Overwrites with 1 at probability `p`, else 0."""
    if isinstance(p, Tensor):
        values = random.bernoulli(xp.broadcast_to(to_numpy(p.array), self.shape), generator=generator)
    else:
        values = random.bernoulli(p, tuple(self.shape), generator=generator)
    return inplace(Randomize("bernoulli", values, 1 if isinstance(p, Tensor) else 2), self)


@tensor_method
def exponential_(self: Tensor, lambd: float = 1.0, *, generator: Any = None) -> Tensor:
    """Overwrites with exponentially distributed values of rate `lambd`."""
    values = random.exponential(self.shape, lambd, self.array.dtype, generator)
    return inplace(Randomize("exponential", values), self)


@tensor_method
def cauchy_(self: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Any = None) -> Tensor:
    """Overwrites with values of the Cauchy distribution."""
    return inplace(Randomize("cauchy", random.cauchy(self.shape, median, sigma, generator)), self)


@tensor_method
def log_normal_(self: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Any = None) -> Tensor:
    """Overwrites with values whose logarithm has the normal distribution of `mean` and `std`."""
    return inplace(Randomize("log_normal", random.log_normal(self.shape, mean, std, generator)), self)


@tensor_method
def geometric_(self: Tensor, p: float, *, generator: Any = None) -> Tensor:
    """Overwrites with the numbers of trials up to the first success of probability `p`."""
    return inplace(Randomize("geometric", random.geometric(self.shape, p, generator)), self)


@tensor_method
def random_(
    self: Tensor, low: int | None = None, high: int | None = None, *, generator: Any = None
) -> Tensor:
    """Overwrites with integers from [low, high); with one number from [0, low)."""
    variant = 2 if low is None else 1 if high is None else 0
    if high is None:
        low, high = 0, low
    if high is None:
        values = random.random(self.shape, self.array.dtype, generator)
    else:
        values = random.randint(low, high, self.shape, generator=generator)
    return inplace(Randomize("random", values, variant), self)
