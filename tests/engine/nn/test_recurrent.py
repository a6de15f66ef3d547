"""Recurrent networks: against steps written out, by finite differences, and as a learner."""

import numpy as np
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


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def numbers(*tensors):
    return [tensor.detach().numpy() for tensor in tensors]


# -- cells -------------------------------------------------------------------------------------------


def test_rnn_cell_is_tanh_of_input_and_state():
    cell, x, h = nn.RNNCell(3, 4).double(), wide(2, 3), wide(2, 4)
    a, b, w, u, p, q = numbers(x, h, *cell.parameters())
    np.testing.assert_allclose(cell(x, h).detach().numpy(), np.tanh(a @ w.T + p + b @ u.T + q))
    cell.nonlinearity = "relu"
    np.testing.assert_allclose(cell(x, h).detach().numpy(), np.maximum(a @ w.T + p + b @ u.T + q, 0))


def test_lstm_cell_forgets_and_adds():
    cell, x, h, c = nn.LSTMCell(3, 4).double(), wide(2, 3), wide(2, 4), wide(2, 4)
    a, b, old, w, u, p, q = numbers(x, h, c, *cell.parameters())
    i, f, g, o = np.split(a @ w.T + p + b @ u.T + q, 4, axis=1)
    new_c = sigmoid(f) * old + sigmoid(i) * np.tanh(g)
    got_h, got_c = cell(x, (h, c))
    np.testing.assert_allclose(got_c.detach().numpy(), new_c)
    np.testing.assert_allclose(got_h.detach().numpy(), sigmoid(o) * np.tanh(new_c))


def test_gru_cell_moves_between_old_and_new():
    cell, x, h = nn.GRUCell(3, 4).double(), wide(2, 3), wide(2, 4)
    a, b, w, u, p, q = numbers(x, h, *cell.parameters())
    (x_r, x_z, x_n), (h_r, h_z, h_n) = np.split(a @ w.T + p, 3, 1), np.split(b @ u.T + q, 3, 1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    expected = (1 - z) * np.tanh(x_n + r * h_n) + z * b
    np.testing.assert_allclose(cell(x, h).detach().numpy(), expected)


@pytest.mark.parametrize("make", [nn.RNNCell, nn.LSTMCell, nn.GRUCell])
@pytest.mark.parametrize("bias", [True, False])
def test_cell_gradients_with_and_without_a_batch(make, bias):
    cell = make(3, 2, bias=bias).double()

    def start(*batch):
        return tuple(wide(*batch, 2) for _ in range(cell.states))

    def step(x, *state):
        return cell(x, state if cell.states == 2 else state[0])

    assert gradcheck(lambda x, *others: step(x, *others[: cell.states]), (wide(3), *start()))
    inputs = (wide(4, 3), *start(4), *cell.parameters())
    assert gradcheck(lambda x, *others: step(x, *others[: cell.states]), inputs)


def test_an_lstm_step_shows_its_gates():
    h, _ = nn.LSTMCell(3, 4)(torch.ones(1, 3))
    names, todo = [], [h.grad_fn]
    while todo:
        node = todo.pop()
        names.append(node.name())
        operations = [n for n, _ in node.next_functions if n is not None]
        todo += [n for n in operations if not n.name().endswith("AccumulateGrad")]
    assert {
        "SigmoidBackward0",
        "TanhBackward0",
        "MulBackward0",
        "UnsafeSplitBackward0",
        "AddmmBackward0",
    } <= set(names)


# -- layers over time --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("net", "cell"), [(nn.RNN, nn.RNNCell), (nn.LSTM, nn.LSTMCell), (nn.GRU, nn.GRUCell)]
)
def test_a_layer_is_its_cell_at_every_time_step(net, cell):
    layer, single, x = net(3, 4), cell(3, 4), torch.randn(5, 2, 3)
    single.load_state_dict({name.removesuffix("_l0"): w for name, w in layer.state_dict().items()})
    output, last = layer(x)
    state = None
    for t in range(5):
        state = single(x[t], state)
        h = state[0] if isinstance(state, tuple) else state
        assert torch.allclose(output[t], h, atol=1e-6)
    for ours, theirs in zip(*(s if isinstance(s, tuple) else (s,) for s in (last, state)), strict=True):
        assert torch.allclose(ours[0], theirs, atol=1e-6)


@pytest.mark.parametrize("net", [nn.RNN, nn.LSTM, nn.GRU])
def test_gradients_through_layers_and_directions(net):
    layer = net(2, 2, num_layers=2, bidirectional=True, batch_first=True).double()
    x, h, c = wide(1, 2, 2), wide(4, 1, 2), wide(4, 1, 2)

    def run(x, h, c, *weights):
        output, last = layer(x, (h, c) if net is nn.LSTM else h)
        parts = (output, *last) if net is nn.LSTM else (output, last, c)
        return torch.cat([part.flatten() for part in parts])

    assert gradcheck(run, (x, h, c, *layer.parameters()))


def test_a_projection_makes_h_smaller():
    layer = nn.LSTM(3, 4, num_layers=2, proj_size=2).double()
    x = wide(5, 1, 3)
    output, (h, c) = layer(x)
    assert (output.shape, h.shape, c.shape) == ((5, 1, 2), (2, 1, 2), (2, 1, 4))
    assert layer.weight_hr_l1.shape == (2, 4)
    assert gradcheck(lambda x, *weights: layer(x)[0], (x, *layer.parameters()))


