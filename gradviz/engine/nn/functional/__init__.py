"""torch.nn.functional: layers, activations and losses as functions."""

from gradviz.engine.nn.functional.activation import (
    celu,
    celu_,
    elu,
    elu_,
    glu,
    gumbel_softmax,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    hardtanh_,
    leaky_relu,
    leaky_relu_,
    log_softmax,
    mish,
    relu,
    relu6,
    relu_,
    rrelu,
    rrelu_,
    selu,
    selu_,
    silu,
    softmax,
    softmin,
    softshrink,
    softsign,
    tanhshrink,
    threshold,
    threshold_,
)
from gradviz.engine.nn.functional.attention import scaled_dot_product_attention
from gradviz.engine.nn.functional.convolution import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)
from gradviz.engine.nn.functional.distance import cosine_similarity, normalize, pairwise_distance
from gradviz.engine.nn.functional.dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from gradviz.engine.nn.functional.embedding import embedding, embedding_bag
from gradviz.engine.nn.functional.entropy import cross_entropy, linear_cross_entropy
from gradviz.engine.nn.functional.folding import fold, unfold
from gradviz.engine.nn.functional.grid_sampling import affine_grid, grid_sample
from gradviz.engine.nn.functional.layer import (
    bilinear,
    linear,
    one_hot,
)
from gradviz.engine.nn.functional.loss import (
    cosine_embedding_loss,
    gaussian_nll_loss,
    hinge_embedding_loss,
    kl_div,
    l1_loss,
    margin_ranking_loss,
    multilabel_soft_margin_loss,
    poisson_nll_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from gradviz.engine.nn.functional.max_pooling import (
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    fractional_max_pool2d,
    fractional_max_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    max_unpool1d,
    max_unpool2d,
    max_unpool3d,
)
from gradviz.engine.nn.functional.normalization import instance_norm, local_response_norm
from gradviz.engine.nn.functional.padding import pad
from gradviz.engine.nn.functional.pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
)
from gradviz.engine.nn.functional.reduction import takes_size_average
from gradviz.engine.nn.functional.upsampling import interpolate, upsample, upsample_bilinear, upsample_nearest
from gradviz.engine.ops import loss as _loss
from gradviz.engine.ops import margin_loss as _margin_loss
from gradviz.engine.ops import multilabel_margin_loss as _multilabel
from gradviz.engine.ops.activation import gelu, logsigmoid, prelu, sigmoid, softplus, tanh
from gradviz.engine.ops.ctc_loss import ctc_loss
from gradviz.engine.ops.nll_loss import nll_loss as _nll_loss
from gradviz.engine.ops.normalization import batch_norm, group_norm, layer_norm, rms_norm
from gradviz.engine.ops.shuffling import channel_shuffle, pixel_shuffle, pixel_unshuffle

binary_cross_entropy = takes_size_average(_loss.binary_cross_entropy)
binary_cross_entropy_with_logits = takes_size_average(_loss.binary_cross_entropy_with_logits)
huber_loss = takes_size_average(_loss.huber_loss)
multi_margin_loss = takes_size_average(_margin_loss.multi_margin_loss)
multilabel_margin_loss = takes_size_average(_multilabel.multilabel_margin_loss)
soft_margin_loss = takes_size_average(_margin_loss.soft_margin_loss)
mse_loss = takes_size_average(_loss.mse_loss)
nll_loss = takes_size_average(_nll_loss)
smooth_l1_loss = takes_size_average(_loss.smooth_l1_loss)

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "affine_grid",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "celu_",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "ctc_loss",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "elu_",
    "embedding",
    "embedding_bag",
    "feature_alpha_dropout",
    "fold",
    "fractional_max_pool2d",
    "fractional_max_pool3d",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "grid_sample",
    "group_norm",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "hinge_embedding_loss",
    "huber_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "leaky_relu_",
    "linear",
    "linear_cross_entropy",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "mish",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "rms_norm",
    "rrelu",
    "rrelu_",
    "scaled_dot_product_attention",
    "selu",
    "selu_",
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
    "threshold_",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "unfold",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
]
