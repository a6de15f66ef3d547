"""One time step of each recurrent network, made of plain operations so that its gates can be seen.

Shapes: states h and c (…, hidden_size), where "…" is a batch or nothing; `from_input` = W_ih x + b_ih and
`from_state` = W_hh h + b_hh are (…, gates·hidden_size), the gates one after the other.

Source: https://docs.pytorch.org/docs/stable/nn.html#recurrent-layers
"""

from __future__ import annotations

from gradviz.engine.nn.functional.activation import relu
from gradviz.engine.ops.activation import tanh
from gradviz.engine.ops.joining import unsafe_chunk
from gradviz.engine.tensor import Tensor

NONLINEARITIES = {"tanh": tanh, "relu": relu}


def rnn_step(from_input: Tensor, from_state: Tensor, nonlinearity: str) -> Tensor:
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu of it (Elman, 1990)."""
    return NONLINEARITIES[nonlinearity](from_state + from_input)


def lstm_step(from_input: Tensor, from_state: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """c' = f ⊙ c + i ⊙ g and h' = o ⊙ tanh(c'), gates i, f, g, o (Hochreiter and Schmidhuber, 1997)."""
    i, f, g, o = unsafe_chunk(from_state + from_input, 4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def gru_step(from_input: Tensor, from_state: Tensor, h: Tensor) -> Tensor:
    """h' = (h - n) ⊙ z + n, n = tanh(x_n + h_n ⊙ r), with the gates r and z (Cho et al., 2014)."""
    x_r, x_z, x_n = unsafe_chunk(from_input, 3, -1)
    h_r, h_z, h_n = unsafe_chunk(from_state, 3, -1)
    r = (h_r + x_r).sigmoid()
    z = (h_z + x_z).sigmoid()
    n = (x_n + h_n * r).tanh()
    return (h - n) * z + n
