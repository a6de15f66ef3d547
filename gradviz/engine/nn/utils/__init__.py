"""torch.nn.utils: tools for the parameters and gradients of a network, and for sequences of any length."""

from gradviz.engine.nn.utils import parametrizations, parametrize, rnn
from gradviz.engine.nn.utils.clip_grad import (
    clip_grad_norm,
    clip_grad_norm_,
    clip_grad_value_,
    get_total_norm,
)
from gradviz.engine.nn.utils.convert_parameters import parameters_to_vector, vector_to_parameters
from gradviz.engine.nn.utils.spectral_norm import remove_spectral_norm, spectral_norm
from gradviz.engine.nn.utils.weight_norm import remove_weight_norm, weight_norm

__all__ = [
    "clip_grad_norm",
    "clip_grad_norm_",
    "clip_grad_value_",
    "get_total_norm",
    "parameters_to_vector",
    "parametrizations",
    "parametrize",
    "remove_spectral_norm",
    "remove_weight_norm",
    "rnn",
    "spectral_norm",
    "vector_to_parameters",
    "weight_norm",
]
