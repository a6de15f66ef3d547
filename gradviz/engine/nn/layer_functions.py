"""Layers as functions: what the modules compute, given their weights."""

from __future__ import annotations

from gradviz.engine.ops.linalg import addmm, matmul
from gradviz.engine.tensor import Tensor


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input · weightᵀ + bias. Shapes: input (…, in), weight (out, in), bias (out,), output (…, out)."""
    if bias is None or weight.ndim != 2:
        product = matmul(input, weight.t())
        return product if bias is None else product + bias
    if input.array.ndim == 2:
        return addmm(bias, input, weight.t())
    rows = input.view(-1, input.shape[-1]) if input.is_contiguous() else input.reshape(-1, input.shape[-1])
    return addmm(bias, rows, weight.t()).view(*input.shape[:-1], weight.shape[0])
