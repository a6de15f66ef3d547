"""What tensors with gradients were called before torch 0.4."""

from __future__ import annotations

from typing import Any

from gradviz.engine.tensor import Tensor


class _AnyTensor(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=_AnyTensor):
    """The tensor itself, as a leaf: Variable and Tensor have been one since torch 0.4."""

    def __new__(cls, data: Tensor, requires_grad: bool = False, volatile: bool = False) -> Any:
        return data.detach().requires_grad_() if requires_grad and not data.requires_grad else data
