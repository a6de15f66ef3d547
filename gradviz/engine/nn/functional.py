"""torch.nn.functional: layers, activations and losses as functions."""

from gradviz.engine.nn.cross_entropy import cross_entropy as cross_entropy
from gradviz.engine.nn.layer_functions import linear as linear
from gradviz.engine.nn.reduction import takes_size_average as _takes_size_average
from gradviz.engine.ops import activation as _activation
from gradviz.engine.ops import loss as _loss
from gradviz.engine.ops.activation import log_softmax as log_softmaxfrom gradviz.engine.tensor import Tensor as _Tensor

nll_loss = _takes_size_average(_loss.nll_loss)


def relu(input: _Tensor, inplace: bool = False) -> _Tensor:
    """max(0, input)."""
    return _activation.relu_(input) if inplace else _activation.relu(input)
