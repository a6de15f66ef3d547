"""Losses that are one operation each, named as in torch; torch.nn.functional adds those made of several."""

from __future__ import annotations

import warnings
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.dtypes import category, promote
from gradviz.engine.errors import require_kinds, require_one_dtype
from gradviz.engine.explain.decomposition import Decomposition, Part, elements
from gradviz.engine.ops.activation import logsigmoid
from gradviz.engine.ops.clamping import clamp
from gradviz.engine.ops.shape import broadcast_tensors
from gradviz.engine.polymorphic import log, plain, sigmoid_of
from gradviz.engine.registry import torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

REDUCTIONS = ("none", "mean", "sum")
BEFORE = {  # LaTeX before the formula of a single loss, and before its vjp
    "none": ("", ""),
    "sum": (r"\textstyle\sum\ ", ""),
    "mean": (r"\frac{1}{n} \textstyle\sum\ ", r"\frac{1}{n}\, "),
}


def check_reduction(reduction: str) -> None:
    """Raises ValueError for a reduction that torch does not have."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"{reduction} is not a valid value for reduction")


class PairLoss(Op):
    """A loss of input and target, element by element, then reduced.

    A subclass states formula and vjp of a single loss; its instances those of the reduced one.
    """

    args = ("input", "target")
    saves: tuple[str, ...] = ("input", "target")
    symbols = {"x": "input", "y": "target"}

    def __init__(self, reduction: str) -> None:
        self.reduction = reduction
        over, share = BEFORE[reduction]
        self.formula = over + self.formula
        self.vjp = tuple(share + text for text in self.vjp)

    def forward(self, x, y):
        return self.reduced(self.losses(*promote(x, y)))

    def losses(self, x: Array, y: Array) -> Array:
        raise NotImplementedError(f"{type(self).__name__} has no losses")

    def reduced(self, losses: Array) -> Array:
        if self.reduction == "none":
            return losses
        return losses.mean() if self.reduction == "mean" else losses.sum()

    def decompose(self, nr, index, x, y):
        losses = self.losses(*promote(x, y))
        at = elements(losses, index if self.reduction == "none" else ...)
        count = losses.size if self.reduction == "mean" else 1
        rule = (r"\frac{1}{n} " if self.reduction == "mean" else "") + f"({type(self).formula})"
        terms = Part(losses.reshape(-1)[at] / count, rule, (("input", at), ("target", at)))
        return Decomposition((terms,), symbols={"n": count})

    def scaled(self, g: Any, like: Any) -> Any:
        """The gradient that reaches every single loss."""
        return g / plain(like).size if self.reduction == "mean" else g


class MseLoss(PairLoss):
    formula = "(x - y)^{2}"
    vjp = (r"2 g \odot (x - y)", r"2 g \odot (y - x)")

    def losses(self, x, y):
        require_kinds("f", "mse_cpu", x)
        difference = x - y
        return difference * difference

    def backward(self, g, input, target):
        difference = input - target
        g_input = self.scaled(g, difference) * 2 * difference
        return g_input, -g_input if self.needs[1] else None


class SmoothL1Loss(PairLoss):
    formula = r"(x - y)^{2} / 2 \beta\ \mathrm{if}\ |x - y| < \beta\ \mathrm{else}\ |x - y| - \beta / 2"
    vjp = (
        r"g \odot \mathrm{clamp}((x - y) / \beta, -1, 1)",
        r"-g \odot \mathrm{clamp}((x - y) / \beta, -1, 1)",
    )
    op_name = "smooth_l1_loss"

    def __init__(self, reduction: str, beta: float) -> None:
        super().__init__(reduction)
        self.beta = beta

    def losses(self, x, y):
        d = abs(x - y)
        return xp.where(d < self.beta, 0.5 * d * d / self.beta, d - 0.5 * self.beta)

    def backward(self, g, input, target):
        slope = clamp((input - target) / self.beta, -1, 1)
        g_input = self.scaled(g, slope) * slope
        return g_input, -g_input


class HuberLoss(PairLoss):
    formula = (
        r"(x - y)^{2} / 2\ \mathrm{if}\ |x - y| \le \delta\ \mathrm{else}\ \delta (|x - y| - \delta / 2)"
    )
    vjp = (
        r"g \odot \mathrm{clamp}(x - y, -\delta, \delta)",
        r"-g \odot \mathrm{clamp}(x - y, -\delta, \delta)",
    )

    def __init__(self, reduction: str, delta: float) -> None:
        super().__init__(reduction)
        self.delta = delta

    def losses(self, x, y):
        d = abs(x - y)
        return xp.where(d <= self.delta, 0.5 * d * d, self.delta * (d - 0.5 * self.delta))

    def backward(self, g, input, target):
        slope = clamp(input - target, -self.delta, self.delta)
        g_input = self.scaled(g, slope) * slope
        return g_input, -g_input


class BinaryCrossEntropy(PairLoss):
    """The weight is a factor of every single loss."""

    formula = r"-w\, (y \ln x + (1 - y) \ln(1 - x))"
    vjp = (r"g \odot w\, (x - y) / (x (1 - x))", r"g \odot w\, (\ln(1 - x) - \ln x)")
    symbols = {**PairLoss.symbols, "w": "weight"}

    def __init__(self, reduction: str, weight: Array | None) -> None:
        super().__init__(reduction)
        self.weight = 1 if weight is None else weight

    def losses(self, x, y):
        if ((x < 0) | (x > 1)).any():
            raise RuntimeError("all elements of input should be between 0 and 1")
        # Logarithms are kept above -100, so that a certain wrong answer has a finite loss.
        losses = -(y * xp.maximum(xp.log(x), -100) + (1 - y) * xp.maximum(xp.log1p(-x), -100))
        return losses * self.weight

    def backward(self, g, input, target):
        g = self.scaled(g, input) * self.weight
        slope = clamp((1 - input) * input, min=1e-12)
        g_target = g * (log(1 - input) - log(input)) if self.needs[1] else None
        return g * (input - target) / slope, g_target


class BinaryCrossEntropyWithLogits(PairLoss):
    """`extra` is what the weight of positive targets exceeds 1 by."""

    formula = r"w\, ((1 - y) x + (1 + q y) \ln(1 + e^{-x}))"
    vjp = (
        r"g \odot w\, (1 - y - (1 + q y) \sigma(-x))",
        r"g \odot w\, (q \ln(1 + e^{-x}) - x)",
    )
    symbols = {**PairLoss.symbols, "w": "weight", "q": "extra"}
    backward_name = "BinaryCrossEntropyWithLogitsBackward0"

    def __init__(self, reduction: str, weight: Array | None, pos_weight: Array | None) -> None:
        super().__init__(reduction)
        self.weight = 1 if weight is None else weight
        self.extra = 0 if pos_weight is None else pos_weight - 1

    def losses(self, x, y):
        return ((1 - y) * x + (1 + self.extra * y) * xp.logaddexp(-x, 0)) * self.weight

    def backward(self, g, input, target):
        g = self.scaled(g, input) * self.weight
        g_target = None
        if self.needs[1]:
            g_target = g * (-logsigmoid(input) * self.extra - input)
        return g * (1 - target - (target * self.extra + 1) * sigmoid_of(-input)), g_target


def _check_same_size(input: Tensor, target: Tensor, name: str) -> None:
    if input.shape != target.shape:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is "
            "deprecated. Please ensure they have the same size."
        )


def _broadcast(input: Tensor, target: Tensor) -> tuple[Tensor, ...]:
    """Input and target in their common shape, as torch's regression losses take them (with a warning)."""
    if input.shape == target.shape:
        return input, target
    warnings.warn(
        f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This "
        "will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
        stacklevel=3,
    )
    return broadcast_tensors(input, target)


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """The squared difference."""
    check_reduction(reduction)
    return MseLoss(reduction)(*_broadcast(input, target))


