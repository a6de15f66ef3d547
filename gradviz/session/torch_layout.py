"""Where torch files what the engine files elsewhere: programs import from these modules and print types."""

from __future__ import annotations

import sys
from types import ModuleType

OTHER_FILES = {
    "torch": ["finfo", "iinfo", "FloatTensor", "DoubleTensor", "HalfTensor", "LongTensor", "IntTensor",
              "ShortTensor", "CharTensor", "ByteTensor", "BoolTensor"],
    "torch.autograd.anomaly_mode": ["detect_anomaly", "set_detect_anomaly"],
    "torch.autograd.grad_mode": ["enable_grad", "inference_mode", "no_grad", "set_grad_enabled"],
    "torch.distributions.chi2": ["Chi2"],
    "torch.distributions.relaxed_bernoulli": ["RelaxedBernoulli"],
    "torch.distributions.relaxed_categorical": ["RelaxedOneHotCategorical"],
    "torch.distributions.studentT": ["StudentT"],
    "torch.nn.modules.activation": ["MultiheadAttention"],
    "torch.nn.modules.batchnorm": ["LazyBatchNorm1d", "LazyBatchNorm2d", "LazyBatchNorm3d"],
    "torch.nn.modules.channelshuffle": ["ChannelShuffle"],
    "torch.nn.modules.conv": ["LazyConv1d", "LazyConv2d", "LazyConv3d", "LazyConvTranspose1d",
                              "LazyConvTranspose2d", "LazyConvTranspose3d"],
    "torch.nn.modules.fold": ["Fold", "Unfold"],
    "torch.nn.modules.instancenorm": ["LazyInstanceNorm1d", "LazyInstanceNorm2d", "LazyInstanceNorm3d"],
    "torch.nn.modules.linear": ["LazyLinear"],
    "torch.nn.modules.pixelshuffle": ["PixelShuffle", "PixelUnshuffle"],
    "torch.nn.modules.rnn": ["RNNBase", "RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"],
    "torch.nn.modules.sparse": ["Embedding", "EmbeddingBag"],
    "torch.nn.modules.upsampling": ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"],
    "torch.nn.parallel.data_parallel": ["DataParallel"],
    "torch.optim.adamw": ["AdamW"],
    "torch.optim.lr_scheduler": [
        "ChainedScheduler", "ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "CyclicLR",
        "ExponentialLR", "LambdaLR", "LinearLR", "LRScheduler", "MultiplicativeLR", "MultiStepLR",
        "OneCycleLR", "PolynomialLR", "ReduceLROnPlateau", "SequentialLR", "StepLR",
    ],
}  # fmt: skip
"""torch's modules, and the names in them that are public in the nearest package that the engine has, too."""


def enter() -> None:
    """Enters these modules into `sys.modules`, and their names into the types. Idempotent."""
    for file, names in OTHER_FILES.items():
        module = sys.modules.get(file) or _new_module(file)
        for name in names:
            value = _public(file, name)
            setattr(module, name, value)
            value.__module__ = file


def _new_module(file: str) -> ModuleType:
    owner, _, name = file.rpartition(".")
    module = sys.modules[file] = ModuleType(file)
    setattr(sys.modules[owner], name, module)
    return module


def _public(file: str, name: str) -> type:
    """What `name` is in the package that offers it: torch.nn for a file below torch.nn."""
    package = file
    while not hasattr(sys.modules.get(package), name):
        package = package.rpartition(".")[0]
    return getattr(sys.modules[package], name)
