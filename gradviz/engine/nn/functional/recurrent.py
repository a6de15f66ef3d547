"""One time step of each recurrent network, made of plain operations so that its gates can be seen.

Shapes: input (…, input_size), states (…, hidden_size), weight_ih (gates·hidden_size, input_size), weight_hh
(gates·hidden_size, hidden_size), biases (gates·hidden_size,); "…" is a batch or nothing. `from_input` is
W_ih x + b_ih, which a layer computes for all its time steps at once.

Source: https://docs.pytorch.org/docs/stable/nn.html#recurrent-layers
"""

from __future__ import annotations

from gradviz.engine.nn.functional.activation import relu
from gradviz.engine.nn.functional.layer import linear
from gradviz.engine.ops.activation import tanh
from gradviz.engine.ops.joining import chunk
from gradviz.engine.tensor import Tensor

State = tuple[Tensor, ...]  # (h,), or (h, c) of an LSTM

NONLINEARITIES = {"tanh": tanh, "relu": relu}


def rnn_step(
    from_input: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor | None, nonlinearity: str
) -> State:
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu of it (Elman, 1990)."""
    return (NONLINEARITIES[nonlinearity](from_input + linear(state[0], weight_hh, bias_hh)),)


def lstm_step(
    from_input: Tensor,
    state: State,
    weight_hh: Tensor,
    bias_hh: Tensor | None,
    weight_hr: Tensor | None = None,
) -> State:
    """c' = f ⊙ c + i ⊙ g and h' = o ⊙ tanh(c') with the gates i, f, g, o (Hochreiter and Schmidhuber, 1997).

    `weight_hr` (proj_size, hidden_size) makes h' smaller (Sak et al., 2014).
    """
    h, c = state
    gates = from_input + linear(h, weight_hh, bias_hh)
    i, f, g, o = chunk(gates, 4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    h = o.sigmoid() * c.tanh()
    return h if weight_hr is None else linear(h, weight_hr), c


def gru_step(from_input: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor | None) -> State:
    """h' = (1 - z) ⊙ n + z ⊙ h, n = tanh(x_n + r ⊙ h_n), with the gates r and z (Cho et al., 2014)."""
    h = state[0]
    x_r, x_z, x_n = chunk(from_input, 3, -1)
    h_r, h_z, h_n = chunk(linear(h, weight_hh, bias_hh), 3, -1)
    r = (x_r + h_r).sigmoid()
    z = (x_z + h_z).sigmoid()
    n = (x_n + r * h_n).tanh()
    return ((1 - z) * n + z * h,)
