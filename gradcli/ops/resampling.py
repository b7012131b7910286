"""Linear maps along the spatial dims: what average pools and interpolation have in common."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: ARG001

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.ops.record import linear
from gradcli.ops.taps import Tap, taps

__all__: list[str] = []

FAMILY = "pooling"
SOURCE = "PyTorch reference, torch.nn.functional: pooling functions and interpolate"


def _read(x: Any, tap: Tap, axis: int) -> Any:
    """Each element of the result along an axis: the weighted sum of those it reads."""
    index, weight = taps(tap)
    weight = weight.astype(x.dtype)
    moved = np.swapaxes(x, axis, -1)
    if index.shape[1] == 1 and np.all(weight == 1):
        return np.swapaxes(moved[..., index[:, 0]], axis, -1)
    parts = moved[..., index] * weight
    if not np.all(weight):  # what is not there must not turn an inf into nan
        parts[..., weight == 0] = 0
    return np.swapaxes(np.add.reduce(parts, axis=-1), axis, -1)


def _spread_back(g: Any, tap: Tap, axis: int) -> Any:
    """The transpose of `_read`: each element is added, weighted, to those that it was read from."""
    index, weight = taps(tap)
    moved = np.moveaxis(g, axis, 0)
    full = np.zeros((tap.size, *moved.shape[1:]), g.dtype)
    rows, columns = np.nonzero(weight)
    if rows.size:
        reached = index[rows, columns]
        order = np.argsort(reached, kind="stable")
        found, starts = np.unique(reached[order], return_index=True)
        factor = weight[rows, columns][order].astype(g.dtype)
        parts = moved[rows[order]] * factor.reshape(-1, *(1,) * (moved.ndim - 1))
        full[found] = np.add.reduceat(parts, starts, axis=0)
    return np.moveaxis(full, 0, axis)


def _resample(x: Any, *, plan: tuple[Tap, ...], name: str, divisor: float) -> Any:
    for axis, tap in enumerate(plan, -len(plan)):
        x = _read(x, tap, axis)
    return x if divisor == 1 else x / divisor


def _resample_back(x: Any, *, plan: tuple[Tap, ...], name: str, divisor: float) -> Any:
    for axis, tap in enumerate(plan, -len(plan)):
        x = _spread_back(x, tap, axis)
    return x if divisor == 1 else x / divisor


def _samples(back: bool) -> Any:
    plans = (
        (Tap("window", 5, 3, (2, 2, 1, 1, 1)), Tap("window", 4, 3, (2, 1, 1, 0, 0))),
        (Tap("adaptive", 5, 3),),
        (Tap("linear", 4, 7, (0.5, 1)), Tap("nearest", 3, 5, (0.6, 0))),
        (Tap("cubic", 4, 6, (0.7, 0)),),
    )
    return lambda s: [
        (
            (s.normal(2, *(tap.target if back else tap.size for tap in plan)),),
            {"plan": plan, "name": "AvgPool2D", "divisor": 2},
        )
        for plan in plans
    ]


resample = linear(
    "resample",
    node=lambda plan, name, divisor: f"{name}Backward0",
    numpy=_resample,
    transposes=(lambda m, g, plan, name, divisor: m.resample_back(g, plan=plan, name=name, divisor=divisor),),
    promote="keep",
    grows=True,
    infer=lambda x, *, plan, name, divisor: (*x[: len(x) - len(plan)], *(tap.target for tap in plan)),
    faces="",
    family=FAMILY,
    samples=_samples(back=False),
    summary="Weighted sums of elements along each spatial dim in turn.",
    source=SOURCE,
)

resample_back = linear(
    "resample_back",
    node=lambda plan, name, divisor: f"{name}BackwardBackward0",
    numpy=_resample_back,
    transposes=(lambda m, g, plan, name, divisor: m.resample(g, plan=plan, name=name, divisor=divisor),),
    promote="keep",
    grows=True,
    infer=lambda x, *, plan, name, divisor: (*x[: len(x) - len(plan)], *(tap.size for tap in plan)),
    faces="",
    family=FAMILY,
    samples=_samples(back=True),
    summary="The transpose of resample.",
    source=SOURCE,
)
