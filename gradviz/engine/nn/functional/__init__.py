"""torch.nn.functional: layers, activations and losses as functions."""

from gradviz.engine.nn.functional.activation import (
    celu,
    elu,
    glu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    log_softmax,
    mish,
    relu,
    relu6,
    selu,
    silu,
    softmax,
    softmin,
    softshrink,
    softsign,
    tanhshrink,
    threshold,
)
from gradviz.engine.nn.functional.attention import scaled_dot_product_attention
from gradviz.engine.nn.functional.convolution import (
    adaptive_avg_pool2d,
    avg_pool2d,
    conv1d,
    conv2d,
    conv_transpose1d,
    conv_transpose2d,
    max_pool2d,
)
from gradviz.engine.nn.functional.distance import cosine_similarity, normalize, pairwise_distance
from gradviz.engine.nn.functional.entropy import cross_entropy
from gradviz.engine.nn.functional.layer import (
    bilinear,
    dropout,
    dropout2d,
    embedding,
    linear,
    one_hot,
    pad,
)
from gradviz.engine.nn.functional.loss import (
    cosine_embedding_loss,
    gaussian_nll_loss,
    hinge_embedding_loss,
    kl_div,
    l1_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_soft_margin_loss,
    poisson_nll_loss,
    soft_margin_loss,
    triplet_margin_loss,
)
from gradviz.engine.nn.functional.reduction import takes_size_average
from gradviz.engine.ops import loss as _loss
from gradviz.engine.ops.activation import gelu, logsigmoid, prelu, sigmoid, softplus, tanh
from gradviz.engine.ops.nll_loss import nll_loss as _nll_loss
from gradviz.engine.ops.normalization import batch_norm, group_norm, layer_norm

binary_cross_entropy = takes_size_average(_loss.binary_cross_entropy)
binary_cross_entropy_with_logits = takes_size_average(_loss.binary_cross_entropy_with_logits)
huber_loss = takes_size_average(_loss.huber_loss)
mse_loss = takes_size_average(_loss.mse_loss)
nll_loss = takes_size_average(_nll_loss)
smooth_l1_loss = takes_size_average(_loss.smooth_l1_loss)

__all__ = [
    "adaptive_avg_pool2d",
    "avg_pool2d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "dropout",
    "dropout2d",
    "elu",
    "embedding",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "group_norm",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_embedding_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "margin_ranking_loss",
    "max_pool2d",
    "mish",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "triplet_margin_loss",
]
