"""Recurrent cells: one step of an RNN, LSTM or GRU.

Sources: Elman, Finding Structure in Time (1990); Hochreiter and Schmidhuber, Long Short-Term Memory (1997),
with the forget gate of Gers et al. (2000); Cho et al. (2014) for the GRU, in the form that applies the reset
gate after the matrix.
"""

# ruff: noqa: A002, N812, PLR0913 - PyTorch's names and signatures; functional is F by custom

from __future__ import annotations

import math
from typing import Any

from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.ops.devices import check_device
from gradcli.torch.creation import empty, zeros
from gradcli.torch.nn import functional as F
from gradcli.torch.nn.init import uniform_
from gradcli.torch.nn.module import Module
from gradcli.torch.nn.parameter import Parameter

__all__ = [
    "GATES",
    "GRUCell",
    "LSTMCell",
    "RNNCell",
    "gru_step",
    "lstm_step",
    "rnn_relu_step",
    "rnn_tanh_step",
]

GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}  # how many times the hidden size its weights give


def rnn_tanh_step(from_input: Any, from_hidden: Any, state: Any) -> Any:
    """Returns the next hidden state from what input and hidden state give through their weights."""
    del state
    return (from_hidden + from_input).tanh()


def rnn_relu_step(from_input: Any, from_hidden: Any, state: Any) -> Any:
    """Returns the next hidden state, as `rnn_tanh_step`, with the rectifier."""
    del state
    return (from_hidden + from_input).relu()


def lstm_step(from_input: Any, from_hidden: Any, cell: Any) -> tuple[Any, Any]:
    """Returns the next hidden state and cell."""
    enter, forget, new, leave = (from_hidden + from_input).chunk(4, -1)
    cell = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
    return leave.sigmoid() * cell.tanh(), cell


def gru_step(from_input: Any, from_hidden: Any, hidden: Any) -> Any:
    """Returns the next hidden state."""
    reset_in, update_in, new_in = from_input.chunk(3, -1)
    reset_hidden, update_hidden, new_hidden = from_hidden.chunk(3, -1)
    reset = (reset_hidden + reset_in).sigmoid()
    update = (update_hidden + update_in).sigmoid()
    new = (new_in + new_hidden * reset).tanh()
    return (hidden - new) * update + new


class _Cell(Module):
    """Weights of a cell.

    Attributes:
        mode: which cell it is, in GATES.
    """

    mode = ""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        check_device(device)
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = GATES[self.mode] * hidden_size
        self.weight_ih = Parameter(empty((rows, input_size), dtype=dtype))
        self.weight_hh = Parameter(empty((rows, hidden_size), dtype=dtype))
        self.register_parameter("bias_ih", Parameter(empty((rows,), dtype=dtype)) if bias else None)
        self.register_parameter("bias_hh", Parameter(empty((rows,), dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws all weights from uniforms within 1 / sqrt(hidden_size)."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        """Its sizes, and what differs from the defaults."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias is True else f", bias={self.bias}")

    def _check(self, input: Any, states: dict[str, Any]) -> None:
        for name, value in {"input": input, **states}.items():
            if len(value.shape) not in (1, 2):
                raise ValueFault(
                    "E301",
                    f"{self._get_name()}: Expected {name} to be 1D or 2D, got {len(value.shape)}D instead",
                )
        width = input.shape[-1]
        if width != self.input_size:
            raise RuntimeFault(
                "E301",
                f"input has inconsistent input_size: got {width} expected {self.input_size}",
                help=f"the cell was made for {self.input_size} inputs",
            )
        for label, value in enumerate(states.values()):
            self._check_state(f"hidden{label}", input.shape[:-1], value.shape)

    def _check_state(self, name: str, rows: tuple[int, ...], shape: tuple[int, ...]) -> None:
        if rows and len(shape) > 1 and shape[0] != rows[0]:
            raise RuntimeFault(
                "E301", f"Input batch size {rows[0]} doesn't match {name} batch size {shape[0]}"
            )
        if shape[-1] != self.hidden_size:
            raise RuntimeFault(
                "E301",
                f"{name} has inconsistent hidden_size: got {shape[-1]}, expected {self.hidden_size}",
                help=f"a state has {self.hidden_size} elements per sample",
            )

    def _both(self, input: Any, hidden: Any) -> tuple[Any, Any]:
        from_input = F.linear(input, self.weight_ih, self.bias_ih)
        return from_input, F.linear(hidden, self.weight_hh, self.bias_hh)

    def _zeros(self, input: Any) -> Any:
        return zeros((*input.shape[:-1], self.hidden_size), dtype=input.dtype)


class RNNCell(_Cell):
    """h' = tanh(W x + b + U h + c), or with the rectifier for tanh."""

    mode = "RNN_TANH"

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

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The next hidden state, (N, hidden_size) or (hidden_size,)."""
        self._check(input, {} if hx is None else {"hidden": hx})
        steps = {"tanh": rnn_tanh_step, "relu": rnn_relu_step}
        if self.nonlinearity not in steps:
            raise RuntimeFault("E303", f"Unknown nonlinearity: {self.nonlinearity}", help="tanh or relu")
        hidden = self._zeros(input) if hx is None else hx
        return steps[self.nonlinearity](*self._both(input, hidden), hidden)

    def extra_repr(self) -> str:
        """Its sizes, and what differs from the defaults."""
        extra = "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}"
        return super().extra_repr() + extra


class LSTMCell(_Cell):
    """A step of a long short-term memory."""

    mode = "LSTM"

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """The next hidden state and cell, each (N, hidden_size) or (hidden_size,)."""
        self._check(input, {} if hx is None else {"hx[0]": hx[0], "hx[1]": hx[1]})
        hidden, cell = (self._zeros(input), self._zeros(input)) if hx is None else hx
        return lstm_step(*self._both(input, hidden), cell)


class GRUCell(_Cell):
    """A step of a gated recurrent unit."""

    mode = "GRU"

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The next hidden state, (N, hidden_size) or (hidden_size,)."""
        self._check(input, {} if hx is None else {"hidden": hx})
        hidden = self._zeros(input) if hx is None else hx
        return gru_step(*self._both(input, hidden), hidden)
