"""Eager overhead: mean(3*(x+2)**2) on a 2x2 tensor, forward and backward, warm."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
from measure import in_turns

from gradcli import torch as gradcli


def run() -> list[dict[str, Any]]:
    """Median time per forward and backward, with ratios to gradcli's."""
    contestants: dict[str, Callable[[], Any]] = {"gradcli": _like_torch(gradcli)}
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)
        contestants["PyTorch"] = _like_torch(torch)
    if importlib.util.find_spec("autograd"):
        contestants["HIPS autograd"] = _hips()
    for name, call in contestants.items():
        value, gradient = call()
        assert (value, gradient.tolist()) == (27, [[4.5, 4.5], [4.5, 4.5]]), name
    rows = in_turns(contestants)
    for row in rows:
        row["× gradcli"] = round(row["median µs"] / rows[0]["median µs"], 2)
    return rows


def _like_torch(torch: Any) -> Callable[[], Any]:
    x = torch.ones(2, 2, dtype=torch.float64, requires_grad=True)

    def call() -> Any:
        x.grad = None
        out = (3 * (x + 2) ** 2).mean()
        out.backward()
        return out, x.grad

    return call


def _hips() -> Callable[[], Any]:
    import autograd.numpy as anp
    from autograd import value_and_grad

    function, x = value_and_grad(lambda x: anp.mean(3 * (x + 2) ** 2)), np.ones((2, 2))
    return lambda: function(x)
