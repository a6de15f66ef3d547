"""Recurrent networks: RNN, LSTM and GRU over whole sequences.

Shapes: input (T, N, input_size), with batch_first (N, T, input_size), or (T, input_size) without a batch;
output likewise with D·hidden_size, where D is 2 if bidirectional, else 1. States are (D·num_layers, N,
hidden_size) or (D·num_layers, hidden_size); without one the networks start from zeros. A packed sequence
gives a packed output.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html, and RNN, GRU beside it
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

from gradviz.engine.creation import empty, zeros
from gradviz.engine.nn import functional as F
from gradviz.engine.nn import init
from gradviz.engine.nn.functional.recurrent import NONLINEARITIES, gru_step, lstm_step, rnn_step
from gradviz.engine.nn.modules.module import Module
from gradviz.engine.nn.parameter import Parameter
from gradviz.engine.nn.utils.rnn import PackedSequence
from gradviz.engine.ops.joining import cat, stack
from gradviz.engine.tensor import Tensor

State = tuple[Tensor, ...]  # (h,), of an LSTM (h, c)


class RNNBase(Module):
    """Layers of one kind of cell, one upon the other. A subclass says how a cell makes a step.

    Layer k has the parameters weight_ih_lk, weight_hh_lk, bias_ih_lk and bias_hh_lk, the one that reads
    backwards the same with "_reverse"; all start uniform in ±1/√hidden_size.
    """

    gates: int  # blocks of hidden_size rows in the weights
    projects = False  # whether proj_size may make h smaller

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        for name, size in (("input", input_size), ("hidden", hidden_size)):
            if not isinstance(size, int):
                raise TypeError(f"{name}_size should be of type int, got: {type(size).__name__}")
            if size <= 0:
                raise ValueError(f"{name}_size must be greater than zero")
        for name, flag in (("bias", bias), ("batch_first", batch_first)):
            if not isinstance(flag, bool):
                raise TypeError(f"{name} should be of type bool, got: {type(flag).__name__}")
        if num_layers <= 0:
            raise ValueError("num_layers must be greater than zero")
        if not 0 <= dropout <= 1:
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an element being "
                "zeroed"
            )
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={dropout} and num_layers={num_layers}",
                stacklevel=2,
            )
        if proj_size and not self.projects:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        if not 0 <= proj_size < hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size, or zero to disable projections")
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        ways = ("", "_reverse") if bidirectional else ("",)
        self._suffixes = [f"_l{layer}{way}" for layer in range(num_layers) for way in ways]
        for nr, suffix in enumerate(self._suffixes):
            columns = input_size if nr < len(ways) else len(ways) * (proj_size or hidden_size)
            self._add_weights(suffix, columns, {"dtype": dtype, "device": device})
        self.reset_parameters()

    def _add_weights(self, suffix: str, columns: int, kind: dict[str, Any]) -> None:
        rows = self.gates * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, columns),
            "weight_hh": (rows, self.proj_size or self.hidden_size),
        }
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        for name, shape in shapes.items():
            self.register_parameter(name + suffix, Parameter(empty(*shape, **kind)))

    def reset_parameters(self) -> None:
        """Draw weights and biases anew."""
        bound = 1 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each layer and direction."""
        return [
            [weight for name, weight in self._parameters.items() if name.endswith(suffix)]
            for suffix in self._suffixes
        ]

    def flatten_parameters(self) -> None:
        """Nothing to do: in torch it lays the weights out for the GPU."""

    # -- running ---------------------------------------------------------------------------------

    def _step(self, from_input: Tensor, from_state: Tensor, state: State) -> State:
        """The next state, of shapes (N, …), from both contributions to the gates."""
        raise NotImplementedError

    def _state_sizes(self) -> tuple[int, ...]:
        """The last dimension of each tensor of the state."""
        return (self.hidden_size,)

    def _run(self, input: Tensor | PackedSequence, state: State | None) -> tuple[Any, State]:
        """The output of the last layer at every time step, and the last state of every layer."""
        if isinstance(input, PackedSequence):
            return self._run_packed(input, state)
        self._check_input(input, (2, 3))
        if input.ndim == 2:
            alone = (
                None if state is None else tuple(tensor.unsqueeze(1) for tensor in self._checked(state, 2))
            )
            output, finals = self._run(input.unsqueeze(0 if self.batch_first else 1), alone)
            return output.squeeze(0 if self.batch_first else 1), tuple(final.squeeze(1) for final in finals)
        steps = input.transpose(0, 1) if self.batch_first else input
        if not steps.shape[0]:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        starts = self._starts(steps.shape[1], steps, state)
        output, finals = self._run_layers(steps, starts, lambda steps: steps.unbind(0), stack)
        return self._batch_first(output) if self.batch_first else output, finals

    def _run_packed(self, packed: PackedSequence, state: State | None) -> tuple[PackedSequence, State]:
        """The same for sequences of different lengths: `state` and the last states in the given order."""
        data, batch_sizes, sorted_indices, unsorted_indices = packed
        self._check_input(data, (2,))
        if state is not None and sorted_indices is not None:
            state = tuple(tensor.index_select(1, sorted_indices) for tensor in state)
        sizes = batch_sizes.tolist()
        starts = self._starts(sizes[0], data, state)
        output, finals = self._run_layers(data, starts, lambda data: data.split(sizes), cat)
        if unsorted_indices is not None:
            finals = tuple(tensor.index_select(1, unsorted_indices) for tensor in finals)
        return packed._replace(data=output), finals

    def _run_layers(
        self, steps: Tensor, starts: list[State], apart: Callable, together: Callable
    ) -> tuple[Tensor, State]:
        """All layers, one upon the other: `apart` takes a tensor to its time steps, `together` joins them."""
        finals, count = [], len(self._suffixes) // self.num_layers
        for layer in range(self.num_layers):
            outputs = []
            for nr in range(layer * count, layer * count + count):
                output, final = self._run_layer(self._suffixes[nr], steps, starts[nr], apart)
                outputs.append(together(output))
                finals.append(final)
            steps = cat(outputs, -1) if len(outputs) > 1 else outputs[0]
            if layer < self.num_layers - 1:
                steps = F.dropout(steps, self.dropout, self.training)
        return steps, tuple(stack(tensors) for tensors in zip(*finals, strict=True))

    def _run_layer(
        self, suffix: str, steps: Tensor, start: State, apart: Callable
    ) -> tuple[list[Tensor], State]:
        """One layer in one direction: its outputs (n, out) at all time steps, and its last state (N, …).

        The number n of sequences may fall from step to step, as the shorter ones end.
        """
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        weights = [self._parameters.get(name + suffix) for name in names]
        weight_ih, weight_hh, bias_ih, bias_hh, weight_hr = weights
        from_inputs = apart(F.linear(steps, weight_ih, bias_ih))  # of all time steps at once
        backwards = suffix.endswith("_reverse")
        outputs: list[Tensor] = []
        ended: list[State] = []  # the last states of sequences that are shorter
        state = start
        for from_input in reversed(from_inputs) if backwards else from_inputs:
            count, running = from_input.array.shape[0], state[0].array.shape[0]
            if count < running:
                ended.append(tuple(tensor[count:] for tensor in state))
                state = tuple(tensor[:count] for tensor in state)
            elif count > running:  # going backwards, more sequences come in
                state = tuple(cat([s, new[running:count]]) for s, new in zip(state, start, strict=True))
            state = self._step(from_input, F.linear(state[0], weight_hh, bias_hh), state)
            if weight_hr is not None:
                state = (state[0] @ weight_hr.t(), *state[1:])
            outputs.append(state[0])
        if ended and not backwards:
            state = tuple(cat(parts) for parts in zip(state, *reversed(ended), strict=True))
        return outputs[::-1] if backwards else outputs, state

    def _batch_first(self, output: Tensor) -> Tensor:
        return output.transpose_(0, 1)

    def _starts(self, batch: int, steps: Tensor, state: State | None) -> list[State]:
        """The state that each layer and direction starts from."""
        count = len(self._suffixes)
        if state is None:
            return [tuple(zeros(batch, size, dtype=steps.dtype) for size in self._state_sizes())] * count
        for nr, (tensor, size) in enumerate(zip(self._checked(state, 3), self._state_sizes(), strict=True)):
            if tensor.shape != (count, batch, size):
                name = f"hidden[{nr}]" if len(state) > 1 else "hidden"
                raise RuntimeError(f"Expected {name} size {(count, batch, size)}, got {list(tensor.shape)}")
        return list(zip(*(tensor.unbind(0) for tensor in state), strict=True))

    def _checked(self, state: State, dims: int) -> State:
        """The state. Raises RuntimeError unless its tensors have so many dimensions, as the input has."""
        if any(tensor.ndim != dims for tensor in state):
            have = ", ".join(f"{tensor.ndim}-D" for tensor in state)
            raise RuntimeError(
                f"For {'batched' if dims == 3 else 'unbatched'} {dims}-D input, hx should also be {dims}-D "
                f"but got {have} tensor{'s' * (len(state) > 1)}"
            )
        return state

    def _check_input(self, input: Tensor, dims: tuple[int, ...]) -> None:
        if input.ndim not in dims:
            wanted = " or ".join(f"{n}D" for n in dims)
            raise ValueError(
                f"{type(self).__name__}: Expected input to be {wanted}, got {input.ndim}D instead"
            )
        weight = self.weight_ih_l0
        if input.dtype != weight.dtype:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({weight.dtype}). Convert "
                f"input: input.to({weight.dtype}), or convert model: model.to({input.dtype})"
            )
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got "
                f"{input.shape[-1]}"
            )

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        usual = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0}
        for name, value in {**usual, "bidirectional": False}.items():
            if getattr(self, name) != value:
                text += f", {name}={getattr(self, name)}"
        return text


