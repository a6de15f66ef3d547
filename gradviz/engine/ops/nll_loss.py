"""The loss of class labels under log-probabilities."""

from __future__ import annotations

from gradviz.engine.backend import xp
from gradviz.engine.dtypes import int64, uint8
from gradviz.engine.errors import require_one_device
from gradviz.engine.ops.loss import BEFORE, check_reduction
from gradviz.engine.ops.shape import contiguous
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class NllLoss(Op):
    """Minus the log-probability of the target class; classes are dimension 1 (or 0 of a single sample).

    Each label counts its class's weight, or 1; an ignored one 0. The mean is over the sum of these, n.
    """

    args = terms = ("input",)
    saves = ("labels", "weights", "total")
    formula = r"-w\, \mathrm{input}[\mathrm{target}]"
    vjp = (r"-w\, g\ \mathrm{at\ target}",)
    symbols = {"w": "weights", "n": "total"}

    def __init__(self, target: Tensor, weight: Tensor | None, reduction: str, ignore_index: int) -> None:
        self.target = target.array
        self.companions = {"target": target} if weight is None else {"target": target, "weight": weight}
        self.weight = None if weight is None else weight.array
        self.reduction, self.ignore_index = reduction, ignore_index
        over, share = BEFORE[reduction]
        self.formula, self.vjp = over + self.formula, (share + self.vjp[0],)

    def forward(self, x):
        require_one_device(x, self.target, self.weight)
        if x.ndim == 4:
            self.backward_name = "NllLoss2DBackward0"
        rows = by_class(x)  # a row per label, a column per class
        labels, classes = self.target.reshape(-1), rows.shape[1]
        # Unsigned, a negative label is huge.
        valid = not labels.size or labels.astype(xp.uint64).max() < classes
        if valid and self.weight is None and not 0 <= self.ignore_index < classes:
            self.weights, self.total = 1.0, x.dtype.type(len(labels))
        else:
            labels, self.weights = self.weighed(labels, classes, x.dtype)
            self.total = self.weights.sum()
        self.labels, self.shape = labels, x.shape
        losses = rows[xp.arange(len(labels), like=labels), labels] * -self.weights
        if self.reduction == "none":
            return losses.reshape(self.target.shape)
        return losses.sum() / self.total if self.reduction == "mean" else losses.sum()

    def weighed(self, labels, classes, dtype):
        """The labels, 0 for those to ignore, and what each of them counts."""
        kept = labels != self.ignore_index
        wrong = labels[kept & ((labels < 0) | (labels >= classes))]
        if wrong.size:
            raise IndexError(f"Target {wrong[0]} is out of bounds.")
        labels, weights = xp.where(kept, labels, 0), kept.astype(dtype)
        return labels, weights if self.weight is None else weights * self.weight[labels]

    def backward(self, g, labels, weights, total):
        slope = xp.zeros(self.shape, plain(g).dtype, like=plain(g))
        # Where all samples are ignored, the mean is NaN, and its gradient zeros.
        share = -weights / (total + (total == 0)) if self.reduction == "mean" else -weights
        if slope.ndim > 2:
            rows = by_class(slope)
            rows[xp.arange(len(labels), like=labels), labels] = share
            slope = xp.moveaxis(rows.reshape(self.shape[:1] + self.shape[2:] + self.shape[1:2]), -1, 1)
        else:
            by_class(slope)[xp.arange(len(labels), like=labels), labels] = share
        if self.reduction == "none":
            g = g.reshape((*self.shape[:1], 1, *self.shape[2:])) if len(self.shape) > 1 else g.reshape(1)
        return g * slope


def by_class(x):
    """(N, C, …) as (N · …, C), and (C) as (1, C)."""
    return (
        x.reshape(1, -1) if x.ndim < 2 else xp.moveaxis(x, 1, -1).reshape(-1, x.shape[1]) if x.ndim > 2 else x
    )


def _check_weight(input: Tensor, weight: Tensor) -> None:
    if weight.dtype != input.dtype:
        raise RuntimeError(
            f"expected scalar type {input.dtype.scalar_name} but found {weight.dtype.scalar_name}"
        )
    classes = input.shape[min(1, input.ndim - 1)] if input.ndim else 1
    if weight.ndim > 1 or weight.numel() != classes:
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight "
            f"tensor of shape: {list(weight.shape)}"
        )


@torch_function
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """Negative log-likelihood of class labels (int64) under log-probabilities (N, C, …) or (C).

    Raises IndexError for a label outside [0, C) that is not `ignore_index`.
    """
    check_reduction(reduction)
    if weight is not None:
        _check_weight(input, weight)
    shape, target_shape = input.array.shape, target.array.shape
    batch = shape[:1] + shape[2:] if len(shape) > 1 else ()
    if not shape:
        raise ValueError("Expected 1 or more dimensions (got 0)")
    if len(shape) > 1 and target_shape and shape[0] != target_shape[0]:
        raise ValueError(
            f"Expected input batch_size ({shape[0]}) to match target batch_size ({target_shape[0]})."
        )
    if len(shape) <= 2 and len(target_shape) > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if target_shape != batch:
        raise RuntimeError(f"Expected target size {list(batch)}, got {list(target_shape)}")
    if target.dtype not in (int64, uint8):
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {target.dtype.scalar_name}")
    if len(shape) != 3 and len(shape) <= 4:
        return NllLoss(target, weight, reduction, ignore_index)(input)
    # Any other number of dimensions is made a picture of one row, as in torch.
    n, classes = shape[:2]
    rows = contiguous(input).view(n, classes, 1, -1) if input.numel() else input.view(n, classes, 0, 0)
    labels = target.reshape(n, *rows.shape[2:])
    loss = NllLoss(labels, weight, reduction, ignore_index)(rows)
    return loss.view(batch) if reduction == "none" else loss
