"""Operations that rearrange a tensor without computing: views where the memory allows it."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from math import prod
from typing import Any

from gradviz.engine.backend import xp
from gradviz.engine.dtypes import dtype, of_array
from gradviz.engine.errors import in_torchs_words
from gradviz.engine.registry import publish_alias, tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


def wrap_dim(dim: int, ndim: int) -> int:
    """A dimension counted from the front. Raises IndexError when there is no such dimension."""
    if type(dim) is not int and not hasattr(dim, "__index__"):
        raise TypeError(f"argument 'dim' must be int, not {type(dim).__name__}")
    n = ndim or 1
    if not -n <= dim < n:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})"
        )
    return dim + n if dim < 0 else dim


def sizes(args: tuple, named: dict[str, Any] | None = None) -> tuple[int, ...]:
    """Sizes given as separate numbers, as one sequence, or by the name `size`."""
    if not args and named and "size" in named:
        args = (named["size"],)
    if len(args) == 1 and isinstance(args[0], Iterable) and not isinstance(args[0], (str, Tensor)):
        args = tuple(args[0])
    try:
        return tuple(operator.index(n) for n in args)
    except TypeError:
        wrong = next(n for n in args if not hasattr(n, "__index__"))
        raise TypeError(
            f"argument 'size' (position 1) must be tuple of ints, not {type(wrong).__name__}"
        ) from None


class Detach(Op):
    """The same storage and version, outside the graph."""

    args = ("x",)
    formula = "x"
    vjp = ("0",)
    is_view = True
    tracks_view = differentiable = False

    def forward(self, x):
        return x


class Clone(Op):
    args = ("x",)
    formula = "x"
    vjp = ("g",)

    def forward(self, x):
        return x.copy()

    def backward(self, g):
        return g


class T(Op):
    args = ("x",)
    formula = r"x^{\top}"
    vjp = (r"g^{\top}",)
    is_view = True

    def forward(self, x):
        if x.ndim > 2:
            raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {x.ndim}D")
        return x.T

    def backward(self, g):
        return g.T


class Transpose(Op):
    args = ("x",)
    formula = r"\mathrm{transpose}(x)"
    vjp = (r"\mathrm{transpose}(g)",)
    is_view = True

    def __init__(self, dim0: int, dim1: int) -> None:
        self.dim0, self.dim1 = dim0, dim1

    def forward(self, x):
        axes = wrap_dim(self.dim0, x.ndim), wrap_dim(self.dim1, x.ndim)
        return x.swapaxes(*axes) if x.ndim else x[...]

    def backward(self, g):
        return g.swapaxes(self.dim0, self.dim1) if g.ndim else g


class View(Op):
    args = ("x",)
    formula = r"\mathrm{view}(x)"
    vjp = (r"\mathrm{view}(g)",)
    is_view = True

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x):
        self.input_shape = x.shape
        shape = inferred(self.shape, x.size)
        if not allows_view(x, shape):
            raise RuntimeError(
                "view size is not compatible with input tensor's size and stride (at least one dimension "
                "spans across two contiguous subspaces). Use .reshape(...) instead."
            )
        return x.reshape(shape)

    def backward(self, g):
        return g.reshape(self.input_shape)


class Reshape(View):
    """`reshape` where the memory allows a view; torch names it by whether the elements lie in order."""

    def forward(self, x):
        self.backward_name = "ViewBackward0" if is_contiguous(x) else "ReshapeAliasBackward0"
        return super().forward(x)


class Flatten(Reshape):
    """`flatten` under its own name, as programs write it; the same node in torch."""

    op_name = "flatten"
    formula = r"\mathrm{flatten}(x)"
    vjp = (r"\mathrm{unflatten}(g)",)


class UnsafeView(View):
    """A new shape for a copy that nobody else has: no view, as far as in-place changes are concerned."""

    tracks_view = False


def is_contiguous(x: Any) -> bool:
    return x.flags.c_contiguous


def allows_view(x: Any, shape: tuple[int, ...]) -> bool:
    """Whether strides can describe the elements of an array in another shape, without a copy."""
    if is_contiguous(x) or not x.size:
        return True
    runs: list[int] = []  # the sizes of what lies in memory like one dimension, from the last
    step = None
    for n, stride in zip(reversed(x.shape), reversed(x.strides), strict=True):
        if n == 1:
            continue
        if stride == step:
            runs[-1] *= n
        else:
            runs.append(n)
        step = stride * n
    wanted = iter([n for n in reversed(shape) if n != 1])
    for run in runs:  # each has to be a product of new dimensions
        while run > 1:
            n = next(wanted, 0)
            if not n or run % n:
                return False
            run //= n
    return True


class Expand(Op):
    args = ("x",)
    formula = r"\mathrm{expand}(x)"
    vjp = (r"\textstyle\sum_{\mathrm{copies}} g",)
    is_view = True

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x):
        extra = len(self.shape) - x.ndim
        if extra < 0:
            raise RuntimeError(
                f"expand(torch.{of_array(x.dtype).type_name}{{{list(x.shape)}}}, size={list(self.shape)}): "
                f"the number of sizes provided ({len(self.shape)}) must be greater or equal to the number of "
                f"dimensions in the tensor ({x.ndim})"
            )
        shape = tuple(x.shape[i - extra] if n == -1 and i >= extra else n for i, n in enumerate(self.shape))
        for i, n in reversed([*enumerate(x.shape)]):
            if n != 1 and n != shape[i + extra]:
                raise RuntimeError(
                    f"The expanded size of the tensor ({shape[i + extra]}) must match the existing size "
                    f"({n}) at non-singleton dimension {i + extra}.  Target sizes: {list(shape)}.  Tensor "
                    f"sizes: {list(x.shape)}"
                )
        if shape[extra:] == x.shape and set(shape[:extra]) <= {1}:  # nothing is seen twice
            return x[(None,) * extra]
        return xp.broadcast_to(x, shape)

    def backward(self, g):
        return g  # the tape sums what was broadcast


def inferred(shape: tuple[int, ...], count: int) -> tuple[int, ...]:
    """`shape` with its -1 filled in. Raises RuntimeError when it does not hold `count` elements."""
    known = 1
    for i, n in enumerate(shape):
        if n < -1:
            raise RuntimeError(f"invalid shape dimension {n} at index {i} of shape {list(shape)}")
        known *= n if n != -1 else 1
    if shape.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    if -1 in shape:
        if not known and not count:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified "
                "dimension size -1 can be any value and is ambiguous"
            )
        if known and count % known == 0:
            return tuple(count // known if n == -1 else n for n in shape)
    elif known == count:
        return shape
    raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {count}")


@torch_function
@tensor_method
def detach(input: Tensor) -> Tensor:
    """The same storage outside the graph; in-place changes of either show in both."""
    out = Detach()(input)
    out._counter = input.version_counter
    return out


@tensor_method
def detach_(self: Tensor) -> Tensor:
    """Takes the tensor itself out of the graph."""
    if self._view is not None:
        raise RuntimeError("Can't detach views in-place. Use detach() instead")
    self._edge, self._requires_grad = None, False
    return self


@torch_function
@tensor_method
def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy, in the graph."""
    return Clone()(input)


