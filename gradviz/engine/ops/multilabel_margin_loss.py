"""The hinge loss of samples that have several right classes each."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.explain.decomposition import Decomposition, Part, elements
from gradviz.engine.ops.loss import check_reduction
from gradviz.engine.ops.margin_loss import MarginLoss
from gradviz.engine.polymorphic import plain
from gradviz.engine.tensor import Tensor


class MultilabelMarginLoss(MarginLoss):
    """Input and target (N, C) or (C); the target lists the right classes t, and -1 ends a list."""

    formula = r"\frac{1}{C} \textstyle\sum_{t} \sum_{j} \max(0, 1 - x_{t} + x_{j})"
    vjp = (
        r"\frac{1}{C}\, g\ \mathrm{for\ each\ pair\ too\ near,\ at}\ j,\ \mathrm{and\ as\ much\ less\ at}\ t",
    )

    def right(self, rows: Array) -> Array:
        """Which class (last dimension) every place of the target's lists names, (N, C, C)."""
        labels = self.target.reshape(rows.shape)
        listed = xp.cumprod(labels >= 0, -1).astype(bool)
        return (labels[..., None] == xp.arange(rows.shape[1], like=rows)) & listed[..., None]

    def pairs(self, rows: Array) -> tuple[Array, Array]:
        """1 - x_t + x_j for every listed t and every class j, and which of these count, (N, C, C)."""
        right = self.right(rows)
        own = (rows[:, None] * right).sum(-1, keepdims=True)
        return 1 - own + rows[:, None], right.any(-1, keepdims=True) & ~right.any(1, keepdims=True)

    def terms_of(self, x: Array) -> Array:
        rows = by_sample(x)
        distances, count = self.pairs(rows)
        return xp.maximum(distances, 0) * count / rows.shape[1]

    def forward(self, x):
        losses = self.terms_of(x).sum((1, 2))
        return self.reduced(losses if x.ndim == 2 else losses[0])

    def backward(self, g, input):
        rows = by_sample(plain(input))
        distances, count = self.pairs(rows)
        near = ((distances > 0) & count).astype(rows.dtype) / rows.shape[1]
        slopes = near.sum(1) - (near.sum(2, keepdims=True) * self.right(rows)).sum(1)
        return (self.share(g, len(rows)).reshape(-1, 1) * slopes).reshape(input.shape)

    def decompose(self, nr, index, x):
        terms, rows = self.terms_of(x), by_sample(x)
        sample, place, other = xp.nonzero(self.pairs(rows)[1])
        if self.reduction == "none" and index:
            sample, place, other = (each[sample == index[0]] for each in (sample, place, other))
        numbers = elements(rows).reshape(rows.shape)
        own = numbers[sample, self.target.reshape(rows.shape)[sample, place]]
        factors = (("input", numbers[sample, other]), ("input", own))
        count = len(rows) if self.reduction == "mean" else 1
        rule = r"\frac{1}{n C} \max(0, 1 - x_{t} + x_{j})"
        part = Part(terms[sample, place, other] / count, rule, factors)
        return Decomposition((part,), symbols={"n": count, "C": rows.shape[1]})


def by_sample(x: Any) -> Any:
    """Rows of scores: a vector is one row, a number one row of one."""
    return x if x.ndim == 2 else x.reshape(1, x.size)


def multilabel_margin_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Σ max(0, 1 - input[t] + input[j]) / C over the classes t of the target and all others j.

    Shapes: input and target (N, C) or (C,); the target lists classes, and -1 ends a list.
    """
    check_reduction(reduction)
    if input.ndim > 2 or 0 in input.shape[-1:]:
        raise RuntimeError(
            "Expected non-empty vector or matrix with optional 0-dim batch size, but got: "
            f"{list(input.shape)}"
        )
    if target.shape != input.shape:
        raise RuntimeError(
            f"inconsistent target size: {list(target.shape)} for input of size: {list(input.shape)}"
        )
    if ((target.array < -1) | (target.array >= max(input.shape[-1:], default=1))).any():
        raise RuntimeError("argument #2 'target' is out of range")
    return MultilabelMarginLoss(target, reduction)(input)
