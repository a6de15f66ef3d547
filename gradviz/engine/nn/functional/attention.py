"""Attention: values mixed by the likeness of queries and keys (Vaswani et al., 2017).

Shapes: query (…, L, d), key (…, S, d), value (…, S, e), output (…, L, e).

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
"""

from __future__ import annotations

import math

from gradviz.engine.backend import xp
from gradviz.engine.nn.functional.dropout import dropout
from gradviz.engine.ops.activation import softmax
from gradviz.engine.ops.rearranging import repeat_interleave
from gradviz.engine.tensor import Tensor, wrap


def attention_scores(query: Tensor, key: Tensor, scale: float | None = None) -> Tensor:
    """query · keyᵀ · scale, (…, L, S); the usual scale is 1/√d."""
    return query @ key.transpose(-2, -1) * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(query · keyᵀ · scale + mask) · value.

    The mask (…, L, S) is bool (True: takes part) or added; `is_causal` lets position i see up to i. A query
    that may see nothing gets zeros. With `enable_gqa` several heads of the query share one of key and value.
    """
    if is_causal and attn_mask is not None:
        raise RuntimeError(
            "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True"
        )
    if enable_gqa:
        heads = query.shape[-3]
        key, value = (repeat_interleave(x, heads // x.shape[-3], -3) for x in (key, value))
    scores = attention_scores(query, key, scale)
    if is_causal:
        attn_mask = wrap(xp.tri(*scores.shape[-2:], dtype=bool))
    if attn_mask is None:
        return dropout(softmax(scores, -1), dropout_p) @ value
    masks = attn_mask.array.dtype.kind == "b"
    scores = scores.masked_fill(~attn_mask, -math.inf) if masks else scores + attn_mask
    blind = wrap(xp.isneginf(scores.array).all(-1, keepdims=True))
    if blind.array.any():
        weights = softmax(scores.masked_fill(blind, 0.0), -1).masked_fill(blind, 0.0)
    else:
        weights = softmax(scores, -1)
    return dropout(weights, dropout_p) @ value
