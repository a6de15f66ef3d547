"""Attention with several heads (Vaswani et al., Attention is all you need, 2017).

Shapes: query (L, N, E), key (S, N, kdim), value (S, N, vdim); with batch_first (N, L, E) and so on, without a
batch (L, E). The output is shaped like the query, the weights (N, L, S). Masks: key_padding_mask (N, S),
attn_mask (L, S) or (N·heads, L, S); bool (True: is *not* seen) or added to the scores.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
"""

from __future__ import annotations

import math
import warnings
from typing import Any

from gradviz.engine.creation import empty, zeros, zeros_like
from gradviz.engine.nn import functional as F
from gradviz.engine.nn import init
from gradviz.engine.nn.modules.linear import Linear
from gradviz.engine.nn.modules.module import Module
from gradviz.engine.nn.parameter import Parameter
from gradviz.engine.ops.joining import cat
from gradviz.engine.ops.linalg import bmm
from gradviz.engine.ops.products import baddbmm
from gradviz.engine.tensor import Tensor


class NonDynamicallyQuantizableLinear(Linear):
    """A Linear under the name by which torch prints the output projection of attention."""


class MultiheadAttention(Module):
    """Each head mixes the values by the likeness of its part of queries and keys.

    in_proj_weight (3·E, E) makes query, key and value; with another kdim or vdim there are q_proj_weight,
    k_proj_weight and v_proj_weight in its place. They start by Xavier's rule, the biases at 0.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and "
                f"num_heads={num_heads} instead"
            )
        if embed_dim % num_heads:
            raise AssertionError("embed_dim must be divisible by num_heads")
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.add_zero_attn = add_zero_attn
        kind = {"dtype": dtype, "device": device}
        one = self.kdim == self.vdim == embed_dim
        columns = {"q": embed_dim, "k": self.kdim, "v": self.vdim}
        for name, size in columns.items():
            weight = None if one else Parameter(empty(embed_dim, size, **kind))
            self.register_parameter(f"{name}_proj_weight", weight)
        shape = (3 * embed_dim, embed_dim)
        self.register_parameter("in_proj_weight", Parameter(empty(*shape, **kind)) if one else None)
        self.register_parameter("in_proj_bias", Parameter(empty(3 * embed_dim, **kind)) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, **kind)
        for name in ("bias_k", "bias_v"):
            extra = Parameter(empty(1, 1, embed_dim, **kind)) if add_bias_kv else None
            self.register_parameter(name, extra)
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """The mixed values, and the weights: their mean over the heads, those of every head, or None.

        `is_causal` only says that attn_mask is causal.
        """
        self._check_inputs(query, key, value)
        if is_causal and attn_mask is None:
            raise RuntimeError(
                "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
                "`generate_square_subsequent_mask` to create this mask."
            )
        batched = query.ndim == 3
        if not batched:
            query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
        elif self.batch_first:  # what is one tensor stays one
            swapped = {id(x): x.transpose(1, 0) for x in (query, key, value)}
            query, key, value = swapped[id(query)], swapped[id(key)], swapped[id(value)]
        mask = self._merged_mask(
            (query.shape[1], query.shape[0], key.shape[0]), attn_mask, key_padding_mask, query
        )
        output, weights = self._attended(*self._projected(query, key, value), mask, need_weights)
        if weights is not None and average_attn_weights:
            weights = weights.mean(1)
        if not batched:
            return output.squeeze(1), None if weights is None else weights.squeeze(0)
        return output.transpose(1, 0) if self.batch_first else output, weights

    def _projected(self, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Query, key and value times their weights: (L or S, N, E) each."""
        weight, bias, size = self.in_proj_weight, self.in_proj_bias, self.embed_dim
        if weight is not None and query is key is value:
            return _unpacked(F.linear(query, weight, bias), size)
        if weight is not None and key is value:
            q_weight, kv_weight = weight.split([size, 2 * size])
            q_bias, kv_bias = (None, None) if bias is None else bias.split([size, 2 * size])
            q = F.linear(query, q_weight, q_bias)
            return (q, *_unpacked(F.linear(key, kv_weight, kv_bias), size))
        if weight is None:
            weights: Any = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        else:
            weights = weight.chunk(3)
        biases = (None,) * 3 if bias is None else bias.chunk(3)
        inputs = (query, key, value)
        q, k, v = (F.linear(x, w, b) for x, w, b in zip(inputs, weights, biases, strict=True))
        return q, k, v

    def _attended(
        self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, need_weights: bool
    ) -> tuple[Tensor, Tensor | None]:
        """The output (L, N, E) and, if wanted, the weights (N, heads, L, S)."""
        targets, batch, _ = q.shape
        heads, size = self.num_heads, self.head_dim
        if self.bias_k is not None:
            k = cat([k, self.bias_k.repeat(1, batch, 1)])
            v = cat([v, self.bias_v.repeat(1, batch, 1)])
            mask = None if mask is None else F.pad(mask, (0, 1))
        q, k, v = (x.view(x.shape[0], batch * heads, size).transpose(0, 1) for x in (q, k, v))
        if self.add_zero_attn:
            extra = zeros(batch * heads, 1, size, dtype=k.dtype, device=k.device)
            k, v = cat([k, extra], 1), cat([v, extra], 1)
            mask = None if mask is None else F.pad(mask, (0, 1))
        dropout = self.dropout if self.training else 0.0
        if need_weights:
            scaled = q * math.sqrt(1 / size)
            scores = (
                bmm(scaled, k.transpose(-2, -1))
                if mask is None
                else baddbmm(mask, scaled, k.transpose(-2, -1))
            )
            weights = F.dropout(F.softmax(scores, -1), dropout)
            mixed = bmm(weights, v).transpose(0, 1).reshape(targets * batch, self.embed_dim)
        else:
            if mask is not None:
                mask = mask.unsqueeze(0) if mask.shape[0] == 1 else mask.view(batch, heads, -1, k.shape[1])
            q, k, v = (x.view(batch, heads, -1, size) for x in (q, k, v))
            mixed = F.scaled_dot_product_attention(q, k, v, mask, dropout)
            mixed = mixed.permute(2, 0, 1, 3).reshape(batch * targets, self.embed_dim)
        output = self.out_proj(mixed).view(targets, batch, self.embed_dim)
        return output, weights.view(batch, heads, targets, -1) if need_weights else None

    # -- masks -----------------------------------------------------------------------------------

    def _merged_mask(
        self, sizes: tuple[int, int, int], attn_mask: Tensor | None, padding: Tensor | None, query: Tensor
    ) -> Tensor | None:
        """What is added to the scores, (1 or N·heads, L, S), for sizes (N, L, S); or None."""
        batch, targets, sources = sizes
        mask = None
        if attn_mask is not None:
            allowed = {2: (targets, sources), 3: (batch * self.num_heads, targets, sources)}
            if attn_mask.ndim not in allowed:
                raise RuntimeError(f"attn_mask's dimension {attn_mask.ndim} is not supported")
            if attn_mask.shape != allowed[attn_mask.ndim]:
                raise RuntimeError(
                    f"The shape of the {attn_mask.ndim}D attn_mask is {attn_mask.shape}, but should be "
                    f"{allowed[attn_mask.ndim]}."
                )
            mask = _added(attn_mask, "attn_mask", query.dtype)
            mask = mask.unsqueeze(0) if mask.ndim == 2 else mask
        if padding is None:
            return mask
        if padding.numel() != batch * sources or padding.shape[-1] != sources:
            raise AssertionError(
                f"Expected `key_padding_mask`.shape to be {(batch, sources)}, but got {tuple(padding.shape)}"
            )
        if attn_mask is not None and attn_mask.dtype != padding.dtype:
            warnings.warn(
                "Support for mismatched key_padding_mask and attn_mask is deprecated. Use same type for "
                "both instead.",
                stacklevel=4,
            )
        hidden = _added(padding, "key_padding_mask", query.dtype).view(batch, 1, 1, sources)
        hidden = hidden.expand(-1, self.num_heads, -1, -1).reshape(batch * self.num_heads, 1, sources)
        return hidden if mask is None else mask + hidden

    def _check_inputs(self, query: Tensor, key: Tensor, value: Tensor) -> None:
        if query.ndim not in (2, 3):
            raise AssertionError(
                f"query should be unbatched 2D or batched 3D tensor but received {query.ndim}-D query tensor"
            )
        if not query.ndim == key.ndim == value.ndim:
            kind = "batched" if query.ndim == 3 else "unbatched"
            raise AssertionError(
                f"For {kind} ({query.ndim}-D) `query`, expected `key` and `value` to be {query.ndim}-D but "
                f"found {key.ndim}-D and {value.ndim}-D tensors respectively"
            )
        sizes = {"query": self.embed_dim, "key": self.kdim, "value": self.vdim}
        for (name, size), x in zip(sizes.items(), (query, key, value), strict=True):
            if x.shape[-1] != size:
                raise AssertionError(
                    f"was expecting embedding dimension of {size}, but got {x.shape[-1]} ({name})"
                )
        if key.shape[:-1] != value.shape[:-1]:
            raise AssertionError(
                f"key's sequence and batch dims {key.shape[:-1]} do not match value's {value.shape[:-1]}"
            )


def _unpacked(projected: Tensor, size: int) -> tuple[Tensor, ...]:
    """What one product with several weights made, (…, n·size), as n tensors (…, size)."""
    parts = projected.unflatten(-1, (-1, size)).unsqueeze(0).transpose(0, -2).squeeze(-2).contiguous()
    return tuple(parts[i] for i in range(parts.shape[0]))


def _added(mask: Tensor, name: str, dtype: Any) -> Tensor:
    """A mask as what is added to the scores: where a bool one is True, -inf."""
    if mask.array.dtype.kind == "b":
        return zeros_like(mask, dtype=dtype).masked_fill_(mask, -math.inf)
    if not mask.is_floating_point():
        raise AssertionError(f"only bool and floating types of {name} are supported")
    return mask