def test_the_second_direction_reads_backwards():
    layer, x = nn.GRU(3, 4, bidirectional=True), torch.randn(5, 2, 3)
    output, last = layer(x)
    assert torch.equal(last[0], output[-1, :, :4]) and torch.equal(last[1], output[0, :, 4:])
    turned = nn.GRU(3, 4)
    turned.load_state_dict(
        {name.removesuffix("_reverse"): w for name, w in layer.state_dict().items() if "reverse" in name}
    )
    assert torch.allclose(turned(x.flip(0))[0].flip(0), output[..., 4:], atol=1e-6)


@pytest.mark.parametrize("net", [nn.RNN, nn.LSTM, nn.GRU])
def test_batch_first_and_no_batch_are_the_same_network(net):
    layer, x = net(3, 4, num_layers=2), torch.randn(5, 2, 3)
    turned = net(3, 4, num_layers=2, batch_first=True)
    turned.load_state_dict(layer.state_dict())
    output, _ = layer(x)
    assert torch.allclose(turned(x.transpose(0, 1))[0], output.transpose(0, 1), atol=1e-6)
    for model in (layer, turned):
        alone, last = model(x[:, 1])
        assert torch.allclose(alone, output[:, 1], atol=1e-6)
        assert (last[0] if net is nn.LSTM else last).shape == (2, 4)


def test_dropout_lies_between_layers_while_training():
    layer, x = nn.LSTM(3, 4, num_layers=2, dropout=0.5), torch.randn(5, 2, 3)
    assert not torch.equal(layer(x)[0], layer(x)[0])
    layer.eval()
    assert torch.equal(layer(x)[0], layer(x)[0])
    with pytest.warns(UserWarning, match="dropout option adds dropout after all but last recurrent layer"):
        nn.LSTM(3, 4, dropout=0.5)


def test_an_lstm_learns_which_sequence_began_with_a_one():
    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(1, 8, batch_first=True)
            self.head = nn.Linear(8, 2)

        def forward(self, x):
            _, (h, _) = self.lstm(x)
            return self.head(h[-1])

    net = Classifier()
    labels = torch.arange(16) % 2
    x = torch.randn(16, 6, 1) * 0.3
    x[:, 0, 0] = labels.float()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.03)
    for _ in range(60):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), labels)
        loss.backward()
        optimizer.step()
    assert (net(x).argmax(1) == labels).all()


# -- what does not fit -------------------------------------------------------------------------------

sequence, step = torch.zeros(5, 2, 3), torch.zeros(2, 3)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.GRU(3, 4)(torch.zeros(5)), ValueError, "GRU: Expected input to be 2D or 3D, got 1D"),
        (lambda: nn.GRU(2, 4)(sequence), RuntimeError, "must be equal to input_size. Expected 2, got 3"),
        (lambda: nn.GRU(3, 4)(sequence[:0]), RuntimeError, "sequence length to be larger than 0"),
        (lambda: nn.GRU(3, 4)(sequence.double()), ValueError, r"convert model: model.to\(torch.float64\)"),
        (
            lambda: nn.GRU(3, 4)(sequence, torch.zeros(1, 3, 4)),
            RuntimeError,
            r"Expected hidden size \(1, 2, 4\), got \[1, 3, 4\]",
        ),
        (
            lambda: nn.LSTM(3, 4)(sequence, (torch.zeros(1, 2, 4), torch.zeros(1, 2, 5))),
            RuntimeError,
            r"Expected hidden\[1\] size \(1, 2, 4\), got \[1, 2, 5\]",
        ),
        (
            lambda: nn.GRU(3, 4)(sequence, torch.zeros(2, 4)),
            RuntimeError,
            "For batched 3-D input, hx should also be 3-D but got 2-D tensor",
        ),
        (lambda: nn.GRU(3, 4, proj_size=2), ValueError, "only supported for LSTM"),
        (lambda: nn.LSTM(3, 4, proj_size=4), ValueError, "has to be smaller than hidden_size"),
        (lambda: nn.LSTM(0, 4), ValueError, "input_size must be greater than zero"),
        (lambda: nn.RNN(3, 4, nonlinearity="sin"), ValueError, "Unknown nonlinearity 'sin'"),
        (lambda: nn.GRUCell(3, 4)(sequence), ValueError, "GRUCell: Expected input to be 1D or 2D, got 3D"),
        (lambda: nn.GRUCell(2, 4)(step), RuntimeError, "inconsistent input_size: got 3 expected 2"),
        (
            lambda: nn.GRUCell(3, 4)(step, torch.zeros(2, 5)),
            RuntimeError,
            "hidden0 has inconsistent hidden_size: got 5, expected 4",
        ),
        (
            lambda: nn.LSTMCell(3, 4)(step, (torch.zeros(2, 4), torch.zeros(3, 4))),
            RuntimeError,
            "Input batch size 2 doesn't match hidden1 batch size 3",
        ),
        (lambda: nn.LSTMCell(3, 4)(step, torch.zeros(2, 4)), TypeError, "must be tuple of Tensors"),
    ],
)
def test_what_does_not_fit_is_refused_in_torchs_words(call, error, words):
    with pytest.raises(error, match=words):
        call()
