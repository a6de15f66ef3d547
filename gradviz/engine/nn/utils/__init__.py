"""torch.nn.utils: tools for the parameters and gradients of a network, and for sequences of any length."""

from gradviz.engine.nn.utils import rnn
from gradviz.engine.nn.utils.clip_grad import clip_grad_norm_, clip_grad_value_, get_total_norm
from gradviz.engine.nn.utils.convert_parameters import parameters_to_vector, vector_to_parameters

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "get_total_norm",
    "parameters_to_vector",
    "rnn",
    "vector_to_parameters",
]
