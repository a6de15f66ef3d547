"""Attention and transformer layers with the same seed: weights, outputs and gradients are PyTorch's."""

import numpy as np
import pytest
import torch

import gradviz.engine as engine

pytestmark = pytest.mark.parity


def alike(calculate, rtol=1e-4):
    """`calculate(torch)` returns a text and tensors."""
    (text, ours), (their_text, theirs) = calculate(engine), calculate(torch)
    assert text == their_text
    for a, b in zip(ours, theirs, strict=True):
        a, b = a.detach().numpy(), b.detach().numpy()
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-5 * max(np.abs(np.nan_to_num(b)).max(), 1))


def weighted(out, torch):
    return (out * torch.arange(out.numel()).reshape(out.shape)).sum()


def everything(module, inputs, outputs):
    grads = [t.grad for t in (*inputs, *module.parameters())]
    return f"{module}{list(module.state_dict())}", [*outputs, *module.parameters(), *grads]


MASKS = {
    "none": lambda torch: {},
    "causal": lambda torch: {"attn_mask": torch.ones(3, 5).triu(1).bool()},
    "added": lambda torch: {"attn_mask": torch.randn(3, 5)},
    "each head": lambda torch: {"attn_mask": torch.randn(8, 3, 5) > 1.5},
    "padding": lambda torch: {"key_padding_mask": torch.tensor([[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]]).bool()},
    "both": lambda torch: {
        "attn_mask": torch.ones(3, 5).triu(1).bool(),
        "key_padding_mask": torch.tensor([[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]]).bool(),
    },
}


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("options", [{}, {"need_weights": False}, {"average_attn_weights": False}], ids=str)
@pytest.mark.parametrize("batch_first", [True, False])
def test_multihead_attention_agrees(mask, options, batch_first):
    def calculate(torch):
        torch.manual_seed(0)
        layer = torch.nn.MultiheadAttention(8, 4, dropout=0.2, batch_first=batch_first)
        inputs = [torch.randn(2, n, 8) if batch_first else torch.randn(n, 2, 8) for n in (3, 5, 5)]
        for x in inputs:
            x.requires_grad_()
        out, weights = layer(*inputs, **MASKS[mask](torch), **options)
        weighted(out, torch).backward()
        return everything(layer, inputs, [out] if weights is None else [out, weights])

    alike(calculate)


@pytest.mark.parametrize(
    "options",
    [
        {"kdim": 5, "vdim": 6},
        {"kdim": 5, "vdim": 6, "bias": False},
        {"kdim": 8, "vdim": 6, "add_bias_kv": True, "add_zero_attn": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("batch", [(), (3,)])
def test_other_sizes_and_extra_keys_agree(options, batch):
    def calculate(torch):
        torch.manual_seed(0)
        layer = torch.nn.MultiheadAttention(8, 2, batch_first=True, **options)
        sizes = (8, options["kdim"], options["vdim"])
        inputs = [torch.randn(*batch, 4, size).requires_grad_() for size in sizes]
        out, weights = layer(*inputs, attn_mask=torch.ones(4, 4).triu(1).bool())
        weighted(out, torch).backward()
        return everything(layer, inputs, [out, weights])

    alike(calculate)


@pytest.mark.parametrize("need_weights", [True, False])
def test_a_query_that_sees_nothing_agrees(need_weights):
    def calculate(torch):
        torch.manual_seed(0)
        layer = torch.nn.MultiheadAttention(4, 2)
        x = torch.randn(3, 4)
        mask = torch.tensor([[False, True, True], [True, True, True], [False, False, False]])
        out, _ = layer(x, x, x, attn_mask=mask, need_weights=need_weights)
        return "", [out]

    alike(calculate)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"is_causal": True},
        {"scale": 0.3, "dropout_p": 0.4},
        {"attn_mask": [[True, False, True], [False] * 3, [True] * 3]},
    ],
    ids=str,
)
def test_scaled_dot_product_attention_agrees(options):
    def calculate(torch):
        torch.manual_seed(0)
        q, k, v = (torch.randn(2, 4, 3, size).requires_grad_() for size in (5, 5, 6))
        tensors = {"attn_mask": torch.tensor(options["attn_mask"])} if "attn_mask" in options else {}
        out = torch.nn.functional.scaled_dot_product_attention(q, k, v, **{**options, **tensors})
        weighted(out, torch).backward()
        return "", [out, q.grad, k.grad, v.grad]

    alike(calculate)


def test_heads_that_share_keys_agree():
    def calculate(torch):
        torch.manual_seed(0)
        q, k, v = torch.randn(2, 6, 3, 4), torch.randn(2, 2, 3, 4), torch.randn(2, 2, 3, 4)
        return "", [torch.nn.functional.scaled_dot_product_attention(q, k, v, enable_gqa=True)]

    alike(calculate)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")  # PyTorch's faster inference
@pytest.mark.parametrize(
    "make",
    [
        lambda nn: nn.TransformerEncoderLayer(8, 2, 16),
        lambda nn: nn.TransformerEncoderLayer(8, 4, 16, 0.0, "gelu", norm_first=True, bias=False),
        lambda nn: nn.TransformerEncoderLayer(8, 2, 16, activation=nn.GELU(), batch_first=True),
        lambda nn: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2),
        lambda nn: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 3, nn.LayerNorm(8)).eval(),
    ],
)
@pytest.mark.parametrize("masked", [True, False])
def test_transformer_encoders_agree(make, masked):
    def calculate(torch):
        torch.manual_seed(0)
        module = make(torch.nn)
        x = torch.randn(4, 4, 8).requires_grad_()
        masks = [torch.full((4, 4), float("-inf")).triu(1), torch.zeros(4, 4)] if masked else []
        out = module(x, *masks)
        weighted(out, torch).backward()
        return everything(module, [x], [out])

    alike(calculate)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")
@pytest.mark.parametrize(
    "options", [{}, {"batch_first": True}, {"norm_first": True, "activation": "gelu"}], ids=str
)
@pytest.mark.parametrize("batch", [True, False])
def test_transformers_agree(options, batch):
    def calculate(torch):
        torch.manual_seed(0)
        module = torch.nn.Transformer(8, 2, 1, 2, 16, **options)
        src, tgt = (torch.randn(4, 4, 8) if batch else torch.randn(n, 8) for n in (5, 4))
        src.requires_grad_()
        tgt.requires_grad_()
        out = module(src, tgt, tgt_mask=module.generate_square_subsequent_mask(4))
        weighted(out, torch).backward()
        return everything(module, [src, tgt], [out])

    alike(calculate)
