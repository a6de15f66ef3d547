"""Attention as one operation: values mixed by the likeness of queries and keys."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import xp
from gradviz.engine.ops.linalg import transposed
from gradviz.engine.ops.softmax import Softmax
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor


class SafeSoftmax(Softmax):
    """Softmax, but zeros where every score is -inf: what may see nothing."""

    def forward(self, x):
        blind = xp.isneginf(x).all(self.dim, keepdims=True) if x.size else xp.zeros((), bool, like=x)
        out = super().forward(xp.where(blind, xp.zeros((), x.dtype, like=x), x) if blind.any() else x)
        return xp.where(blind, xp.zeros((), x.dtype, like=x), out) if blind.any() else out


class ScaledDotProductAttention(Op):
    """Shapes: query (N, H, L, d), key and value (N, H, S, d), output like the query; a mask is added."""

    args = saves = ("query", "key", "value")
    terms = ("value",)
    formula = r"\mathrm{softmax}(s\, \mathrm{query}\, \mathrm{key}^{\top} + M)\, \mathrm{value}"
    vjp = (
        r"s\, D\, \mathrm{key}",
        r"s\, D^{\top} \mathrm{query}",
        r"W^{\top} g",
    )
    symbols = {"s": "scale"}
    backward_name = "ScaledDotProductFlashAttentionForCpuBackward0"

    def __init__(self, scale: float, mask: Tensor | None) -> None:
        self.scale = scale
        self.mask = None if mask is None else mask.array
        self.companions = {} if mask is None else {"mask": mask}

    def weights(self, query: Any, key: Any) -> Any:
        scores = query @ transposed(key) * self.scale
        return SafeSoftmax(-1)(scores if self.mask is None else scores + self.mask)

    def forward(self, query, key, value):
        out = xp.empty_like(query)  # in the query's memory layout, as in torch
        out[...] = self.weights(query, key) @ value
        return out

    def backward(self, g, query, key, value):
        weights = self.weights(query, key)
        g_weights = weights * (g @ transposed(value))
        g_scores = (g_weights - weights * g_weights.sum(-1, keepdims=True)) * self.scale
        return g_scores @ key, transposed(g_scores) @ query, transposed(weights) @ g
