"""How far apart or how alike two tensors of vectors are."""

from __future__ import annotations

from gradviz.engine.grad_mode import no_grad
from gradviz.engine.ops.reduction import DimNorm
from gradviz.engine.ops.shape import broadcast_tensors
from gradviz.engine.ops.with_number import add_number
from gradviz.engine.tensor import Tensor


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x1·x2 / (max(‖x1‖, eps) · max(‖x2‖, eps)) along `dim`."""
    if x1.shape != x2.shape:
        x1, x2 = broadcast_tensors(x1, x2)
    norm1, norm2 = (x.norm(2, dim, keepdim=True).clone() for x in (x1, x2))
    with no_grad():  # the floor has no gradient of its own
        norm1.clamp_min_(eps)
        norm2.clamp_min_(eps)
    return ((x1 / norm1) * (x2 / norm2)).sum(dim)


def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """‖x1 - x2 + eps‖_p along the last dimension."""
    return DimNorm(p, -1, keepdim)(add_number(x1 - x2, eps))


def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """input / max(‖input‖_p, eps) along `dim`."""
    return input / input.norm(p, dim, keepdim=True).clamp_min(eps).expand_as(input)
