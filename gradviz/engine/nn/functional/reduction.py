"""From a loss of every element to the loss: what all loss functions share."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from gradviz.engine.ops.loss import check_reduction
from gradviz.engine.tensor import Tensor


def reduce(loss: Tensor, reduction: str) -> Tensor:
    """The loss as it is ("none"), its mean or its sum."""
    check_reduction(reduction)
    if reduction == "mean":
        return loss.mean()
    return loss.sum() if reduction == "sum" else loss


def legacy_reduction(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """`reduction`, unless the two flags that came before it in torch are given."""
    if size_average is None and reduce is None:
        return reduction
    means = True if size_average is None else size_average
    reduces = True if reduce is None else reduce
    # The order of the tests is torch's: tensors given here by mistake, as in MSELoss(outputs, targets), fail.
    reduction = "mean" if means and reduces else "sum" if reduces else "none"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.",
        stacklevel=3,
    )
    return reduction


def takes_size_average(loss: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Let a loss function take torch's old keywords `size_average` and `reduce` for `reduction`."""

    @functools.wraps(loss)
    def with_old_names(
        *args: Any, size_average: bool | None = None, reduce: bool | None = None, **kwargs: Any
    ) -> Tensor:
        if size_average is not None or reduce is not None:
            kwargs["reduction"] = legacy_reduction(size_average, reduce, "mean")
        return loss(*args, **kwargs)

    return with_old_names
