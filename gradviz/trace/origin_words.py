"""What is said about a NaN or an infinite number: English templates, which the window translates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# {1} is "NaN", "inf" or "-inf", {2} what it was computed from
MADE = "{0} made {1} out of finite numbers: {2}."
MADE_OF_NOTHING = "{0} made {1}."
UPDATED = "The update of {0} made {1} out of finite numbers: {2}."
SENT = "The backward of {0} made {1} out of finite numbers: {2}."
MADE_OF_MASK = "{0} made NaN out of {1}, which {2} holds on purpose."
GIVEN = "{0} holds {1} from the start."
CAME_IN = "{0} held {1} when the iteration began."
HELD = "{0}.grad held {1} before this backward pass."
HOOKED = "A hook put {1} into the gradient of {0}."
SEED = "backward() was started at {0} with a gradient of {1}."
UPDATED_FROM_OLD = "{0} held {1} before this update."
UPDATED_BY_GRADIENT = "{0} was updated with a gradient that holds {1}."
SENT_ON = "It came through the backward of {0}, whose own gradient holds {1}."
COMPUTED_WITH = "{0} was computed from {1}, which holds {2}."
SENT_WITH = "It came from the backward of {0}, which computes with {1}, and that holds {2}."
SENT_BY_RESULT = "It came from the backward of {0}, whose result holds {1}."
WHERE = "{0} at {1} of {2} elements, such as {3}."
GRADIENT = "gradient"  # a name among those of an operation's arguments

UPDATE_HINT = "The learning rate, or what the optimizer remembers, is too large or no number."
SOFTMAX_HINT = "A row in which every number is -inf has no softmax: leave one of them unmasked."
EMPTY_HINT = "There are no elements to average, or all are left out."
SLOPE_AT_0 = (
    "The slope is infinite at 0, and 0 · inf is NaN even where torch.where discards the value: keep the input"
    " away from 0, or choose it before the operation."
)
FORWARD_HINTS: dict[str, str] = {
    "log": "log is -inf at 0 and NaN below: clamp its input to a small positive number.",
    "div": "It divides by 0: add a small number to the divisor.",
    "reciprocal": "It divides by 0: add a small number to the divisor.",
    "rsqrt": "It divides by 0: add a small number to the divisor.",
    "sqrt": "A negative number has no square root.",
    "exp": "exp overflows: subtract the largest number first, or clamp its input.",
    "pow": "A power overflows, divides by 0, or is a root of a negative number.",
    "softmax": SOFTMAX_HINT,
    "log_softmax": SOFTMAX_HINT,
    "mean": EMPTY_HINT,
    "nll_loss": EMPTY_HINT,
    "std": "It divides by the number of elements less one: one element has no spread.",
    "var": "It divides by the number of elements less one: one element has no spread.",
}
for _name in ("log2", "log10"):
    FORWARD_HINTS[_name] = FORWARD_HINTS["log"]
BACKWARD_HINTS: dict[str, str] = dict.fromkeys(
    ("sqrt", "rsqrt", "log", "log2", "log10", "div", "reciprocal", "pow", "std", "norm"), SLOPE_AT_0
)

TEMPLATES = (
    MADE,
    MADE_OF_NOTHING,
    UPDATED,
    SENT,
    MADE_OF_MASK,
    GIVEN,
    CAME_IN,
    HELD,
    SEED,
    HOOKED,
    UPDATED_FROM_OLD,
    UPDATED_BY_GRADIENT,
    SENT_ON,
    COMPUTED_WITH,
    SENT_WITH,
    SENT_BY_RESULT,
    WHERE,
    UPDATE_HINT,
    SLOPE_AT_0,
    *dict.fromkeys(FORWARD_HINTS.values()),
)

SOFTMAX = {"softmax", "log_softmax", "logsumexp", "safe_softmax", "scaled_dot_product_attention"}
FILLING = {"masked_fill", "where", "fill", "index_fill", "masked_scatter"}
"""Operations that put numbers into an array: an infinite one there is on purpose."""

# fmt: off
BY_ELEMENT = {
    "abs", "acos", "acosh", "add", "addcdiv", "addcmul", "alias", "asin", "asinh", "atan", "atan2",
    "atanh", "ceil", "celu", "clamp", "clamp_max", "clamp_min", "clone", "copysign", "cos", "cosh",
    "deg2rad", "detach", "digamma", "div", "elu", "erf", "erfc", "erfinv", "exp", "exp2", "expm1",
    "floor", "fmax", "fmin", "fmod", "gelu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh",
    "hypot", "leaky_relu", "lerp", "lgamma", "log", "log10", "log1p", "log2", "logaddexp", "logit",
    "logsigmoid", "masked_fill", "maximum", "minimum", "mish", "mul", "nan_to_num", "neg", "pow",
    "rad2deg", "reciprocal", "relu", "remainder", "round", "rsqrt", "rsub", "sgn", "sigmoid", "sign",
    "silu", "sin", "sinc", "sinh", "softplus", "softshrink", "sqrt", "sub", "tan", "tanh", "threshold",
    "to", "trunc", "where", "xlog1py", "xlogy",
}
# fmt: on
"""Operations of which an element depends on the elements at the same place alone."""


@dataclass(frozen=True)
class Sighting:
    """The NaN or infinite numbers in an array: NaN where there is any, then only those are counted."""

    what: str
    count: int
    shape: tuple[int, ...]
    index: tuple[int, ...]
    """The first of them, or the one that was asked for."""

    @property
    def is_infinite(self) -> bool:
        return self.what != "NaN"

    def index_in(self, shape: tuple[int, ...]) -> tuple[int, ...] | None:
        """The same element in an array of another shape that is broadcast against this; None if it is not."""
        if len(shape) > len(self.index):
            return None
        aligned = self.index[len(self.index) - len(shape) :]
        mine = self.shape[len(self.index) - len(shape) :]
        if any(length not in (1, whole) for length, whole in zip(shape, mine, strict=True)):
            return None
        return tuple(0 if length == 1 else i for length, i in zip(shape, aligned, strict=True))


def sighting(array: np.ndarray, at: tuple[int, ...] | None = None) -> Sighting | None:
    """What of the array is not finite, None when all is; with `at` only that element is looked at."""
    if array.dtype.kind not in "fc" or not array.size:
        return None
    looked_at = array if at is None else array[at]
    if np.isfinite(looked_at).all():
        return None
    wrong = np.isnan(array) if np.isnan(looked_at).any() else np.isinf(array)
    first = (
        at if at is not None else tuple(int(i) for i in np.unravel_index(int(wrong.argmax()), array.shape))
    )
    what = "NaN" if np.isnan(array[first]) else f"{array[first].real:g}"
    return Sighting(what, int(np.count_nonzero(wrong)), array.shape, first)


def operand(name: str, array: np.ndarray, at: tuple[int, ...] | None) -> str:
    """An argument of an operation in few words: "self = 0", or "self (64×10) from -3 to 5"."""
    if at is not None:
        return f"{name} = {_number(array[at])}"
    if not array.size:
        return f"{name} ({times(array.shape)})"
    if array.dtype.kind in "fiu":
        return f"{name} ({times(array.shape)}) {_number(array.min())} … {_number(array.max())}"
    return f"{name} ({times(array.shape)})"


def _number(value: np.generic) -> str:
    return f"{value.item():.4g}" if value.dtype.kind in "fc" else str(value.item())


def times(shape: tuple[int, ...]) -> str:
    """ "64×10"."""
    return "×".join(map(str, shape)) if shape else "1"
