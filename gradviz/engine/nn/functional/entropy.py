"""Cross-entropy: log_softmax, then nll_loss, as two operations, and its variants with soft targets.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
"""

from __future__ import annotations

from typing import Any

from gradviz.engine.errors import not_a_tensor
from gradviz.engine.grad_mode import no_grad
from gradviz.engine.nn.functional.layer import linear
from gradviz.engine.nn.functional.reduction import reduce, takes_size_average
from gradviz.engine.ops.loss import check_reduction
from gradviz.engine.ops.nll_loss import nll_loss
from gradviz.engine.ops.softmax import log_softmax
from gradviz.engine.ops.with_number import add_number, div_number, mul_number
from gradviz.engine.tensor import Tensor


@takes_size_average
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """-log softmax(input) at the target classes.

    Shapes: input (N, C, …) or (C,); target (N, …) or () int64, or input's with a probability for every class.
    `label_smoothing` in [0, 1] mixes the target with the uniform distribution.
    """
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    if not isinstance(input, Tensor):
        raise not_a_tensor("cross_entropy_loss", "input", 1, input)
    if not isinstance(target, Tensor):
        raise not_a_tensor("cross_entropy_loss", "target", 2, target)
    class_dim = 0 if input.array.ndim == 1 else 1
    log_probs = log_softmax(input, class_dim)
    if target.array.shape == input.array.shape:
        if not target.is_floating_point():
            raise RuntimeError(
                "Expected floating point type for target with class probabilities, got "
                f"{target.dtype.scalar_name}"
            )
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target")
        classes = input.shape[class_dim]
        if weight is not None and (weight.ndim != 1 or len(weight) != classes):
            raise RuntimeError(
                f"cross_entropy: weight tensor should be defined either for all {classes} classes or no "
                f"classes but got weight tensor of shape: {list(weight.shape)}"
            )
        return _soft_cross_entropy(log_probs, target, weight, reduction, label_smoothing, class_dim)
    loss = nll_loss(log_probs, target, weight, ignore_index=ignore_index, reduction=reduction)
    if label_smoothing == 0:
        return loss
    smooth = _uniform_loss(log_probs, target, weight, ignore_index, reduction, class_dim)
    classes = input.shape[class_dim]
    return mul_number(loss, 1 - label_smoothing) + mul_number(smooth, label_smoothing / classes)


def _per_class(weight: Tensor, like: Tensor, class_dim: int) -> Tensor:
    return weight.view(*[-1 if dim == class_dim else 1 for dim in range(like.ndim)])


def _soft_cross_entropy(
    log_probs: Tensor,
    target: Tensor,
    weight: Tensor | None,
    reduction: str,
    label_smoothing: float,
    class_dim: int,
) -> Tensor:
    """Cross-entropy with a distribution over the classes as the target of each sample."""
    check_reduction(reduction)
    classes = log_probs.shape[class_dim]
    if label_smoothing:
        target = add_number(mul_number(target, 1 - label_smoothing), label_smoothing / classes)
    terms = log_probs * target
    if weight is not None:
        terms = terms * _per_class(weight, terms, class_dim)
    if reduction == "none":
        return -terms.sum(class_dim)
    samples = log_probs.numel() / classes
    return div_number(-terms.sum(), samples) if reduction == "mean" else -terms.sum()


def _uniform_loss(
    log_probs: Tensor,
    target: Tensor,
    weight: Tensor | None,
    ignore_index: int,
    reduction: str,
    class_dim: int,
) -> Tensor:
    """The sum over all classes of what `nll_loss` gives for each, samples with `ignore_index` left out."""
    terms = log_probs if weight is None else log_probs * _per_class(weight, log_probs, class_dim)
    ignored = target == ignore_index
    loss = (-terms.sum(class_dim)).masked_fill(ignored, 0.0)
    if reduction != "mean":
        return reduce(loss, reduction)
    with no_grad():
        if weight is None:
            count = (~ignored).sum()
        else:
            count = weight[target.masked_fill(ignored, 0)].masked_fill(ignored, 0.0).sum()
    return loss.sum() / count


def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: Any = None,
) -> Tensor:
    """Cross-entropy of a linear layer's scores: input (N, in) or (in,), linear_weight (classes, …, in).

    `options` say in which pieces torch computes it to save memory; here it is always computed at once.
    """
    if input.ndim not in (1, 2):
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {input.ndim}")
    if linear_weight.ndim < 2:
        raise RuntimeError(f"expected linear_weight with dimensionality at least 2, got {linear_weight.ndim}")
    if input.shape[-1] != linear_weight.shape[-1]:
        raise RuntimeError(
            "expected equal input and linear_weight last dimensions (in_features), got "
            f"{input.shape[-1]} and {linear_weight.shape[-1]}, respectively"
        )
    outputs = tuple(linear_weight.shape[:-1])
    if linear_bias is not None and tuple(linear_bias.shape) != outputs:
        raise RuntimeError(f"expected linear_bias shape {outputs}, got {tuple(linear_bias.shape)}")
    if len(outputs) > 1 and input.ndim == 1:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {tuple(linear_weight.shape)} requires "
            f"batched input, (N, {input.shape[-1]}), got unbatched input with shape {tuple(input.shape)}"
        )
    shape = (*input.shape[:-1], *outputs)
    if tuple(target.shape) == shape and ignore_index is not None:
        raise RuntimeError("ignore_index cannot be specified when target contains probabilities")
    if len(outputs) > 1:
        linear_weight = linear_weight.reshape(-1, input.shape[-1])
        linear_bias = None if linear_bias is None else linear_bias.reshape(-1)
    return cross_entropy(
        linear(input, linear_weight, linear_bias).reshape(shape),
        target,
        weight=weight,
        reduction=reduction,
        ignore_index=-100 if ignore_index is None else ignore_index,
        label_smoothing=label_smoothing,
    )
