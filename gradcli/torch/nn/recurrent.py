"""RNN, LSTM and GRU: cells run over sequences, in layers and in both directions."""

# ruff: noqa: A002, N812, PLR0913 - PyTorch's names and signatures; functional is F by custom

from __future__ import annotations

import math
from typing import Any

from gradcli.autograd.algebra import TENSORS
from gradcli.diagnostics import RuntimeFault, TypeFault, ValueFault
from gradcli.ops.devices import check_device
from gradcli.torch.creation import empty, zeros
from gradcli.torch.nn import functional as F
from gradcli.torch.nn.cells import GATES, gru_step, lstm_step, rnn_relu_step, rnn_tanh_step
from gradcli.torch.nn.init import uniform_
from gradcli.torch.nn.module import Module
from gradcli.torch.nn.packing import PackedSequence, run_packed
from gradcli.torch.nn.parameter import Parameter

__all__ = ["GRU", "LSTM", "RNN"]

STEPS = {"RNN_TANH": rnn_tanh_step, "RNN_RELU": rnn_relu_step, "GRU": gru_step}
BATCHED = 3  # dims of an input with a batch dim


class _Recurrent(Module):
    """Weights by layer and direction, and the run over a sequence.

    Raises:
        ValueFault, TypeFault: the settings do not go together.
    """

    def __init__(
        self,
        mode: str,
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
        check_device(device)
        self.mode, self.input_size, self.hidden_size, self.num_layers = (
            mode,
            input_size,
            hidden_size,
            num_layers,
        )
        self.bias, self.batch_first, self.bidirectional = bias, batch_first, bidirectional
        self.dropout, self.proj_size = dropout, proj_size
        self._check()
        self.dropout = float(dropout)
        self._state_size = proj_size or hidden_size
        self._directions = ("", "_reverse") if bidirectional else ("",)
        for layer in range(num_layers):
            for direction in self._directions:
                self._add_weights(f"_l{layer}{direction}", layer, dtype)
        self.reset_parameters()

    def _check(self) -> None:
        drop = self.dropout
        if isinstance(drop, bool) or not isinstance(drop, (int, float)) or not 0 <= drop <= 1:
            raise ValueFault(
                "E303",
                "dropout should be a number in range [0, 1] representing the probability of an element being "
                "zeroed",
            )
        for name, kind in (("bias", bool), ("batch_first", bool), ("input_size", int), ("hidden_size", int)):
            value = self.__dict__[name]
            if not isinstance(value, kind):
                raise TypeFault(
                    "E303", f"{name} should be of type {kind.__name__}, got: {type(value).__name__}"
                )
        for name in ("input_size", "hidden_size", "num_layers"):
            if self.__dict__[name] <= 0:
                raise ValueFault("E303", f"{name} must be greater than zero")
        if self.proj_size < 0:
            raise ValueFault("E303", "proj_size should be a positive integer or zero to disable projections")
        if self.proj_size >= self.hidden_size:
            raise ValueFault("E303", "proj_size has to be smaller than hidden_size")
        if drop > 0 and self.num_layers == 1:
            from warnings import warn  # a mistake; not worth the start-up

            warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={drop} and num_layers={self.num_layers}",
                UserWarning,
                stacklevel=4,
            )

    def _add_weights(self, name: str, layer: int, dtype: Any) -> None:
        rows = GATES[self.mode] * self.hidden_size
        width = self._state_size * len(self._directions) if layer else self.input_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, width),
            "weight_hh": (rows, self._state_size),
        }
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        for kind, shape in shapes.items():
            self.register_parameter(kind + name, Parameter(empty(shape, dtype=dtype)))

    def reset_parameters(self) -> None:
        """Draws all weights from uniforms within 1 / sqrt(hidden_size)."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            uniform_(weight, -bound, bound)

    def flatten_parameters(self) -> None:
        """Does nothing: it matters to other devices."""

    def extra_repr(self) -> str:
        """Its sizes, and what differs from the defaults."""
        shown = f"{self.input_size}, {self.hidden_size}"
        usual = {
            "proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0,
            "bidirectional": False,
        }  # fmt: skip
        for name, value in usual.items():
            if self.__dict__[name] != value:
                shown += f", {name}={self.__dict__[name]}"
        return shown

    def _expect(self, name: str, value: Any, batch: int, size: int) -> None:
        expected = (self.num_layers * len(self._directions), batch, size)
        if tuple(value.shape) != expected:
            raise RuntimeFault("E301", f"Expected {name} size {expected}, got {list(value.shape)}")

    def _sequence(self, input: Any) -> Any:
        """The input as (L, N, input_size).

        Raises:
            ValueFault, RuntimeFault: it has another dtype than the weights, other dims, or another size.
        """
        name = {"RNN_TANH": "RNN", "RNN_RELU": "RNN"}.get(self.mode, self.mode)
        if len(input.shape) not in (2, 3):
            raise ValueFault(
                "E301", f"{name}: Expected input to be 2D or 3D, got {len(input.shape)}D instead"
            )
        own = self.weight_ih_l0.dtype
        if input.dtype != own:
            raise ValueFault(
                "E304",
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({own}). Convert input: "
                f"input.to({own}), or convert model: model.to({input.dtype})",
            )
        if input.shape[-1] != self.input_size:
            raise RuntimeFault(
                "E301",
                f"input.size(-1) must be equal to input_size. "
                f"Expected {self.input_size}, got {input.shape[-1]}",
            )
        if len(input.shape) < BATCHED:
            return input.unsqueeze(1)
        return input.transpose(0, 1) if self.batch_first else input

    def _run(self, sequence: Any, states: list[list[Any]]) -> tuple[Any, list[list[Any]]]:
        """The last layer's outputs, (L, N, size), and the last states by kind, then layer and direction."""
        last: list[list[Any]] = [[] for _ in states]
        for layer in range(self.num_layers):
            outputs: list[Any] = []
            for direction in self._directions:
                place = layer * len(self._directions) + len(outputs)
                begin = [kind[place] for kind in states]
                found, end = self._pass(f"_l{layer}{direction}", sequence, begin, backward=bool(direction))
                outputs.append(found)
                for kind, state in zip(last, end, strict=True):
                    kind.append(state)
            sequence = outputs[0] if len(outputs) == 1 else TENSORS.cat(*outputs, dim=-1)
            if self.dropout and self.training and layer < self.num_layers - 1:
                sequence = F.dropout(sequence, self.dropout, True)
        return sequence, last

    def _pass(self, name: str, sequence: Any, state: list[Any], *, backward: bool) -> tuple[Any, list[Any]]:
        """One layer in one direction; the input's part is computed for all steps at once."""
        own = self._parameters
        weight_hh, bias_hh, project = (own.get(kind + name) for kind in ("weight_hh", "bias_hh", "weight_hr"))
        from_input = F.linear(sequence, own["weight_ih" + name], own.get("bias_ih" + name)).unbind(0)
        outputs = []
        for part in reversed(from_input) if backward else from_input:
            from_hidden = F.linear(state[0], weight_hh, bias_hh)
            if self.mode == "LSTM":
                hidden, cell = lstm_step(part, from_hidden, state[1])
                state = [hidden if project is None else F.linear(hidden, project), cell]
            else:
                state = [STEPS[self.mode](part, from_hidden, state[0])]
            outputs.append(state[0])
        ordered = outputs[::-1] if backward else outputs
        return TENSORS.stack(*ordered, dim=-len(ordered[0].shape) - 1), state

    def _finish(self, sequence: Any, last: list[list[Any]], *, single: bool) -> tuple[Any, list[Any]]:
        """The outputs and states in the form of the input."""
        states = [TENSORS.stack(*kind, dim=-3) for kind in last]
        if single:
            return sequence.squeeze(1), [state.squeeze(1) for state in states]
        return (sequence.transpose(0, 1) if self.batch_first else sequence), states


