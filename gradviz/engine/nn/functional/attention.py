"""Attention: values mixed by the likeness of queries and keys (Vaswani et al., 2017).

Shapes: query (…, L, d), key (…, S, d), value (…, S, e), output (…, L, e).

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
"""

from __future__ import annotations

import math

from gradviz.engine.backend import beside, xp
from gradviz.engine.creation import zeros_like
from gradviz.engine.dtypes import bool_
from gradviz.engine.nn.functional.dropout import dropout
from gradviz.engine.ops.attention import SafeSoftmax, ScaledDotProductAttention
from gradviz.engine.ops.rearranging import repeat_interleave
from gradviz.engine.ops.with_number import mul_number
from gradviz.engine.tensor import Tensor, wrap


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
    if scale is None:
        scale = 1 / math.sqrt(query.shape[-1])
    if is_causal:
        attn_mask = wrap(beside(xp.tri(query.shape[-2], key.shape[-2], dtype=bool), query.array))
    if attn_mask is not None and attn_mask.dtype is bool_:
        attn_mask = zeros_like(attn_mask, dtype=query.dtype).masked_fill_(~attn_mask, -math.inf)
    if dropout_p == 0 and not enable_gqa and _is_fusable(query, key, value, attn_mask):
        return ScaledDotProductAttention(scale, attn_mask)(query, key, value)
    if enable_gqa:
        heads = query.shape[-3]
        key, value = (repeat_interleave(x, heads // x.shape[-3], -3) for x in (key, value))
    share = math.sqrt(abs(scale))  # each side takes half of the scale, so that neither grows large
    scores = mul_number(query, math.copysign(share, scale)) @ mul_number(key.transpose(-2, -1), share)
    if attn_mask is not None:
        scores = scores + attn_mask
    return dropout(SafeSoftmax(-1)(scores), dropout_p) @ value


def _is_fusable(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> bool:
    """Whether torch has one operation for inputs like these (on the CPU)."""
    return (
        query.ndim == key.ndim == value.ndim == 4
        and query.shape[-1] == key.shape[-1] == value.shape[-1]
        and query.shape[:2] == key.shape[:2] == value.shape[:2]
        and 0 not in (query.shape[2], key.shape[2])
        and (mask is None or (mask.ndim in (2, 4) and not mask.requires_grad))
    )
