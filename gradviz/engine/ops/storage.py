"""A tensor's memory seen by strides, and tensors that change their own size."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, strided_view, xp
from gradviz.engine.ops.indexing import AddAt
from gradviz.engine.ops.shape import sizes
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import tensor_method, torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor, begin_change, end_change


class AsStrided(Op):
    """Elements of the tensor's memory, `stride` apart from `offset` on; some may be seen several times."""

    args = ("x",)
    formula = r"\mathrm{as\_strided}(x)"
    vjp = (r"\textstyle\sum\ g\ \mathrm{where\ each\ element\ is\ seen}",)
    is_view = True

    def __init__(self, size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> None:
        self.size, self.stride, self.offset = size, stride, offset

    def forward(self, x):
        self.shape = x.shape
        self.order = sorted(range(x.ndim), key=lambda axis: -x.strides[axis])
        line = x.transpose(self.order)
        if not line.flags.c_contiguous:
            raise RuntimeError("as_strided: the tensor has gaps in memory; take a .contiguous() copy first")
        return self._seen(line.reshape(-1))

    def _seen(self, line: Array) -> Array:
        last = self.offset + sum((n - 1) * step for n, step in zip(self.size, self.stride, strict=True))
        if 0 not in self.size and last >= line.size:
            raise RuntimeError(
                f"setStorage: sizes {list(self.size)}, strides {list(self.stride)}, storage offset "
                f"{self.offset}, and itemsize {line.itemsize} requiring a storage size of "
                f"{(last + 1) * line.itemsize} are out of bounds for storage of size {line.nbytes}"
            )
        steps = tuple(step * line.itemsize for step in self.stride)
        return strided_view(line[self.offset :], self.size, steps)

    def backward(self, g):
        shape = tuple(self.shape[axis] for axis in self.order)
        count = 1
        for n in shape:
            count *= n
        found = AddAt((count,), (self._seen(xp.arange(count, like=plain(g))),))(g).reshape(shape)
        return found.permute(self._back()) if isinstance(found, Tensor) else found.transpose(self._back())

    def _back(self) -> list[int]:
        return sorted(range(len(self.order)), key=self.order.__getitem__)


@torch_function
@tensor_method
def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A view of the tensor's memory with any sizes and strides."""
    if len(tuple(size)) != len(tuple(stride)):
        raise RuntimeError(
            f"mismatch in length of strides and shape: size {tuple(size)}, stride {tuple(stride)}"
        )
    return AsStrided(tuple(size), tuple(stride), storage_offset or 0)(input)


@tensor_method
def resize_(self: Tensor, *args: Any, memory_format: Any = None) -> Tensor:
    """Gives the tensor itself another size: elements stay as far as there are places, new ones are 0."""
    shape = sizes(args)
    if self.requires_grad:
        raise RuntimeError("cannot resize variables that require grad")
    if shape != self.array.shape:
        line = self.array.reshape(-1)
        count = int(xp.prod(shape))
        begin_change(self)
        if count > line.size:
            line = xp.concatenate([line, xp.zeros(count - line.size, line.dtype, like=line)])
        self.array = line[:count].reshape(shape)
        end_change(self)
    return self


@torch_function
@tensor_method
def resize_as_(self: Tensor, the_template: Tensor, memory_format: Any = None) -> Tensor:
    """Gives the tensor itself another one's size."""
    return resize_(self, the_template.shape)


@tensor_method
def storage_offset(self: Tensor) -> int:
    """Where in the base's memory the tensor begins, in elements."""
    return 0 if self._base is None else (self.data_ptr() - self._base.data_ptr()) // self.element_size()