class _Plain(_Recurrent):
    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """The last layer's outputs for every step, and the last hidden state of every layer.

        (L, N, input_size), or (N, L, input_size) with `batch_first`, or (L, input_size).
        """
        if isinstance(input, PackedSequence):
            return run_packed(self, input, hx)
        sequence = self._sequence(input)
        single, batch = len(input.shape) < BATCHED, sequence.shape[1]
        if hx is None:
            count = self.num_layers * len(self._directions)
            hx = zeros((count, batch, self.hidden_size), dtype=input.dtype)
        elif single:
            if len(hx.shape) != BATCHED - 1:
                raise RuntimeFault(
                    "E301",
                    f"For unbatched 2-D input, hx should also be 2-D but got {len(hx.shape)}-D tensor",
                )
            hx = hx.unsqueeze(1)
        elif len(hx.shape) != BATCHED:
            raise RuntimeFault(
                "E301", f"For batched 3-D input, hx should also be 3-D but got {len(hx.shape)}-D tensor"
            )
        self._expect("hidden", hx, batch, self.hidden_size)
        outputs, last = self._run(sequence, [list(hx.unbind(0))])
        found, states = self._finish(outputs, last, single=single)
        return found, states[0]


class RNN(_Plain):
    """Elman's network: tanh, or the rectifier, of what input and last state give.

    Raises:
        ValueFault: the nonlinearity is unknown.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        *args: Any,
        **named: Any,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueFault("E303", f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        _refuse_projection(named)
        mode = f"RNN_{nonlinearity.upper()}"
        super().__init__(mode, input_size, hidden_size, num_layers, *args, **named)
        self.nonlinearity = nonlinearity


class GRU(_Plain):
    """Gated recurrent units."""

    def __init__(self, *args: Any, **named: Any) -> None:
        _refuse_projection(named)
        super().__init__("GRU", *args, **named)


def _refuse_projection(named: dict[str, Any]) -> None:
    if "proj_size" in named:
        raise ValueFault("E303", "proj_size argument is only supported for LSTM, not RNN or GRU")


class LSTM(_Recurrent):
    """Long short-term memories."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__("LSTM", *args, **named)

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, tuple[Any, Any]]:
        """The last layer's outputs for every step, and the last hidden states and cells of every layer."""
        if isinstance(input, PackedSequence):
            return run_packed(self, input, hx)
        sequence = self._sequence(input)
        single, batch = len(input.shape) < BATCHED, sequence.shape[1]
        if hx is None:
            count = self.num_layers * len(self._directions)
            sizes = (self._state_size, self.hidden_size)
            hidden, cell = (zeros((count, batch, size), dtype=input.dtype) for size in sizes)
        else:
            hidden, cell = hx
            self._check_dims(hidden, cell, single=single)
            if single:
                hidden, cell = hidden.unsqueeze(1), cell.unsqueeze(1)
        self._expect("hidden[0]", hidden, batch, self._state_size)
        self._expect("hidden[1]", cell, batch, self.hidden_size)
        outputs, last = self._run(sequence, [list(hidden.unbind(0)), list(cell.unbind(0))])
        found, states = self._finish(outputs, last, single=single)
        return found, (states[0], states[1])

    @staticmethod
    def _check_dims(hidden: Any, cell: Any, *, single: bool) -> None:
        dims = BATCHED - single
        if len(hidden.shape) != dims or len(cell.shape) != dims:
            kind = "unbatched" if single else "batched"
            raise RuntimeFault(
                "E301",
                f"For {kind} {dims}-D input, hx and cx should also be {dims}-D but "
                f"got ({len(hidden.shape)}-D, "
                f"{len(cell.shape)}-D) tensors",
            )
