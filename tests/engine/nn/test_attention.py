"""Attention and the transformer encoder: what is seen, what is not, gradients, and a task it learns."""

import math

import pytest

import gradviz.engine as torch
import gradviz.engine.nn.functional as F
from gradviz.engine import nn
from gradviz.engine.autograd import gradcheck


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def wide(*shape):
    """A float64 leaf, for finite differences."""
    return torch.randn(*shape, dtype=torch.float64).requires_grad_()


causal = torch.ones(4, 4).triu(1).bool()


# -- scaled_dot_product_attention --------------------------------------------------------------------


def test_attention_mixes_values_by_likeness():
    q, k, v = wide(2, 3, 4), wide(2, 5, 4), wide(2, 5, 6)
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(4), -1)
    assert torch.allclose(F.scaled_dot_product_attention(q, k, v), weights @ v)
    first = F.scaled_dot_product_attention(q, k, v, is_causal=True)[:, 0]
    assert torch.allclose(first, v[:, 0])
    assert gradcheck(lambda *x: F.scaled_dot_product_attention(*x, is_causal=True), (q, k, v))


def test_a_query_that_sees_nothing_gets_zeros_and_gives_no_gradient():
    q, k, v = wide(2, 4), wide(3, 4), wide(3, 4)
    mask = torch.tensor([[True, False, True], [False, False, False]])
    out = F.scaled_dot_product_attention(q, k, v, mask)
    assert out[1].tolist() == [0, 0, 0, 0]
    out.sum().backward()
    assert q.grad[1].tolist() == [0, 0, 0, 0]
    assert v.grad[1].tolist() == [0, 0, 0, 0] and v.grad[0].abs().sum() > 0


def test_a_causal_mask_and_another_are_refused():
    x = wide(2, 4)
    with pytest.raises(RuntimeError, match="Explicit attn_mask should not be set when is_causal=True"):
        F.scaled_dot_product_attention(x, x, x, torch.ones(2, 2).bool(), is_causal=True)


# -- MultiheadAttention ------------------------------------------------------------------------------


def test_each_head_attends_with_its_own_part():
    layer, x = nn.MultiheadAttention(6, 2, batch_first=True).double(), wide(2, 4, 6)
    out, weights = layer(x, x, x, average_attn_weights=False)
    assert weights.shape == (2, 2, 4, 4)
    q, k, v = F.linear(x, layer.in_proj_weight, layer.in_proj_bias).chunk(3, -1)
    heads = [F.scaled_dot_product_attention(q[..., p], k[..., p], v[..., p]) for p in (slice(3), slice(3, 6))]
    assert torch.allclose(layer.out_proj(torch.cat(heads, -1)), out)
    assert torch.allclose(weights.sum(-1), torch.ones(2, 2, 4, dtype=torch.float64))


@pytest.mark.parametrize("need_weights", [True, False])
def test_multihead_gradients(need_weights):
    layer = nn.MultiheadAttention(4, 2, kdim=3, vdim=2, add_bias_kv=True, add_zero_attn=True).double()
    inputs = (wide(2, 1, 4), wide(3, 1, 3), wide(3, 1, 2))
    mask = torch.tensor([[False, True, False], [False, False, False]])

    def run(q, k, v, *weights):
        return layer(q, k, v, attn_mask=mask, need_weights=need_weights)[0]

    assert gradcheck(run, (*inputs, *layer.parameters()))


def test_the_order_of_dimensions_does_not_matter():
    layer, x = nn.MultiheadAttention(4, 2), torch.randn(3, 2, 4)
    turned = nn.MultiheadAttention(4, 2, batch_first=True)
    turned.load_state_dict(layer.state_dict())
    out, weights = layer(x, x, x)
    y = x.transpose(0, 1)
    assert torch.allclose(turned(y, y, y)[0].transpose(0, 1), out, atol=1e-6)
    alone, alone_weights = turned(x[:, 1], x[:, 1], x[:, 1])
    assert torch.allclose(alone, out[:, 1], atol=1e-6)
    assert torch.allclose(alone_weights, weights[1], atol=1e-6)


