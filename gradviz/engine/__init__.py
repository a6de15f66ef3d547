"""torch on NumPy, small enough to be read in an evening: in a worker, `import torch` gives this package."""

import difflib as _difflib
import math as _math
import sys as _sys

from gradviz.engine import autograd, creation, ops, registry
from gradviz.engine.device import device
from gradviz.engine.dtypes import (
    bool_ as bool,
)
from gradviz.engine.dtypes import (
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
from gradviz.engine.grad_mode import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from gradviz.engine.observer import Observer, observe
from gradviz.engine.printing import set_printoptions
from gradviz.engine.tensor import Size, Tensor

float, double, half = float32, float64, float16
long, int, short = int64, int32, int16
pi, e, inf, nan = _math.pi, _math.e, _math.inf, _math.nan

globals().update(registry.TORCH_FUNCTIONS)


def __getattr__(name: str) -> object:
    near = _difflib.get_close_matches(name, globals(), 1)
    hint = f"; nearest: torch.{near[0]}" if near else ""
    raise AttributeError(f"gradviz has no torch.{name} yet{hint}")
