"""What the distributions share: parameters of one shape, and probabilities beside their logarithms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradviz.engine.creation import tensor
from gradviz.engine.dtypes import finfo
from gradviz.engine.grad_mode import enable_grad
from gradviz.engine.ops.activation import sigmoid
from gradviz.engine.ops.shape import broadcast_tensors
from gradviz.engine.ops.softmax import softmax
from gradviz.engine.tensor import Tensor


def broadcast_all(*values: Any) -> tuple[Tensor, ...]:
    """Tensors and numbers as tensors of one shape; a number takes dtype and device of the first tensor."""
    if not all(isinstance(v, (Tensor, int, float)) for v in values):
        raise ValueError("Input arguments must all be instances of Number, torch.Tensor.")
    like = next((v for v in values if isinstance(v, Tensor)), tensor(0.0))
    made = [v if isinstance(v, Tensor) else like.new_tensor(v) for v in values]
    return tuple(broadcast_tensors(*made))


class lazy_property:
    """An attribute computed when it is first asked for, and kept."""

    def __init__(self, compute: Callable) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        with enable_grad():
            value = self.compute(instance)
        setattr(instance, self.compute.__name__, value)
        return value


def require_one_of(probs: Any, logits: Any) -> None:
    """Raises ValueError unless exactly one of the two spellings of a probability was given."""
    if (probs is None) == (logits is None):
        raise ValueError("Either `probs` or `logits` must be specified, but not both.")


def clamp_probs(probs: Tensor) -> Tensor:
    """`probs` kept so far from 0 and 1 that their logarithms are finite."""
    eps = finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def probs_to_logits(probs: Tensor, is_binary: bool = False) -> Tensor:
    """log(p / (1 - p)) of binary events, else log(p)."""
    clamped = clamp_probs(probs)
    return clamped.log() - (-clamped).log1p() if is_binary else clamped.log()


def logits_to_probs(logits: Tensor, is_binary: bool = False) -> Tensor:
    """The sigmoid of binary events, else the softmax along the last dimension."""
    return sigmoid(logits) if is_binary else softmax(logits, -1)


def sum_rightmost(value: Tensor, count: int) -> Tensor:
    """The sum over the last `count` dimensions."""
    return value.sum(tuple(range(-count, 0))) if count else value