def smooth_l1_loss(input: Tensor, target: Tensor, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """Quadratic up to a difference of `beta`, linear beyond."""
    check_reduction(reduction)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    if beta == 0:
        x, y = _broadcast(input, target)
        losses = (x - y).abs()
        return losses if reduction == "none" else losses.mean() if reduction == "mean" else losses.sum()
    return SmoothL1Loss(reduction, beta)(*_broadcast(input, target))


def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """Quadratic up to a difference of `delta`, linear beyond; `weight` (of the input's shape) multiplies."""
    check_reduction(reduction)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    pair = _broadcast(input, target)
    if weight is None:
        return HuberLoss(reduction, delta)(*pair)
    if weight.shape != input.shape:
        raise ValueError("Weights and input must have the same size.")
    weighted = HuberLoss("none", delta)(*pair) * weight
    if reduction == "mean":
        return weighted.mean()
    return weighted.sum() if reduction == "sum" else weighted


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """Cross-entropy of probabilities in [0, 1] with targets in [0, 1]."""
    check_reduction(reduction)
    _check_same_size(input, target, "binary_cross_entropy")
    require_one_dtype("Found dtype {} but expected {}", target.array, input.array)
    return BinaryCrossEntropy(reduction, None if weight is None else weight.array)(input, target)


@torch_function
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    pos_weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Cross-entropy of sigmoid(input) with targets in [0, 1], computed stably."""
    check_reduction(reduction)
    if input.shape != target.shape:
        raise ValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    if category(target.array.dtype) < category(input.array.dtype):
        raise RuntimeError(
            f"result type {input.dtype.scalar_name} can't be cast to the desired output type "
            f"{target.dtype.scalar_name}"
        )
    arrays = [None if w is None else w.array for w in (weight, pos_weight)]
    return BinaryCrossEntropyWithLogits(reduction, *arrays)(input, target)