@torch_function
@tensor_method
def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; vectors and scalars stay as they are."""
    return T()(input)


@torch_function
@tensor_method
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two dimensions swapped."""
    return Transpose(dim0, dim1)(input)


@torch_function
@tensor_method
def reshape(input: Tensor, *args: Any, shape: Any = ()) -> Tensor:
    """The elements in another shape; -1 stands for the size that fits."""
    return _reshaped(Reshape, input, sizes(args or (shape,)))


def _reshaped(kind: type[View], input: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A view where the memory allows one, else a copy in the other shape."""
    shape = inferred(shape, input.array.size)
    if allows_view(input.array, shape):
        return kind(shape)(input)
    return UnsafeView(shape)(clone(input))


@tensor_method
def view(self: Tensor, *shape: Any) -> Tensor:
    """The same memory in another shape. Raises RuntimeError when only a copy could do that."""
    if len(shape) == 1 and isinstance(shape[0], dtype):
        raise NotImplementedError("view: reading the memory as another dtype is not supported; use to(dtype)")
    return View(sizes(shape))(self)


@torch_function
@tensor_method
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dimensions from `start_dim` to `end_dim` (included) made one."""
    shape = input.array.shape
    start, end = wrap_dim(start_dim, len(shape)), wrap_dim(end_dim, len(shape))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if start == end and shape:
        return input
    return _reshaped(Flatten, input, (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :]))


@tensor_method
def expand(self: Tensor, *args: Any, size: Any = ()) -> Tensor:
    """The tensor broadcast to `size` without copying; -1 keeps a dimension's size."""
    return Expand(sizes(args or (size,)))(self)


class Permute(Op):
    args = ("x",)
    formula = r"\mathrm{permute}(x)"
    vjp = (r"\mathrm{permute}^{-1}(g)",)
    is_view = True

    def __init__(self, dims: tuple[int, ...]) -> None:
        self.dims = dims

    def forward(self, x):
        if len(self.dims) != x.ndim:
            raise RuntimeError(
                "permute(sparse_coo): number of dimensions in the tensor input does not match the length "
                f"of the desired ordering of dimensions i.e. input.dim() = {x.ndim} is not equal to "
                f"len(dims) = {len(self.dims)}"
            )
        axes = tuple(wrap_dim(d, x.ndim) for d in self.dims)
        if len(set(axes)) != len(axes):
            raise RuntimeError("permute(): duplicate dims are not allowed.")
        return x.transpose(axes)

    def backward(self, g):
        axes = [d % g.ndim for d in self.dims]
        return permute(g, sorted(range(g.ndim), key=axes.__getitem__))