@pytest.mark.parametrize("need_weights", [True, False])
def test_what_is_masked_has_no_influence(need_weights):
    layer, x = nn.MultiheadAttention(4, 2, batch_first=True), torch.randn(2, 4, 4)
    padding = torch.tensor([[False, False, False, True], [False, False, True, True]])
    changed = x.clone()
    changed[0, 3], changed[1, 2:] = 9.0, -9.0

    def attend(keys, **masks):
        return layer(x, keys, keys, need_weights=need_weights, **masks)

    out, weights = attend(x, key_padding_mask=padding)
    assert torch.allclose(attend(changed, key_padding_mask=padding)[0], out)
    if need_weights:
        assert weights[0, :, 3].tolist() == [0] * 4
    added = torch.where(padding, -math.inf, 0.0)
    assert torch.allclose(attend(x, key_padding_mask=added)[0], out, atol=1e-6)
    last = x.clone()
    last[:, 3] = 9.0
    assert torch.allclose(attend(last, attn_mask=causal)[0][:, :3], attend(x, attn_mask=causal)[0][:, :3])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.MultiheadAttention(5, 2), AssertionError, "embed_dim must be divisible by num_heads"),
        (lambda: nn.MultiheadAttention(0, 2), ValueError, "must be greater than 0"),
        (
            lambda: nn.MultiheadAttention(4, 2)(*[torch.zeros(3, 1, 5)] * 3),
            AssertionError,
            "was expecting embedding dimension of 4, but got 5",
        ),
        (
            lambda: nn.MultiheadAttention(4, 2)(*[torch.zeros(3, 1, 4)] * 3, attn_mask=causal),
            RuntimeError,
            r"The shape of the 2D attn_mask is torch.Size\(\[4, 4\]\), but should be \(3, 3\)",
        ),
        (
            lambda: nn.MultiheadAttention(4, 2)(*[torch.zeros(3, 1, 4)] * 3, is_causal=True),
            RuntimeError,
            "Need attn_mask if specifying the is_causal hint",
        ),
        (
            lambda: nn.MultiheadAttention(4, 2)(*[torch.zeros(3, 4)] * 3, key_padding_mask=causal),
            AssertionError,
            "Expected `key_padding_mask`.shape to be",
        ),
        (
            lambda: nn.MultiheadAttention(4, 2)(*[torch.zeros(4, 4)] * 3, attn_mask=causal.long()),
            AssertionError,
            "only bool and floating types of attn_mask are supported",
        ),
        (
            lambda: nn.TransformerEncoderLayer(4, 2, activation="sin"),
            RuntimeError,
            "activation should be relu/gelu, not sin",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_torchs_words(call, error, words):
    with pytest.raises(error, match=words):
        call()


# -- transformer -------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm_first", [True, False])
def test_encoder_layer_gradients(norm_first):
    layer = nn.TransformerEncoderLayer(4, 2, 3, 0.0, "gelu", norm_first=norm_first).double()
    x = wide(2, 1, 4)
    weights = torch.arange(8.0, dtype=torch.float64).reshape(2, 1, 4)
    assert gradcheck(lambda x, *_: layer(x) * weights, (x, *layer.parameters()))


def test_the_layers_of_an_encoder_are_copies():
    layer = nn.TransformerEncoderLayer(4, 2, 8)
    encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(4)).eval()
    first, second = encoder.layers
    assert first is not layer and torch.equal(first.linear1.weight, second.linear1.weight)
    x = torch.randn(4, 1, 4)
    assert torch.equal(encoder(x, mask=causal), encoder.norm(second(first(x, causal), causal)))
    assert "layers.1.self_attn.out_proj.weight" in encoder.state_dict()


@pytest.mark.parametrize("norm_first", [True, False])
def test_decoder_layer_gradients(norm_first):
    layer = nn.TransformerDecoderLayer(2, 1, 3, 0.0, norm_first=norm_first).double()
    tgt, memory = wide(2, 1, 2), wide(3, 1, 2)
    weights = torch.arange(4.0, dtype=torch.float64).reshape(2, 1, 2)
    assert gradcheck(lambda *x: layer(x[0], x[1]) * weights, (tgt, memory, *layer.parameters()))


def test_a_transformer_sees_all_of_its_source_and_only_the_past_of_its_target():
    net = nn.Transformer(4, 2, 1, 1, 8, batch_first=True).eval()
    mask = nn.Transformer.generate_square_subsequent_mask(3)
    assert mask.tolist() == [[0, -math.inf, -math.inf], [0, 0, -math.inf], [0, 0, 0]]
    src, tgt = torch.randn(2, 5, 4).requires_grad_(), torch.randn(2, 3, 4).requires_grad_()
    (net(src, tgt, tgt_mask=mask)[:, 1] * torch.arange(4.0)).sum().backward()
    assert (src.grad.abs().sum(-1) > 0).all()
    assert (tgt.grad.abs().sum(-1) > 0).tolist() == [[True, True, False]] * 2
    with pytest.raises(RuntimeError, match="the batch number of src and tgt must be equal"):
        net(src, tgt[:1])
    with pytest.raises(RuntimeError, match="must be equal to d_model"):
        net(src[..., :2], tgt)


def test_an_encoder_learns_to_look_back():
    """Every position is to name the token at position 0."""
    embedding, head = nn.Embedding(3, 8), nn.Linear(8, 3)
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True), 1)
    place = nn.Parameter(torch.randn(4, 8))
    tokens = torch.randint(0, 3, (32, 4))
    weights = [place, *(p for m in (embedding, encoder, head) for p in m.parameters())]
    optimizer = torch.optim.Adam(weights, lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        scores = head(encoder(embedding(tokens) + place, mask=causal))
        loss = F.cross_entropy(scores.reshape(-1, 3), tokens[:, :1].expand(-1, 4).reshape(-1))
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1
