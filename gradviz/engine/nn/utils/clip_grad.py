"""Limits for the gradients of a whole network."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable

from gradviz.engine.backend import asarray, xp
from gradviz.engine.nn.init import overwrite
from gradviz.engine.tensor import Tensor, wrap


def _with_gradient(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    listed = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    return [parameter for parameter in listed if parameter.grad is not None]


def get_total_norm(tensors: Iterable[Tensor], norm_type: float = 2.0) -> Tensor:
    """The norm of all elements of all tensors, a 0-d tensor."""
    norms = [xp.linalg.norm(tensor.array.ravel(), norm_type) for tensor in tensors]
    return wrap(asarray(xp.linalg.norm(xp.stack(norms), norm_type) if norms else xp.float32(0)))


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale the gradients down to a total norm of `max_norm` at most; return the norm before.

    Raises RuntimeError for a NaN or infinite norm if `error_if_nonfinite`.
    """
    clipped = _with_gradient(parameters)
    total = get_total_norm([parameter.grad for parameter in clipped], float(norm_type))  # type: ignore[misc]
    if error_if_nonfinite and not math.isfinite(total.item()):
        raise RuntimeError(
            f"The total norm of order {float(norm_type)} for gradients from `parameters` is non-finite, so "
            "it cannot be clipped. To disable this error and scale the gradients by the non-finite norm "
            "anyway, set `error_if_nonfinite=False`"
        )
    factor = min(float(max_norm) / (total.item() + 1e-6), 1.0)
    for parameter in clipped:
        overwrite(parameter.grad, parameter.grad.array * factor)  # type: ignore[union-attr,arg-type]
    return total


def clip_grad_norm(parameters: Tensor | Iterable[Tensor], max_norm: float, norm_type: float = 2.0) -> Tensor:
    """The name of `clip_grad_norm_` before torch 0.4."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type)


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None
) -> None:
    """Cut every element of the gradients to [-clip_value, clip_value]."""
    for parameter in _with_gradient(parameters):
        clipped = xp.clip(parameter.grad.array, -float(clip_value), float(clip_value))  # type: ignore[union-attr]
        overwrite(parameter.grad, clipped)  # type: ignore[arg-type]