class Squeeze(Op):
    args = ("x",)
    formula = r"\mathrm{squeeze}(x)"
    vjp = (r"\mathrm{unsqueeze}(g)",)
    is_view = True

    def __init__(self, dim: Any) -> None:
        self.dim = dim
        self.backward_name = "SqueezeBackward" + (
            "0" if dim is None else "2" if isinstance(dim, tuple) else "1"
        )

    def forward(self, x):
        self.input_shape = x.shape
        dims = range(x.ndim) if self.dim is None else self.dim if isinstance(self.dim, tuple) else (self.dim,)
        axes = tuple(a for a in (wrap_dim(d, x.ndim) for d in dims) if x.ndim and x.shape[a] == 1)
        return x.squeeze(axes) if axes else x[...]

    def backward(self, g):
        return g.reshape(self.input_shape)


class Unsqueeze(Op):
    args = ("x",)
    formula = r"\mathrm{unsqueeze}(x)"
    vjp = (r"\mathrm{squeeze}(g)",)
    is_view = True

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, x):
        self.input_shape = x.shape
        return xp.expand_dims(x, wrap_dim(self.dim, x.ndim + 1))

    def backward(self, g):
        return g.reshape(self.input_shape)


@torch_function
@tensor_method
def permute(input: Tensor, *args: Any, dims: Any = ()) -> Tensor:
    """The dimensions in another order."""
    return Permute(sizes(args or (dims,)))(input)


@torch_function
@tensor_method
def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """Dimensions moved to other places, the rest in order."""
    moved = {"source": list(sizes((source,))), "destination": list(sizes((destination,)))}
    if len(moved["source"]) != len(moved["destination"]):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({moved['source']} dims) should contain "
            f"the same number of dims as destination ({moved['destination']} dims)"
        )
    for name, dims in moved.items():
        if len({wrap_dim(d, input.ndim) for d in dims}) != len(dims):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({dims})")
    sources, targets = ([wrap_dim(d, input.ndim) for d in dims] for dims in moved.values())
    rest = iter([d for d in range(input.ndim) if d not in sources])
    order = [sources[targets.index(i)] if i in targets else next(rest) for i in range(input.ndim)]
    return permute(input, order) if order else input[...]  # torch makes an alias where nothing can move


@torch_function
@tensor_method
def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Without its dimensions of size 1 (or without those in `dim` that have size 1)."""
    return Squeeze(tuple(dim) if isinstance(dim, (tuple, list)) else dim)(input)


@torch_function
@tensor_method
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """With a new dimension of size 1 at `dim`."""
    return Unsqueeze(dim)(input)


@torch_function
@tensor_method
def ravel(input: Tensor) -> Tensor:
    """All elements in one dimension."""
    return view(contiguous(input), -1)


@torch_function
@tensor_method
def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """One dimension made several."""
    axis = wrap_dim(dim, input.ndim)
    if -1 not in sizes and math.prod(sizes) != input.shape[axis]:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {axis} "
            f"({input.shape[axis]}) in the input tensor"
        )
    return View((*input.shape[:axis], *inferred(tuple(sizes), input.shape[axis]), *input.shape[axis + 1 :]))(
        input
    )


@tensor_method
def view_as(self: Tensor, other: Tensor) -> Tensor:
    return view(self, other.shape)


@tensor_method
def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    return reshape(self, other.shape)


@tensor_method
def expand_as(self: Tensor, other: Tensor) -> Tensor:
    return expand(self, other.shape)


@torch_function
@tensor_method
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """The tensor broadcast to `size` without copying."""
    return expand(input, size)


@torch_function
def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """All tensors broadcast to their common shape; one that has it already is returned itself."""
    try:
        shape = xp.broadcast_shapes(*[t.shape for t in tensors])
    except ValueError as error:
        raise in_torchs_words(error) from None
    return tuple(t if t.shape == shape else expand(t, shape) for t in tensors)


@tensor_method
def contiguous(self: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor itself when its elements lie in order in memory, else a copy."""
    return self if self.is_contiguous() else clone(self)


def _matrix_transpose(self: Tensor) -> Tensor:
    if self.ndim == 1:
        raise RuntimeError("tensor.mT is only supported on matrices or batches of matrices. Got 1-D tensor.")
    return transpose(self, -2, -1) if self.ndim else self


for _name in ("swapaxes", "swapdims"):
    publish_alias(_name, transpose)
publish_alias("moveaxis", movedim)
Tensor.T = property(lambda self: permute(self, tuple(range(self.ndim))[::-1]), doc="All dimensions reversed.")
Tensor.mT = property(_matrix_transpose, doc="The last two dimensions swapped.")
Tensor.mH = property(lambda self: transpose(self, -2, -1), doc="The last two dimensions swapped.")
Tensor.H = property(lambda self: transpose(self, 0, 1), doc="The transpose of a matrix.")
