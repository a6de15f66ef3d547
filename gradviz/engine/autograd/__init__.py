"""torch.autograd: gradients on demand, custom functions, checks."""

from gradviz.engine.anomaly import detect_anomaly, set_detect_anomaly
from gradviz.engine.autograd.function import Function
from gradviz.engine.autograd.gradcheck import gradcheck, gradgradcheck
from gradviz.engine.autograd.gradients import backward, grad
from gradviz.engine.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from gradviz.engine.tensor import Tensor


def Variable(tensor: Tensor, requires_grad: bool = False) -> Tensor:
    """The tensor itself, as a leaf: Variable and Tensor have been one since torch 0.4."""
    return tensor.detach().requires_grad_() if requires_grad and not tensor.requires_grad else tensor


__all__ = [
    "Function",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]
