"""Layers as functions: what the modules compute, given their weights."""

from __future__ import annotations

import numpy as np

from gradviz.engine.errors import not_a_tensor
from gradviz.engine.ops.linalg import addmm
from gradviz.engine.ops.matmul import matmul
from gradviz.engine.ops.one_hot import OneHot
from gradviz.engine.ops.trilinear import Trilinear
from gradviz.engine.tensor import Tensor


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input · weightᵀ + bias. Shapes: input (…, in), weight (out, in), bias (out,), output (…, out)."""
    if not isinstance(input, Tensor):
        raise not_a_tensor("linear", "input", 1, input)
    if bias is None:
        return matmul(input, weight.t())
    if input.array.ndim == 2:
        return addmm(bias, input, weight.t())
    if input.is_contiguous() and bias.is_contiguous() and weight.ndim == 2:
        rows = input.view(-1, input.shape[-1])
        return addmm(bias, rows, weight.t()).view(*input.shape[:-1], weight.shape[0])
    return matmul(input, weight.t()).add_(bias)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """y_k = x1 A_k x2ᵀ + b_k. Shapes: x1 (…, in1), x2 (…, in2), A (out, in1, in2), y (…, out)."""
    rows1, rows2 = (x.reshape(-1, x.shape[-1]) for x in (input1, input2))
    product = Trilinear()(rows1, weight, rows2).reshape(*input1.shape[:-1], weight.shape[0])
    return product if bias is None else product + bias


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
