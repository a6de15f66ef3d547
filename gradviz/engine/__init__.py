"""torch on NumPy, small enough to be read in an evening: in a worker, `import torch` gives this package."""

# ruff: noqa: F401  (the names are what this package offers)

import math as _math
import typing as _typing

from gradviz.engine import (
    accelerator,
    autograd,
    backends,
    creation,
    cuda,
    linalg,
    ops,
    queries,
    random,
    registry,
    sampling,
    signal_windows,
    special,
    storage,
    version,
)
from gradviz.engine.device import device, get_default_device, set_default_device
from gradviz.engine.dtypes import (
    bfloat16,
    bool_,
    cdouble,
    cfloat,
    complex64,
    complex128,
    dtype,
    finfo,
    float16,
    float32,
    float64,
    get_default_dtype,
    iinfo,
    int8,
    int16,
    int32,
    int64,
    set_default_dtype,
    uint8,
)
from gradviz.engine.grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from gradviz.engine.inference import is_inference
from gradviz.engine.legacy import (
    BoolTensor,
    ByteTensor,
    CharTensor,
    DoubleTensor,
    FloatTensor,
    HalfTensor,
    IntTensor,
    LongTensor,
    ShortTensor,
    set_default_tensor_type,
)
from gradviz.engine.missing import missing as _missing
from gradviz.engine.observer import Observer, observe
from gradviz.engine.printing import set_printoptions
from gradviz.engine.random import Generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state
from gradviz.engine.serialization import load, save
from gradviz.engine.settings import (
    are_deterministic_algorithms_enabled,
    get_float32_matmul_precision,
    get_num_threads,
    is_anomaly_enabled,
    set_float32_matmul_precision,
    set_num_threads,
    use_deterministic_algorithms,
)
from gradviz.engine.tensor import Size, Tensor

# torch's shorter names; `float`, `int` and `bool` are dtypes in this file only.
bool = bool_
float, double, half = float32, float64, float16
long, int, short = int64, int32, int16
pi, e, inf, nan, newaxis = _math.pi, _math.e, _math.inf, _math.nan, None
strided, preserve_format = "torch.strided", "torch.preserve_format"
contiguous_format, channels_last = "torch.contiguous_format", "torch.channels_last"
channels_last_3d = "torch.channels_last_3d"
__version__ = "2.13.0+gradviz"  # what programs that ask for torch's version compare with

globals().update(registry.TORCH_FUNCTIONS)

from gradviz.engine import amp, distributions, func, jit, nn, optim, testing, utils  # noqa: E402  (they use the names above)
from gradviz.engine.amp import autocast, is_autocast_enabled  # noqa: E402
from gradviz.engine.cuda import amp as _cuda_amp  # noqa: E402  (so that torch.cuda.amp is there)
from gradviz.engine.func import vmap  # noqa: E402
from gradviz.engine.jit import compile  # noqa: E402
from gradviz.engine.nn.functional import (  # noqa: E402
    bilinear,
    celu,
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
    cosine_similarity,
    dropout,
    hardshrink,
    pairwise_distance,
    threshold,
)

# Of torch.nn.functional, what torch offers in its own name, too.
for _name in (
    *("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
    *("dropout", "alpha_dropout", "feature_alpha_dropout", "celu", "hardshrink", "threshold"),
    *("adaptive_max_pool1d", "bilinear", "cosine_similarity", "pairwise_distance"),
):
    globals()[_name] = getattr(nn.functional, _name)


def __getattr__(name: str) -> _typing.Any:
    raise _missing("torch", name, list(globals()))
