"""Tensor: an array with a gradient and a place in the graph.

Only a tensor's state lives here. What computes is attached by the file that defines it, with
`@tensor_method` (see registry.py).
"""

from __future__ import annotations

import copy
import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy

from gradviz.engine import dtypes, inference, observer
from gradviz.engine.backend import Array, address, asarray, is_writeable, to_numpy, xp
from gradviz.engine.device import device, device_of
from gradviz.engine.hooks import RemovableHandle
from gradviz.engine.printing import tensor_repr
from gradviz.engine.size import Size

if TYPE_CHECKING:
    from gradviz.engine.tape import AccumulateGrad, Op
    from gradviz.engine.views import View


class Tensor:
    """An n-dimensional array that can be differentiated through.

    `array` is the array itself, `grad` a Tensor or None, `grad_fn` the operation that made it (leaves: None).
    """

    __module__ = "torch"  # what `type(x)` prints

    # Ordinary tensors differ from these defaults in one or two places only, which makes them cheap to create.
    array: Array
    _requires_grad: bool = False
    _grad: Tensor | None = None
    _edge: tuple[Op, int] | None = None  # the operation that made it, and which of its outputs it is
    _view: View | None = None
    _counter: list[int] | None = None  # the version, in a list that all views of one storage share
    _accumulator: weakref.ref[AccumulateGrad] | None = None
    _hooks: dict[int, Callable] | None = None
    _post_hooks: dict[int, Callable] | None = None
    _retains_grad: bool = False
    __array_priority__ = 1000  # so that `ndarray * tensor` is left to the tensor

    if TYPE_CHECKING:  # what computes is attached later; at run time this would slow every attribute

        def __getattr__(self, name: str) -> Any: ...

    def __new__(cls, *args: Any, **kwargs: Any) -> Tensor:
        tensor = object.__new__(cls)
        if cls is Tensor:
            tensor.array = legacy_array(args, dtypes.default_array_dtype())
        return tensor

    # -- the graph ------------------------------------------------------------------------------------------

    @property
    def grad_fn(self) -> Op | None:
        """The operation that computed this tensor, None for a leaf."""
        if self._view is not None:
            self._view.refresh(self)
        return None if self._edge is None else self._edge[0]

    @property
    def is_leaf(self) -> bool:
        return self.grad_fn is None

    @property
    def output_nr(self) -> int:
        return 0 if self._edge is None else self._edge[1]

    @property
    def requires_grad(self) -> bool:
        if self._view is not None:
            self._view.refresh(self)
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if value and self.array.dtype.kind != "f":
            raise RuntimeError("only Tensors of floating point and complex dtype can require gradients")
        if value and inference.is_inference(self) and not inference.mode.inference:
            raise RuntimeError(
                "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
            )
        if not value and self.grad_fn is not None:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. If you want to use a computed "
                "variable in a subgraph that doesn't require differentiation use var_no_grad = "
                "var.detach()."
            )
        if value and self._view is not None and not self._view.base._requires_grad:
            self._view = None  # a leaf from here on: views taken of it are views of a leaf
        self._requires_grad = bool(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        if requires_grad and self.array.dtype.kind != "f":
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        self.requires_grad = requires_grad
        return self

    @property
    def grad(self) -> Tensor | None:
        if self._edge is not None and not self._retains_grad and self._grad is None:
            warnings.warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad "
                "attribute won't be populated during autograd.backward(). If you indeed want the .grad "
                "field to be populated for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor.",
                UserWarning,
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, Tensor):
                raise TypeError(
                    "assigned grad expected to be a Tensor or None but got grad of type "
                    f"{type(value).__name__}"
                )
            if value is self:
                raise RuntimeError("can't assign Variable as its own grad")
            if value.array.dtype != self.array.dtype:
                raise RuntimeError(
                    f"attempting to assign a gradient with dtype '{value.dtype.c_name}' to a tensor with "
                    f"grad_dtype '{self.dtype.scalar_name}'. The gradient must match the tensor's grad_dtype "
                    "(defaults to the tensor's dtype)."
                )
            if value.is_cuda != self.is_cuda:
                raise RuntimeError(
                    f"attempting to assign a gradient with device type '{value.device.type}' to a tensor "
                    f"with device type '{self.device.type}'. Please ensure that the gradient and the tensor "
                    "are on the same device"
                )
            if value.array.shape != self.array.shape:
                raise RuntimeError(
                    f"attempting to assign a gradient of size '{list(value.shape)}' to a tensor of size "
                    f"'{list(self.shape)}'. Please ensure that the gradient and the tensor are the same size"
                )
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    def retain_grad(self) -> None:
        """Makes backward keep this non-leaf tensor's gradient in `.grad`."""
        if not self.requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        node = self.grad_fn
        if node is not None and not self._retains_grad:
            self._retains_grad = True
            node.retained = (*node.retained, weakref.ref(self))

    @property
    def retains_grad(self) -> bool:
        return self._retains_grad

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """`hook(grad)` runs when this tensor's gradient is known; a Tensor it returns replaces it."""
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        node = self.grad_fn
        if node is None:
            if self._hooks is None:
                self._hooks = {}
            return RemovableHandle(self._hooks, hook)
        return RemovableHandle(node.hooks_of_output(self.output_nr), hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """`hook(tensor)` runs after backward has added to this leaf's `.grad`."""
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if self.grad_fn is not None:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        if self._post_hooks is None:
            self._post_hooks = {}
        return RemovableHandle(self._post_hooks, hook)

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Adds gradients to `.grad` of the leaves this tensor was computed from (or of `inputs` only)."""
        from gradviz.engine.autograd import backward  # it needs the tape, which needs this class

        backward(self, gradient, retain_graph, create_graph, inputs)

    # -- storage --------------------------------------------------------------------------------------------

    @property
    def data(self) -> Tensor:
        """The same storage as a tensor outside the graph, with a version of its own."""
        return wrap(self.array)

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
        if value.array is self.array:  # as after `t.data += 1`, which was told when it happened
            return
        if observer.current is not None:
            observer.current.will_change(self)
        self.array = value.array
        leaf = self._accumulator() if self._accumulator is not None else None
        if leaf is not None:
            leaf.measure()
        if observer.current is not None:
            observer.current.changed(self)

    @property
    def version_counter(self) -> list[int]:
        """The one-element list with the number of in-place changes, shared by all views of this storage."""
        if self._counter is None:
            self._counter = [0]
        return self._counter

    @property
    def _version(self) -> int:
        if inference.is_inference(self):
            raise RuntimeError("Inference tensors do not track version counter.")
        return self.version_counter[0]

    def is_inference(self) -> bool:
        return inference.is_inference(self)

    @property
    def _base(self) -> Tensor | None:
        return None if self._view is None else self._view.base

    def _is_view(self) -> bool:
        return self._view is not None

    # -- facts ----------------------------------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        return Size(self.array.shape)

    def size(self, dim: int | None = None) -> Size | int:
        if dim is None:
            return Size(self.array.shape)
        n = self.array.ndim or 1
        if not -n <= dim < n:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})"
            )
        return self.array.shape[dim]

    @property
    def ndim(self) -> int:
        return self.array.ndim

    def dim(self) -> int:
        return self.array.ndim

    ndimension = dim

    def numel(self) -> int:
        return self.array.size

    nelement = numel

    @property
    def dtype(self) -> dtypes.dtype:
        return dtypes.of_array(self.array.dtype)

    @property
    def device(self) -> device:
        return device_of(self.array)

    def get_device(self) -> int:
        """The number of the GPU, -1 on the CPU."""
        return -1 if type(self.array) is Array else self.device.index

    @property
    def is_cuda(self) -> bool:
        return type(self.array) is not Array

    is_mps = is_sparse = is_quantized = is_meta = False
    layout = "torch.strided"

    @property
    def itemsize(self) -> int:
        return self.array.itemsize

    @property
    def nbytes(self) -> int:
        return self.array.nbytes

    def element_size(self) -> int:
        return self.array.itemsize

    def stride(self, dim: int | None = None) -> tuple[int, ...] | int:
        strides = tuple(s // self.array.itemsize for s in self.array.strides)
        return strides if dim is None else strides[dim]

    def data_ptr(self) -> int:
        return address(self.array)

    def is_contiguous(self) -> bool:
        return bool(self.array.flags.c_contiguous)

    def is_floating_point(self) -> bool:
        return self.array.dtype.kind == "f"

    def is_complex(self) -> bool:
        return False

    def is_signed(self) -> bool:
        return self.dtype.is_signed

    # -- to Python and NumPy --------------------------------------------------------------------------------

    def item(self) -> Any:
        """The only element as a Python number. Raises RuntimeError when there are more or none."""
        if self.array.size != 1:
            raise RuntimeError(f"a Tensor with {self.array.size} elements cannot be converted to Scalar")
        return self.array.item()

    def tolist(self) -> Any:
        return self.array.tolist()

    def numpy(self, *, force: bool = False) -> numpy.ndarray:
        """The array itself, sharing memory. `force` gives a tensor that requires grad, or a copy from a GPU.

        Without it the former raises RuntimeError and the latter TypeError.
        """
        if self.is_cuda and not force:
            raise TypeError(
                f"can't convert {self.device} device type tensor to numpy. Use Tensor.cpu() to copy the "
                "tensor to host memory first."
            )
        if self.requires_grad and not force:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
            )
        return to_numpy(self.array)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> numpy.ndarray:
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def __array_wrap__(self, array: Array, context: Any = None, return_scalar: bool = False) -> Tensor:
        return wrap(asarray(array))

    def __bool__(self) -> bool:
        if self.array.size != 1:
            what = "no values" if self.array.size == 0 else "more than one value"
            raise RuntimeError(f"Boolean value of Tensor with {what} is ambiguous")
        return bool(self.array.item())

    def __float__(self) -> float:
        return float(self._only_element())

    def __int__(self) -> int:
        return int(self._only_element())

    def _only_element(self) -> Any:
        if self.array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return self.array.item()

    def __index__(self) -> int:
        if self.array.size != 1 or self.array.dtype.kind not in "iub":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.array.item())

    def __len__(self) -> int:
        if self.array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return self.array.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if self.array.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def __contains__(self, element: Any) -> bool:
        return bool((self == element).array.any())

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return tensor_repr(self)

    def __format__(self, spec: str) -> str:
        if self.array.ndim == 0 and type(self) is Tensor:
            return format(self.array.item(), spec)
        return object.__format__(self, spec)

    def __delitem__(self, index: Any) -> None:
        raise TypeError("Tensor does not support deleting items")

    def __reduce__(self) -> tuple:
        own = {k: v for k, v in self.__dict__.items() if k not in Tensor.__annotations__}
        return unpickled, (type(self), to_numpy(self.array), self.requires_grad, own)

    def __deepcopy__(self, memo: dict) -> Tensor:
        if not self.is_leaf:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol "
                "at the moment. If you were attempting to deepcopy a module, this may be because of a "
                "torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001"
            )
        if id(self) in memo:
            return memo[id(self)]
        new = object.__new__(type(self))
        memo[id(self)] = new
        new.array = self.array.copy()
        new._requires_grad = self._requires_grad
        if self._grad is not None:
            new._grad = copy.deepcopy(self._grad, memo)
        own = {k: v for k, v in self.__dict__.items() if k not in Tensor.__annotations__}
        new.__dict__.update(copy.deepcopy(own, memo))
        return new


def wrap(array: Array) -> Tensor:
    """A tensor around this very array (no copy, no checks), outside the graph."""
    tensor = object.__new__(Tensor)
    tensor.array = array
    return tensor


def unpickled(kind: type[Tensor], array: Array, requires_grad: bool, own: dict[str, Any]) -> Tensor:
    """The leaf that `Tensor.__reduce__` described; where it came from in a graph is not pickled."""
    tensor = object.__new__(kind)
    tensor.array, tensor._requires_grad = array, requires_grad
    tensor.__dict__.update(own)
    return tensor


def begin_change(target: Tensor) -> None:
    """To be called just before the target's storage is overwritten."""
    inference.check_change(target)
    if not is_writeable(target.array):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a single "
            "memory location. Please clone() the tensor before performing the operation."
        )
    if observer.current is not None:
        if target._view is not None:
            observer.current.will_change(target._view.base)
        observer.current.will_change(target)


def end_change(target: Tensor) -> None:
    """To be called just after: counts the version."""
    target.version_counter[0] += 1
    if observer.current is not None:
        if target._view is not None:
            observer.current.changed(target._view.base)
        observer.current.changed(target)


def legacy_array(args: tuple, array_dtype: numpy.dtype) -> Array:
    """What `torch.Tensor(…)` and `torch.LongTensor(…)` hold: a list's values, or zeros of the sizes given."""
    if len(args) == 1 and isinstance(args[0], Tensor):
        return args[0].array.astype(array_dtype, copy=False)
    if len(args) == 1 and not isinstance(args[0], (int, Size)):
        return xp.array(args[0], array_dtype)
    sizes = args[0] if len(args) == 1 and isinstance(args[0], Size) else args
    return xp.zeros(tuple(sizes) if sizes else (0,), array_dtype)
