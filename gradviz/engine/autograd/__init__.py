"""torch.autograd: gradients on demand, custom functions, checks."""

from gradviz.engine.anomaly import detect_anomaly, set_detect_anomaly
from gradviz.engine.autograd import functional, graph
from gradviz.engine.autograd.function import Function
from gradviz.engine.autograd.gradcheck import gradcheck, gradgradcheck
from gradviz.engine.autograd.gradients import backward, grad
from gradviz.engine.autograd.variable import Variable
from gradviz.engine.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled

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
