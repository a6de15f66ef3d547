"""Losses that ask for a margin between the right answer and the others."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.explain.decomposition import Decomposition, Part, elements
from gradviz.engine.ops.loss import BEFORE, check_reduction
from gradviz.engine.polymorphic import plain, sigmoid_of
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class MarginLoss(Op):
    """A loss of input under a fixed target, reduced: a subclass gives the single losses and their slopes.

    A subclass states formula and vjp of a single loss; its instances those of the reduced one.
    """

    args = saves = ("input",)
    symbols = {"x": "input"}

    def __init__(self, target: Tensor, reduction: str) -> None:
        check_reduction(reduction)
        self.target = target.array
        self.companions = {"target": target}
        self.reduction = reduction
        over, share = BEFORE[reduction]
        self.formula = over + self.formula
        self.vjp = tuple(share + text for text in self.vjp)

    def reduced(self, losses: Array) -> Array:
        if self.reduction == "none":
            return losses
        return losses.mean() if self.reduction == "mean" else losses.sum()

    def share(self, g: Any, count: int) -> Any:
        """The gradient that reaches each of so many losses."""
        return g / count if self.reduction == "mean" else g


class SoftMarginLoss(MarginLoss):
    formula = r"\ln(1 + e^{-y x})"
    vjp = (r"-g \odot y\, \sigma(-y x)",)
    symbols = {"x": "input", "y": "target"}

    def losses(self, x: Array) -> Array:
        return xp.logaddexp(x * -self.target, 0).astype(x.dtype)

    def forward(self, x):
        return self.reduced(self.losses(x))

    def backward(self, g, input):
        signs = -self.target.astype(plain(input).dtype)
        return self.share(g, signs.size) * (sigmoid_of(input * signs) * signs)

    def decompose(self, nr, index, x):
        losses = self.losses(x)
        at = elements(losses, index if self.reduction == "none" else ...)
        count = losses.size if self.reduction == "mean" else 1
        rule = (r"\frac{1}{n} " if self.reduction == "mean" else "") + type(self).formula
        part = Part(losses.reshape(-1)[at] / count, rule, (("input", at),))
        return Decomposition((part,), symbols={"n": count})


class MultiMarginLoss(MarginLoss):
    """Input (N, C) or (C), with C classes; the target's own class takes no part in the sum."""

    formula = r"\frac{1}{C} \textstyle\sum_{j} w\, \max(0, m - x_{y} + x_{j})^{p}"
    vjp = (r"\frac{1}{C}\, g\, w\, p \max(0, m - x_{y} + x_{j})^{p - 1},\ \mathrm{less\ their\ sum\ at}\ y",)
    symbols = {"x": "input", "y": "target", "w": "weight", "m": "margin"}

    def __init__(self, target: Tensor, p: int, margin: float, weight: Tensor | None, reduction: str) -> None:
        super().__init__(target, reduction)
        self.p, self.margin = p, margin
        self.weight = None if weight is None else weight.array
        if weight is not None:
            self.companions = {"target": target, "weight": weight}

    def terms_of(self, x: Array) -> Array:
        """What each class (columns) adds to the loss of each sample (rows)."""
        rows = x.reshape(-1, x.shape[-1] if x.ndim else 1)
        terms = self.factors(rows) * xp.maximum(self.distances(rows), 0) ** self.p
        return terms / rows.shape[1]

    def right(self, rows: Array) -> Array:
        """The target's place in every row, as a mask."""
        return self.target.reshape(-1, 1) == xp.arange(rows.shape[1], like=rows)

    def distances(self, rows: Any) -> Any:
        own = (rows * self.right(plain(rows))).sum(1, keepdims=True)
        return self.margin - own + rows

    def factors(self, rows: Array) -> Array:
        """The weights of the samples, 0 at the target's own place."""
        others = (~self.right(rows)).astype(rows.dtype)
        return others if self.weight is None else others * self.weight[self.target].reshape(-1, 1)

    def forward(self, x):
        losses = self.terms_of(x).sum(1)
        return self.reduced(losses if self.target.ndim else losses[0])

    def backward(self, g, input):
        rows = input.reshape(-1, input.shape[-1] if input.ndim else 1)
        distances = self.distances(rows)
        slopes = self.factors(plain(rows)) * (plain(distances) > 0) / rows.shape[1]
        if self.p == 2:
            slopes = distances * 2 * slopes
        slopes = slopes - self.right(plain(rows)) * slopes.sum(1, keepdims=True)
        return (self.share(g, len(rows)).reshape(-1, 1) * slopes).reshape(input.shape)

    def decompose(self, nr, index, x):
        terms = self.terms_of(x)
        samples, classes = terms.shape
        at = elements(terms, index if self.reduction == "none" and index else ...)
        count = samples if self.reduction == "mean" else 1
        own = at // classes * classes + self.target.reshape(-1)[at // classes]
        rule = r"\frac{1}{n C} w\, \max(0, m - x_{y} + x_{j})^{p}"
        part = Part(terms.reshape(-1)[at] / count, rule, (("input", at), ("input", own)))
        return Decomposition((part,), symbols={"n": count, "C": classes})


def soft_margin_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """log(1 + exp(-target·input)), with targets 1 or -1."""
    return SoftMarginLoss(target, reduction)(input)


def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Σ_j max(0, margin - input[target] + input[j])^p / C over the other classes; input (N, C) or (C,)."""
    check_reduction(reduction)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    check_reduction(reduction)
    _check_classes(input, target, weight)
    return MultiMarginLoss(target, p, margin, weight, reduction)(input)


def _check_classes(input: Tensor, target: Tensor, weight: Tensor | None) -> None:
    """Raises RuntimeError, in torch's words, for a target or weights that do not fit the input."""
    if input.ndim > 2 or (input.ndim and not input.shape[-1]):
        raise RuntimeError(
            "Expected non-empty vector or matrix with optional 0-dim batch size, but got: "
            f"{list(input.shape)}"
        )
    samples, classes = input.shape[0] if input.ndim == 2 else 1, input.shape[-1] if input.ndim else 1
    if target.ndim > 1 or target.numel() != samples:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples "
            f"(batch size). Expected target size [{samples}], but got {list(target.shape)}. Input has shape "
            f"{list(input.shape)}."
        )
    if weight is not None and weight.numel() != classes:
        raise RuntimeError(f"inconsistent weight size, expected {classes} but got {list(weight.shape)}")
    if target.array.dtype != "int64":
        raise RuntimeError(f"expected scalar type Long but found {target.dtype.scalar_name}")
    if target.numel() and not bool(((target >= 0) & (target < classes)).all()):
        raise RuntimeError("target out of range")
