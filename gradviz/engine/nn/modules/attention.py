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

from gradviz.engine.backend import xp
from gradviz.engine.creation import empty, zeros
from gradviz.engine.nn import functional as F
from gradviz.engine.nn import init
from gradviz.engine.nn.functional.attention import attention_scores
from gradviz.engine.nn.modules.linear import Linear
from gradviz.engine.nn.modules.module import Module
from gradviz.engine.nn.parameter import Parameter
from gradviz.engine.ops.joining import cat
from gradviz.engine.tensor import Tensor, wrap


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
        q, k, v = self._projected(query, key, value)
        if query.ndim == 3 and not self.batch_first:
            q, k, v = (x.transpose(0, 1) for x in (q, k, v))
        mask = self._merged_mask((*q.shape[:-1], k.shape[-2]), attn_mask, key_padding_mask, query.dtype)
        k, v, mask = self._with_extra_keys(k, v, mask)
        q, k, v = (x.unflatten(-1, (self.num_heads, self.head_dim)).transpose(-3, -2) for x in (q, k, v))
        dropout = self.dropout if self.training else 0.0
        weights = None
        if need_weights:
            scores = attention_scores(q, k)
            weights = F.dropout(F.softmax(scores if mask is None else scores + mask, -1), dropout)
            heads = weights @ v
        else:
            heads = F.scaled_dot_product_attention(q, k, v, mask, dropout)
        # With the sequence first, as in torch: dropout after it then draws its numbers in the same order.
        heads = heads.permute(2, 0, 1, 3) if query.ndim == 3 else heads.transpose(0, 1)
        output = self.out_proj(heads.flatten(-2))
        if query.ndim == 3 and self.batch_first:
            output = output.transpose(0, 1)
        if weights is not None and average_attn_weights:
            weights = weights.mean(-3)
        return output, weights

    def _projected(self, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, ...]:
        """Query, key and value times their weights: (…, E) each."""
        if self.in_proj_weight is None:
            weights: Any = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        elif query is key is value:
            return F.linear(query, self.in_proj_weight, self.in_proj_bias).chunk(3, -1)
        else:
            weights = self.in_proj_weight.chunk(3)
        biases = (None,) * 3 if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        inputs = (query, key, value)
        return tuple(F.linear(x, w, b) for x, w, b in zip(inputs, weights, biases, strict=True))

    def _with_extra_keys(
        self, k: Tensor, v: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """The learned key and value of add_bias_kv, and zeros of add_zero_attn, after those of the input."""
        extras = []
        if self.bias_k is not None:
            extras.append((self.bias_k.view(1, -1), self.bias_v.view(1, -1)))
        if self.add_zero_attn:
            extras.append((zeros(1, self.embed_dim, dtype=k.dtype),) * 2)
        for extra in extras:
            rows = [row.expand(*k.shape[:-2], -1, -1) for row in extra]
            k, v = cat([k, rows[0]], -2), cat([v, rows[1]], -2)
            mask = None if mask is None else F.pad(mask, (0, 1))
        return k, v, mask

    # -- masks -----------------------------------------------------------------------------------

    def _merged_mask(
        self, shape: tuple[int, ...], attn_mask: Tensor | None, padding: Tensor | None, dtype: Any
    ) -> Tensor | None:
        """What is added to the scores (…, heads, L, S) of inputs `shape` = (…, L, S), or None."""
        *batch, targets, sources = shape
        count = batch[0] if batch else 1
        masks = []
        if attn_mask is not None:
            allowed = {2: (targets, sources), 3: (count * self.num_heads, targets, sources)}
            if attn_mask.ndim not in allowed:
                raise RuntimeError(f"attn_mask's dimension {attn_mask.ndim} is not supported")
            if attn_mask.shape != allowed[attn_mask.ndim]:
                raise RuntimeError(
                    f"The shape of the {attn_mask.ndim}D attn_mask is {attn_mask.shape}, but should be "
                    f"{allowed[attn_mask.ndim]}."
                )
            added = _added(attn_mask, "attn_mask", dtype)
            masks.append(added if added.ndim == 2 else added.view(*batch, self.num_heads, targets, sources))
        if padding is not None:
            if padding.shape != (*batch, sources):
                raise AssertionError(
                    f"Expected `key_padding_mask`.shape to be {(*batch, sources)}, but got "
                    f"{tuple(padding.shape)}"
                )
            if attn_mask is not None and attn_mask.dtype != padding.dtype:
                warnings.warn(
                    "Support for mismatched key_padding_mask and attn_mask is deprecated. Use same type for "
                    "both instead.",
                    stacklevel=4,
                )
            masks.append(_added(padding, "key_padding_mask", dtype).view(*batch, 1, 1, sources))
        return None if not masks else masks[0] if len(masks) == 1 else masks[0] + masks[1]

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


def _added(mask: Tensor, name: str, dtype: Any) -> Tensor:
    """A mask as what is added to the scores: where a bool one is True, -inf."""
    if mask.array.dtype.kind == "b":
        return wrap(xp.where(mask.array, -math.inf, 0.0)).to(dtype)
    if not mask.is_floating_point():
        raise AssertionError(f"only bool and floating types of {name} are supported")
    return mask
