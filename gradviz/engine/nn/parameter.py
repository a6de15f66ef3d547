"""nn.Parameter: a tensor that a module trains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradviz.engine.creation import empty
from gradviz.engine.nn.init import overwrite
from gradviz.engine.tensor import Size, Tensor


class Parameter(Tensor):
    """A leaf tensor around `data`'s array that registers itself when assigned to a module."""

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> Parameter:
        if data is None:
            data = Tensor()
        if not isinstance(data, Tensor):
            raise TypeError(
                f"Parameter expects a Tensor as data, got {type(data).__name__}: use torch.tensor(…)"
            )
        parameter = super().__new__(cls)
        parameter.array = data.array
        if requires_grad and not data.is_floating_point():
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        parameter.requires_grad = requires_grad
        return parameter

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()


class UninitializedParameter(Parameter):
    """A parameter of a lazy layer: it gets its shape when the layer sees its first input."""

    def __new__(
        cls, data: Tensor | None = None, requires_grad: bool = True, device: Any = None, dtype: Any = None
    ) -> Parameter:
        return super().__new__(
            cls, empty(0, device=device, dtype=dtype) if data is None else data, requires_grad
        )

    @property
    def shape(self) -> Size:
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in "
            "`load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call "
            "`forward` to initialize the parameters before accessing their attributes."
        )

    def materialize(self, shape: Sequence[int], device: Any = None, dtype: Any = None) -> None:
        """Become a parameter of that shape, its values not yet set."""
        self.data = empty(*shape, device=device or self.device, dtype=dtype or self.dtype)
        self.__class__ = Parameter

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def clear_gradient(tensor: Tensor, set_to_none: bool) -> None:
    """Drop the tensor's gradient, or fill it with zeros outside the graph."""
    if set_to_none:
        tensor.grad = None
    elif tensor.grad is not None:
        if tensor.grad.grad_fn is not None:
            tensor.grad = tensor.grad.detach()
        overwrite(tensor.grad, 0.0)
