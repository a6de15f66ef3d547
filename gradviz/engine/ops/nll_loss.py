"""The loss of class labels under log-probabilities."""

from __future__ import annotations

from gradviz.engine.backend import xp
from gradviz.engine.ops.loss import check_reduction
from gradviz.engine.registry import torch_function
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class NllLoss(Op):
    """Minus the log-probability of the target class; classes are dimension 1 (or 0 of a single sample)."""

    args = ("input",)
    saves = ("labels", "weights", "total")
    formula = r"-\mathrm{input}[\mathrm{target}]"
    vjp = (r"-g\ \mathrm{at\ target}",)

    def __init__(self, target: Tensor, weight: Tensor | None, reduction: str, ignore_index: int) -> None:
        self.target = target.array
        self.companions = {"target": target} if weight is None else {"target": target, "weight": weight}
        self.weight = None if weight is None else weight.array
        self.reduction, self.ignore_index = reduction, ignore_index

    def forward(self, x):
        axis = 1 if x.ndim > 1 else 0
        if x.ndim == 4:
            self.backward_name = "NllLoss2DBackward0"
        kept = self.target != self.ignore_index
        wrong = kept & ((self.target < 0) | (self.target >= x.shape[axis]))
        if wrong.any():
            raise IndexError(f"Target {self.target[wrong].ravel()[0]} is out of bounds.")
        self.shape, self.axis = x.shape, axis
        self.labels = xp.expand_dims(xp.where(kept, self.target, 0), axis)
        self.weights = kept.astype(x.dtype)
        if self.weight is not None:
            self.weights *= self.weight[self.labels.squeeze(axis)]
        self.total = self.weights.sum()
        losses = -xp.take_along_axis(x, self.labels, axis).squeeze(axis) * self.weights
        if self.reduction == "none":
            return losses
        return losses.sum() / self.total if self.reduction == "mean" else losses.sum()

    def backward(self, g, labels, weights, total):
        slope = xp.zeros(self.shape, weights.dtype)
        share = -weights / total if self.reduction == "mean" else -weights
        xp.put_along_axis(slope, labels, xp.expand_dims(share, self.axis), self.axis)
        if self.reduction == "none":
            g = g.reshape(labels.shape)
        return g * slope


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
    batch = tuple(input.shape[:1] + input.shape[2:]) if input.ndim > 1 else ()
    if input.ndim == 0:
        raise ValueError(f"Expected 1 or more dimensions (got {input.ndim})")
    if input.ndim > 1 and target.shape and input.shape[0] != target.shape[0]:
        raise ValueError(
            f"Expected input batch_size ({input.shape[0]}) to match target batch_size ({target.shape[0]})."
        )
    if tuple(target.shape) != batch:
        raise RuntimeError(f"Expected target size {list(batch)}, got {list(target.shape)}")
    if target.array.dtype.kind not in "iu":
        raise RuntimeError(
            "expected target dtype to be Long or Byte, but got "
            f"{target.dtype.type_name.removesuffix('Tensor')}"
        )
    return NllLoss(target, weight, reduction, ignore_index)(input)
