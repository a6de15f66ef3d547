"""Recurrent networks with the same seed: weights, outputs, states and gradients are PyTorch's."""

import numpy as np
import pytest
import torch

import gradviz.engine as engine

pytestmark = pytest.mark.parity

NETWORKS = [
    lambda nn: nn.RNN(3, 4),
    lambda nn: nn.RNN(3, 4, 2, "relu", bias=False, bidirectional=True),
    lambda nn: nn.LSTM(3, 4),
    lambda nn: nn.LSTM(3, 4, 2, batch_first=True, dropout=0.5, bidirectional=True),
    lambda nn: nn.LSTM(3, 4, 2, proj_size=2, bidirectional=True),
    lambda nn: nn.LSTM(3, 4, 2, bias=False).eval(),
    lambda nn: nn.GRU(3, 4, batch_first=True),
    lambda nn: nn.GRU(3, 4, 3, bias=False, dropout=0.2),
]
CELLS = [
    lambda nn: nn.RNNCell(3, 4),
    lambda nn: nn.RNNCell(3, 4, bias=False, nonlinearity="relu"),
    lambda nn: nn.LSTMCell(3, 4),
    lambda nn: nn.LSTMCell(3, 4, bias=False),
    lambda nn: nn.GRUCell(3, 4),
]


def flat(result):
    """The tensors of an output such as (output, (h, c))."""
    return [t for part in result for t in flat(part)] if isinstance(result, tuple) else [result]


def run(torch, make, shape, state_shape):
    """What a module prints and names, and all its numbers: outputs, weights, gradients."""
    torch.manual_seed(0)
    module = make(torch.nn)
    state = None
    if state_shape is not None:
        count = 2 if type(module).__name__.startswith("LSTM") else 1
        states = tuple(torch.randn(*state_shape).requires_grad_() for _ in range(count))
        state = states if count == 2 else states[0]
    x = torch.randn(*shape).requires_grad_()
    outputs = flat(module(x, state))
    sum((out * torch.arange(out.numel()).reshape(out.shape)).sum() for out in outputs).backward()
    inputs = [x] if state is None else [x, *flat(state)]
    tensors = [*outputs, *module.parameters(), *(t.grad for t in (*inputs, *module.parameters()))]
    return (repr(module), list(module.state_dict())), [t.detach().numpy() for t in tensors]


def assert_alike(make, shape, state_shape=None):
    (texts, ours), (their_texts, theirs) = (run(t, make, shape, state_shape) for t in (engine, torch))
    assert texts == their_texts
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=5e-6 * max(np.abs(b).max(), 1))


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize("make", NETWORKS)
@pytest.mark.parametrize("shape", [(5, 2, 3), (5, 3)])
def test_networks_agree(make, shape):
    assert_alike(make, shape)


def test_states_given_agree():
    assert_alike(lambda nn: nn.LSTM(3, 4, 2, bidirectional=True), (5, 2, 3), (4, 2, 4))
    assert_alike(lambda nn: nn.GRU(3, 4), (5, 3), (1, 4))


@pytest.mark.parametrize("make", CELLS)
@pytest.mark.parametrize("batch", [(), (2,)])
def test_cells_agree(make, batch):
    assert_alike(make, (*batch, 3), (*batch, 4))
    assert_alike(make, (*batch, 3))
