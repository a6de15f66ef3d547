"""Rows of a table, looked up by index.

Gradients are always dense: `sparse` is taken, and changes nothing.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#sparse-functions
"""

from __future__ import annotations

from gradviz.engine.backend import Array, xp
from gradviz.engine.errors import not_a_tensor
from gradviz.engine.nn.init import overwrite
from gradviz.engine.ops.embedding import Embedding
from gradviz.engine.ops.embedding_bag import EmbeddingBag, EmbeddingBagMax
from gradviz.engine.tensor import Tensor, wrap


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Rows of `weight` (n, d) at the indices `input` (…) int64: (…, d).

    With `max_norm` the rows that are looked up are first scaled down to that norm, in `weight` itself. With
    `scale_grad_by_freq` a row's gradient is divided by how often it is looked up.
    """
    if not isinstance(input, Tensor):
        raise not_a_tensor("embedding", "indices", 2, input)
    _check_indices("embedding", input)
    if weight.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    if padding_idx is not None:
        if not -weight.shape[0] <= padding_idx < weight.shape[0]:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= weight.shape[0]
    if max_norm is not None:
        renormalize(weight, input.array, max_norm, norm_type)
    shares = _shares(input.array) if scale_grad_by_freq else None
    return Embedding(input.array, padding_idx, shares)(weight)


def _check_indices(function: str, indices: Tensor) -> None:
    if indices.array.dtype not in (xp.int64, xp.int32):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; "
            f"but got torch.{indices.dtype.type_name} instead (while checking arguments for {function})"
        )


def _shares(indices: Array) -> Array:
    """One over how often each index occurs, in the indices' shape."""
    _, inverse, counts = xp.unique(indices.reshape(-1), return_inverse=True, return_counts=True)
    return (1.0 / counts)[inverse].reshape(indices.shape)


def renormalize(weight: Tensor, indices: Array, max_norm: float, norm_type: float) -> None:
    """Scale the rows of `weight` at the indices down to `max_norm`, in place and outside the graph."""
    rows = xp.unique(indices)
    norms = xp.linalg.norm(weight.array[rows], norm_type, axis=1, keepdims=True)
    values = weight.array.copy()
    values[rows] *= xp.where(norms > max_norm, max_norm / (norms + 1e-7), 1.0)
    overwrite(weight, values)


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """One vector (d,) for every bag of indices: the "sum", "mean" or "max" of the rows of `weight` (n, d).

    The bags are the rows of `input` (B, m), or the stretches of `input` (m,) that begin at `offsets` (B,).
    Indices equal to `padding_idx` count nothing; `per_sample_weights`, of the shape of `input`, weigh a sum.
    """
    if per_sample_weights is not None and input.shape != per_sample_weights.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must "
            f"have the same shape as the input ({input.shape})"
        )
    if weight.ndim != 2:
        raise ValueError(f"weight has to be a 2D Tensor, but got Tensor of dimension {weight.ndim}")
    starts = _starts(input, offsets, include_last_offset)
    _check_mode(mode, scale_grad_by_freq, sparse, per_sample_weights)
    _check_indices("embedding_bag", input)
    indices, rows = input.array.reshape(-1), weight.shape[0]
    if include_last_offset and input.ndim == 1 and offsets is not None and len(offsets):
        indices = indices[: offsets[-1].item()]  # where the last bag ends
        per_sample_weights = None if per_sample_weights is None else per_sample_weights[: len(indices)]
    if ((indices < 0) | (indices >= rows)).any():
        raise RuntimeError(
            f"embedding_bag: index out of range: the table has {rows} rows, the indices reach from "
            f"{indices.min()} to {indices.max()}"
        )
    if max_norm is not None:
        renormalize(weight, indices, max_norm, norm_type)
    bags = xp.searchsorted(starts, xp.arange(len(indices), like=indices), "right") - 1
    factors = None if per_sample_weights is None else per_sample_weights.reshape(-1)
    if padding_idx is not None:
        kept = xp.nonzero(indices != padding_idx % rows)[0]
        indices, bags = indices[kept], bags[kept]
        factors = None if factors is None else factors[wrap(kept)]
    if mode == "max":
        return EmbeddingBagMax(indices, bags, len(starts))(weight)
    shares = _shares(indices) if scale_grad_by_freq else None
    return EmbeddingBag(indices, bags, len(starts), mode == "mean", shares)(weight, factors)


def _starts(input: Tensor, offsets: Tensor | None, include_last_offset: bool) -> Array:
    """Where every bag begins in the flattened input. Raises ValueError for shapes that torch refuses."""
    if input.ndim == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed "
                f"length sequences. However, found offsets of type {type(offsets)}"
            )
        return xp.arange(input.shape[0], like=input.array) * input.shape[1]
    if input.ndim != 1:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}")
    if offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    if offsets.ndim != 1:
        raise ValueError("offsets has to be a 1D Tensor")
    _check_indices("embedding_bag", offsets)
    first, last = (offsets[0].item(), offsets[-1].item()) if len(offsets) else (0, 0)
    if first != 0:
        raise RuntimeError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position "
            f"0. However, got {first}"
        )
    if last > len(input):
        raise RuntimeError(
            f"offsets[-1] can not be greater than input's length {len(input)} but got offsets[-1] of {last}"
        )
    return offsets.array[:-1] if include_last_offset else offsets.array


def _check_mode(mode: str, scale_grad_by_freq: bool, sparse: bool, factors: Tensor | None) -> None:
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if mode == "max" and sparse:
        raise ValueError("max mode does not support sparse weights")
    if factors is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for "
            f"mode='sum' (got mode='{mode}'). Please open a feature request on GitHub."
        )