class RNN(RNNBase):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), or relu of it."""

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if nonlinearity not in NONLINEARITIES:
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        layout = (bias, batch_first, dropout, bidirectional, proj_size, device, dtype)
        super().__init__(input_size, hidden_size, num_layers, *layout)
        self.nonlinearity = nonlinearity

    def _step(self, from_input: Tensor, from_state: Tensor, state: State) -> State:
        return (rnn_step(from_input, from_state, self.nonlinearity),)

    def forward(self, input: Tensor | PackedSequence, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        output, (h,) = self._run(input, None if hx is None else (hx,))
        return output, h


class LSTM(RNNBase):
    """The cell state c is what is kept, h what is shown of it; see `lstm_step`.

    With proj_size, h and the output have that size: weight_hr_lk (proj_size, hidden_size) makes them smaller.
    """

    gates = 4
    projects = True

    def _state_sizes(self) -> tuple[int, ...]:
        return self.proj_size or self.hidden_size, self.hidden_size

    def _step(self, from_input: Tensor, from_state: Tensor, state: State) -> State:
        return lstm_step(from_input, from_state, state[1])

    def _batch_first(self, output: Tensor) -> Tensor:
        return output.transpose(0, 1)  # unlike RNN and GRU, torch makes a view of it

    def forward(
        self, input: Tensor | PackedSequence, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Any, tuple[Tensor, Tensor]]:
        output, (h, c) = self._run(input, None if hx is None else tuple(hx))
        return output, (h, c)


class GRU(RNNBase):
    """Like the LSTM, with one state and two gates; see `gru_step`."""

    gates = 3

    def _step(self, from_input: Tensor, from_state: Tensor, state: State) -> State:
        return (gru_step(from_input, from_state, state[0]),)

    def forward(self, input: Tensor | PackedSequence, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        output, (h,) = self._run(input, None if hx is None else (hx,))
        return output, h
