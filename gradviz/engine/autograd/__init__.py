"""torch.autograd: gradients on demand, custom functions, checks."""

from typing import Any

from gradviz.engine.anomaly import detect_anomaly, set_detect_anomaly
from gradviz.engine.autograd import functional, graph
from gradviz.engine.autograd.function import Function
from gradviz.engine.autograd.gradcheck import gradcheck, gradgradcheck
from gradviz.engine.autograd.gradients import backward, grad
from gradviz.engine.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from gradviz.engine.tensor import Tensor


class _AnyTensor(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=_AnyTensor):
    """The tensor itself, as a leaf: Variable and Tensor have been one since torch 0.4."""

    def __new__(cls, data: Tensor, requires_grad: bool = False, volatile: bool = False) -> Any:
        return data.detach().requires_grad_() if requires_grad and not data.requires_grad else data


__all__ = [
    "Function",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]
