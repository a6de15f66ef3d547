"""Layers as functions: what the modules compute, given their weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradviz.engine import random
from gradviz.engine.backend import Array, asarray, xp
from gradviz.engine.errors import not_a_tensor
from gradviz.engine.inplace import inplace as run_inplace
from gradviz.engine.ops.activation import Dropout
from gradviz.engine.ops.einsum import einsum
from gradviz.engine.ops.embedding import Embedding
from gradviz.engine.ops.indexing import index_select
from gradviz.engine.ops.linalg import addmm, matmul
from gradviz.engine.ops.one_hot import OneHot
from gradviz.engine.ops.padding import ConstantPadNd
from gradviz.engine.tensor import Tensor, wrap


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input · weightᵀ + bias. Shapes: input (…, in), weight (out, in), bias (out,), output (…, out)."""
    if not isinstance(input, Tensor):
        raise not_a_tensor("linear", "input", 1, input)
    if bias is None or weight.ndim != 2:
        product = matmul(input, weight.t())
        return product if bias is None else product + bias
    if input.array.ndim == 2:
        return addmm(bias, input, weight.t())
    return addmm(bias, input.reshape(-1, input.shape[-1]), weight.t()).view(*input.shape[:-1], -1)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """y_k = x1 A_k x2ᵀ + b_k. Shapes: x1 (…, in1), x2 (…, in2), A (out, in1, in2), y (…, out)."""
    product = einsum("...i,kij,...j->...k", input1, weight, input2)
    return product if bias is None else product + bias


def _kept(layout: Array, p: float) -> Array:
    """Ones with probability `p`, else zeros, drawn as torch does: in the order of `layout` in memory."""
    axes = list(range(layout.ndim))
    if all(stride > 0 for stride in layout.strides):
        axes.sort(key=lambda axis: -layout.strides[axis])
    drawn = asarray(random.bernoulli(p, tuple(layout.shape[axis] for axis in axes), layout.dtype))
    return drawn.transpose(sorted(range(layout.ndim), key=axes.__getitem__))


def _drop(input: Tensor, layout: Array, p: float, training: bool, inplace: bool) -> Tensor:
    """Multiply by noise, shaped like `layout`, that is 0 with probability `p` and 1 / (1 - p) otherwise."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0 or input.numel() == 0:
        return input
    noise = xp.zeros_like(layout) if p == 1 else _kept(layout, 1 - p) / layout.dtype.type(1 - p)
    return run_inplace(Dropout(noise), input) if inplace else Dropout(noise)(input)


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """While training, zero each element with probability `p` and scale the others by 1 / (1 - p)."""
    return _drop(input, input.array, p, training, inplace)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """While training, zero whole channels (dimension 1) with probability `p`."""
    if input.ndim < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    channels = xp.empty((*input.array.shape[:2], *[1] * (input.ndim - 2)), input.array.dtype)
    return _drop(input, channels, p, training, inplace)


def embedding(input: Tensor, weight: Tensor, padding_idx: int | None = None) -> Tensor:
    """Rows of `weight` (n, d) at the indices `input` (…) int64: (…, d)."""
    if input.array.dtype.kind not in "iu":
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; "
            f"but got torch.{input.dtype.type_name} instead (while checking arguments for embedding)"
        )
    if padding_idx is not None:
        if not -weight.shape[0] <= padding_idx < weight.shape[0]:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= weight.shape[0]
    return Embedding(input.array, padding_idx)(weight)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Classes (…) int64 → (…, num_classes) int64 with a 1 at the class; -1: as many classes as needed."""
    labels = tensor.array
    if labels.dtype != np.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if labels.size and labels.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if num_classes == -1:
        if not labels.size:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        num_classes = int(labels.max()) + 1
    elif labels.size and labels.max() >= num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return OneHot(num_classes)(tensor)


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """A border: `pad` holds (before, after) for the last dimension, then for the one before it, and so on.

    Modes: "constant" (filled with `value`), "reflect", "replicate", "circular". Negative widths cut off.
    """
    if len(pad) % 2 or len(pad) > 2 * input.ndim:
        raise RuntimeError(
            f"Padding length must be even and at most twice the number of dimensions, got {list(pad)} for a "
            f"tensor of {input.ndim} dimensions"
        )
    pairs = [(int(pad[i]), int(pad[i + 1])) for i in range(0, len(pad), 2)]
    widths = ((0, 0),) * (input.ndim - len(pairs)) + tuple(reversed(pairs))
    if mode == "constant":
        return ConstantPadNd(widths, value or 0.0)(input)
    modes = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    if mode not in modes:
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    for dim, width in enumerate(widths):
        if width != (0, 0):
            positions = np.pad(np.arange(input.shape[dim]), width, mode=modes[mode])  # type: ignore[call-overload]
            input = index_select(input, dim, wrap(asarray(positions)))
    return input
