"""Models: a small network, ADBench's Gaussian mixture and its LSTM; each program once for every torch.

Source of the last two: Šrajer, Kukelova and Fitzgibbon, A benchmark of selected algorithmic differentiation
tools on some problems in computer vision and machine learning (2018); github.com/microsoft/ADBench.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from row import Contestant, Row, begin_session

__all__ = ["ROWS"]

Arrays = Sequence[Any]
Program = Callable[..., Any]  # (torch, variables, constants) -> a number


def mlp(torch: Any, variables: Arrays, constants: Arrays) -> Any:
    """Cross-entropy of a network of two layers."""
    w1, b1, w2, b2 = variables
    x, labels = constants
    return torch.nn.functional.cross_entropy(torch.relu(x @ w1 + b1) @ w2 + b2, labels)


def mlp_data() -> tuple[Arrays, Arrays]:
    s = np.random.default_rng(0)
    sizes = ((784, 256), (256,), (256, 10), (10,))
    variables = [(0.05 * s.standard_normal(size)).astype(np.float32) for size in sizes]
    return variables, [s.standard_normal((256, 784)).astype(np.float32), s.integers(0, 10, 256)]


def mlp_by_hand(variables: Arrays, constants: Arrays) -> Callable[[], Any]:
    w1, b1, w2, b2 = variables
    x, labels = constants
    rows = np.arange(len(x))

    def call() -> Any:
        hidden = np.maximum(x @ w1 + b1, 0)
        scores = hidden @ w2 + b2
        scores -= scores.max(1, keepdims=True)
        exp = np.exp(scores)
        total = exp.sum(1, keepdims=True)
        loss = (np.log(total[:, 0]) - scores[rows, labels]).mean()
        exp /= total
        exp[rows, labels] -= 1
        exp /= np.float32(len(x))
        back = (exp @ w2.T) * (hidden > 0)
        return loss, x.T @ back, back.sum(0), hidden.T @ exp, exp.sum(0)

    return call


def gmm(torch: Any, variables: Arrays, constants: Arrays) -> Any:
    """ADBench's log likelihood of a mixture, with its prior."""
    alphas, means, icf = variables
    x, places = constants
    (n, d), k = x.shape, len(alphas)
    logs = icf[:, :d]
    diagonals, sums = torch.exp(logs), torch.sum(logs, 1)
    padded = torch.cat([icf[:, d:], torch.zeros(k, 1, dtype=icf.dtype)], 1)
    lower = padded[:, places].reshape(k, d, d)
    centred = x.unsqueeze(0) - means.unsqueeze(1)
    turned = centred * diagonals.unsqueeze(1) + centred @ lower.transpose(1, 2)
    inner = alphas.unsqueeze(1) + sums.unsqueeze(1) - 0.5 * torch.sum(turned**2, 2)
    fit = torch.sum(torch.logsumexp(inner, 0)) - n * torch.logsumexp(alphas, 0)
    prior = 0.5 * (torch.sum(diagonals**2) + torch.sum(icf[:, d:] ** 2)) - torch.sum(sums)
    return fit - prior - n * d * 0.5 * math.log(2 * math.pi)


