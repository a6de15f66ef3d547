"""torch.nn.functional: layers, activations and losses as functions."""

from gradviz.engine.nn.activation_functions import relu
from gradviz.engine.nn.cross_entropy import cross_entropy
from gradviz.engine.nn.layer_functions import linear
from gradviz.engine.nn.reduction import takes_size_average
from gradviz.engine.ops.activation import log_softmax
from gradviz.engine.ops.loss import nll_loss as _nll_loss

nll_loss = takes_size_average(_nll_loss)
__all__ = ["cross_entropy", "linear", "log_softmax", "nll_loss", "relu"]
