"""Recurrent cells: one time step, for loops that programs write themselves.

Shapes: input (N, input_size) or (input_size,), states (N, hidden_size) or (hidden_size,). Without a state the
cells start from zeros.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html, and RNNCell, GRUCell beside it
"""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.creation import empty, zeros
from gradviz.engine.nn import functional as F
from gradviz.engine.nn import init
from gradviz.engine.nn.functional.recurrent import NONLINEARITIES, gru_step, lstm_step, rnn_step
from gradviz.engine.nn.modules.module import Module
from gradviz.engine.nn.parameter import Parameter
from gradviz.engine.tensor import Tensor

State = tuple[Tensor, ...]  # (h,), of an LSTM (h, c)


class _Cell(Module):
    """Weights of a cell: weight_ih (gates·hidden, input), weight_hh (gates·hidden, hidden), two biases.

    All start uniform in ±1/√hidden_size.
    """

    gates: int
    states = 1  # tensors in the state

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows, kind = self.gates * hidden_size, {"dtype": dtype, "device": device}
        self.weight_ih = Parameter(empty(rows, input_size, **kind))
        self.weight_hh = Parameter(empty(rows, hidden_size, **kind))
        self.register_parameter("bias_ih", Parameter(empty(rows, **kind)) if bias else None)
        self.register_parameter("bias_hh", Parameter(empty(rows, **kind)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weights and biases anew."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _step(self, from_input: Tensor, from_state: Tensor, state: State) -> State:
        """The next state, of shapes (N, hidden_size), from both contributions to the gates."""
        raise NotImplementedError

    def _next(self, input: Tensor, state: State | None) -> State:
        state = self._start(input, state)
        if input.ndim == 1:
            alone = self._next(input.unsqueeze(0), tuple(tensor.unsqueeze(0) for tensor in state))
            return tuple(tensor.squeeze(0) for tensor in alone)
        from_state = F.linear(state[0], self.weight_hh, self.bias_hh)
        return self._step(F.linear(input, self.weight_ih, self.bias_ih), from_state, state)

    def _start(self, input: Tensor, state: State | None) -> State:
        """The state, or zeros. Raises ValueError or RuntimeError for sizes that do not fit."""
        name = type(self).__name__
        if input.ndim not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.ndim}D instead")
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input has inconsistent input_size: got {input.shape[-1]} expected {self.input_size}"
            )
        shape = (*input.shape[:-1], self.hidden_size)
        if state is None:
            return (zeros(*shape, dtype=input.dtype),) * self.states
        for nr, h in enumerate(state):
            if h.shape == shape:
                continue
            if h.ndim not in (1, 2):
                hidden = f"hx[{nr}]" if self.states > 1 else "hidden"
                raise ValueError(f"{name}: Expected {hidden} to be 1D or 2D, got {h.ndim}D instead")
            if h.ndim != input.ndim:
                raise ValueError(f"{name}: Expected hidden to be {input.ndim}D, got {h.ndim}D instead")
            if h.shape[-1] != self.hidden_size:
                raise RuntimeError(
                    f"hidden{nr} has inconsistent hidden_size: got {h.shape[-1]}, expected {self.hidden_size}"
                )
            raise RuntimeError(
                f"Input batch size {input.shape[0]} doesn't match hidden{nr} batch size {h.shape[0]}"
            )
        return state

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        return text if self.bias else text + f", bias={self.bias}"


class RNNCell(_Cell):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu of it."""

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        if self.nonlinearity not in NONLINEARITIES:
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        return self._next(input, None if hx is None else (hx,))[0]

    def _step(self, from_input: Tensor, from_state: Tensor, state: State) -> State:
        return (rnn_step(from_input, from_state, self.nonlinearity),)

    def extra_repr(self) -> str:
        text = super().extra_repr()
        return text if self.nonlinearity == "tanh" else text + f", nonlinearity={self.nonlinearity}"


class LSTMCell(_Cell):
    """(h', c') from x and (h, c), by the gates i, f, g, o."""

    gates = 4
    states = 2

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        if hx is not None and not isinstance(hx, tuple | list):
            raise TypeError(
                f"lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not {type(hx).__name__}"
            )
        h, c = self._next(input, hx)
        return h, c

    def _step(self, from_input: Tensor, from_state: Tensor, state: State) -> State:
        return lstm_step(from_input, from_state, state[1])


class GRUCell(_Cell):
    """h' = (h - n) ⊙ z + n, by the gates r (reset), z (update) and the new n."""

    gates = 3

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        return self._next(input, None if hx is None else (hx,))[0]

    def _step(self, from_input: Tensor, from_state: Tensor, state: State) -> State:
        return (gru_step(from_input, from_state, state[0]),)