def gmm_data(d: int = 10, k: int = 25, n: int = 1000) -> tuple[Arrays, Arrays]:
    s = np.random.default_rng(1)
    places = np.full((d, d), d * (d - 1) // 2)  # of a zero
    places[np.tril_indices(d, -1)] = np.arange(d * (d - 1) // 2)
    variables = [s.standard_normal(k), s.random((k, d)), 0.3 * s.standard_normal((k, d * (d + 1) // 2))]
    return variables, [s.standard_normal((n, d)), places.reshape(-1)]


def lstm(torch: Any, variables: Arrays, constants: Arrays) -> Any:
    """The mean loss of ADBench's LSTM, whose weights act on each element alone."""
    main, extra = variables
    start, sequence = constants
    state = list(start)
    width, total, given = sequence.shape[1], 0.0, sequence[0]
    parts = [slice(i * width, (i + 1) * width) for i in range(4)]
    for target in sequence[1:]:
        x = given * extra[0]
        for i in range(0, len(state), 2):
            gates = torch.cat([x, state[i], x, state[i]]) * main[i] + main[i + 1]
            forget, entry, out = (torch.sigmoid(gates[part]) for part in parts[:3])
            state[i + 1] = state[i + 1] * forget + entry * torch.tanh(gates[parts[3]])
            state[i] = x = out * torch.tanh(state[i + 1])
        predicted = x * extra[1] + extra[2]
        total = total + (target * (predicted - torch.log(torch.exp(predicted).sum() + 2))).sum()
        given = target
    return -total / ((len(sequence) - 1) * width)


def lstm_data(layers: int = 2, steps: int = 1024, width: int = 14) -> tuple[Arrays, Arrays]:
    s = np.random.default_rng(2)
    main, extra = 0.5 * s.standard_normal((2 * layers, 4 * width)), 0.5 * s.standard_normal((3, width))
    return [main, extra], [s.random((2 * layers, width)), np.eye(width)[s.integers(0, width, steps)]]


def _tensors(torch: Any, arrays: Arrays, *, requires_grad: bool) -> list[Any]:
    return [torch.tensor(array, requires_grad=requires_grad) for array in arrays]


def _differentiated(torch: Any, program: Program, variables: Arrays, constants: Arrays) -> Callable[[], Any]:
    leaves = _tensors(torch, variables, requires_grad=True)
    fixed = _tensors(torch, constants, requires_grad=False)

    def call() -> Any:
        for leaf in leaves:
            leaf.grad = None
        value = program(torch, leaves, fixed)
        value.backward()
        return [value, *[leaf.grad for leaf in leaves]]

    return call


def _eager(program: Program, data: Callable[[], tuple[Arrays, Arrays]]) -> Contestant:
    def make() -> Callable[[], Any]:
        from gradcli import torch

        begin_session()
        return _differentiated(torch, program, *data())

    return make


def _planned(program: Program, data: Callable[[], tuple[Arrays, Arrays]]) -> Contestant:
    def make() -> Callable[[], Any]:
        from gradcli import torch
        from gradcli.plan.arrays import ARRAYS
        from gradcli.plan.bound import Bound
        from gradcli.plan.gradient import gradient_program
        from gradcli.plan.simplify import simplified

        begin_session()
        variables, constants = data()
        leaves = _tensors(torch, variables, requires_grad=True)
        fixed = _tensors(torch, constants, requires_grad=False)
        found = gradient_program(lambda: [program(torch, leaves, fixed)], lambda: leaves)
        facts = found.trace.run(variables, ARRAYS.apply, np.asarray)
        return Bound(simplified(found.trace, facts), variables).run

    return make


def _torch(program: Program, data: Callable[[], tuple[Arrays, Arrays]]) -> Contestant:
    def make() -> Callable[[], Any]:
        import torch

        torch.set_num_threads(1)
        return _differentiated(torch, program, *data())

    return make


def _reference(program: Program, data: Callable[[], tuple[Arrays, Arrays]]) -> Callable[[], Any]:
    """By the eager engine in float64; the tests hold it against PyTorch."""

    def expected() -> Any:
        variables, constants = data()
        wide = [
            [a.astype(np.float64) if a.dtype.kind == "f" else a for a in part]
            for part in (variables, constants)
        ]
        return _eager(program, lambda: (wide[0], wide[1]))()()

    return expected


def _contestants(program: Program, data: Callable[[], tuple[Arrays, Arrays]]) -> dict[str, Contestant]:
    return {
        "gradcli plan": _planned(program, data),
        "gradcli eager": _eager(program, data),
        "PyTorch": _torch(program, data),
    }


ROWS = [
    Row(
        "mlp",
        "784-256-10 relu network, cross-entropy, batch 256, float32",
        {**_contestants(mlp, mlp_data), "NumPy by hand": lambda: mlp_by_hand(*mlp_data())},
        expected=_reference(mlp, mlp_data),
        tolerance=1e-4,
        goals={"gradcli plan": 1e-3, "gradcli eager": 1e-3},
        there={"NumPy by hand": 1e-3, "PyTorch": 0.91e-3},
    ),
    Row(
        "gmm",
        "ADBench GMM, d=10 k=25 n=1000",
        _contestants(gmm, gmm_data),
        expected=_reference(gmm, gmm_data),
        tolerance=1e-10,
        goals={"gradcli plan": 2.7e-3},
        there={"PyTorch": 1.75e-3},
    ),
    Row(
        "lstm",
        "ADBench LSTM, 2 layers, sequence of 1024",
        _contestants(lstm, lstm_data),
        expected=_reference(lstm, lstm_data),
        tolerance=1e-8,
        goals={"gradcli plan": 45e-3},
        there={"PyTorch": 0.692},
    ),
]
