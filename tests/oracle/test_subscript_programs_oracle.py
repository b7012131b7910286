"""Random programs that read and write through random keys, against PyTorch."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gradcli import torch as gt  # noqa: E402 - PyTorch decides whether there is anything to compare

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore::UserWarning")]

PROGRAMS = 400


def part_of_key(draw: random.Random, size: int) -> Any:
    """One part of a key for a dim: within bounds, of any kind."""
    kinds = [
        lambda: draw.randint(-size, size - 1),
        lambda: slice(
            draw.choice([None, 0, 1, -2]), draw.choice([None, size, -1]), draw.choice([None, 1, 2])
        ),
        lambda: np.array([draw.randint(-size, size - 1) for _ in range(2)]),
        lambda: np.array([[draw.randint(0, size - 1)], [draw.randint(0, size - 1)]]),
        lambda: np.array([draw.random() < 0.5 for _ in range(size)]),
        lambda: [draw.randint(0, size - 1), draw.randint(0, size - 1)],
        lambda: np.array(draw.randint(-size, size - 1)),
    ]
    return draw.choice(kinds)()


def random_key(draw: random.Random, shape: tuple[int, ...]) -> tuple[Any, ...]:
    key: list[Any] = []
    for size in shape[: draw.randint(0, len(shape))]:
        key.append(part_of_key(draw, size))
        if draw.random() < 0.15:
            key.append(None)
    if len(key) < len(shape) and draw.random() < 0.3:
        key.append(...)
    return tuple(key)


def converted(t: Any, key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(t.tensor(part.tolist()) if isinstance(part, np.ndarray) else part for part in key)


def run(t: Any, array: Any, keys: list[tuple[Any, ...]], *, transposed: bool) -> Any:
    """Returns what the program makes of `t`: values, gradient and node, or the error."""
    try:
        x = t.tensor(array.tolist(), dtype=t.float64, requires_grad=True)
        y = x * 1
        if transposed:
            y = y.transpose(0, -1)
        for number, key in enumerate(keys):
            at = converted(t, key)
            y[at] = (y * 1)[at] * 2 if number % 2 else number + 1.5
        part = y[converted(t, keys[0])]
        ((y**3).sum() + (part * part).sum()).backward()
        return [y.detach().numpy(), part.detach().numpy(), x.grad.numpy()], part.grad_fn.name()
    except (IndexError, RuntimeError) as error:
        return str(error).splitlines()[0]


@pytest.mark.parametrize("seed", range(4))
def test_random_programs_agree_in_values_gradients_nodes_and_errors(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - test cases, not secrets
    agreed = 0
    for number in range(PROGRAMS // 4):
        shape = tuple(draw.randint(1, 4) for _ in range(draw.randint(1, 4)))
        transposed = draw.random() < 0.3
        seen = (shape[-1], *shape[1:-1], shape[0]) if transposed and len(shape) > 1 else shape
        keys = [random_key(draw, seen) for _ in range(3)]
        array = np.random.default_rng([seed, number]).standard_normal(shape)
        theirs, mine = (run(t, array, keys, transposed=transposed) for t in (torch, gt))
        if isinstance(theirs, str) or isinstance(mine, str):
            assert mine == theirs, keys
            continue
        assert mine[1] == theirs[1], keys
        for ours, expected in zip(mine[0], theirs[0], strict=True):
            assert ours.shape == expected.shape, keys
            assert np.allclose(ours, expected), keys
        agreed += 1
    assert agreed > PROGRAMS // 8
