"""Elements picked along a dim by an index each, and put back: what ordering is made of."""

# PyTorch's names and signatures, and formulas that name all they are given:

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.record import linear

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__: list[str] = []

FAMILY = "along"


def _level(x: Any, index: Any) -> tuple[Any, Any]:
    """Both with as many axes: batch axes in front of one are added to the other."""
    rank = max(x.ndim, index.ndim)
    return x.reshape((1,) * (rank - x.ndim) + x.shape), index.reshape(
        (1,) * (rank - index.ndim) + index.shape
    )


def _full(x: Any, index: Any, shape: Shape, dim: int) -> tuple[Any, Any, Any]:
    """Zeros of `shape` behind the batch axes, and x and the index brought to fit them."""
    values, at = _level(x, index)
    lead = np.broadcast_shapes(values.shape[: values.ndim - len(shape)], at.shape[: values.ndim - len(shape)])
    inner = list(shape)
    inner[dim] = at.shape[dim]
    full = np.zeros(lead + shape, x.dtype)
    return full, np.broadcast_to(values, lead + tuple(inner)), np.broadcast_to(at, lead + tuple(inner))


def _take_along(x: Any, index: Any, *, dim: int | None, keepdim: bool) -> Any:
    if dim is None:
        return x
    at = index if keepdim else np.expand_dims(index, dim)
    found = np.take_along_axis(*_level(x, at), dim)
    return found if keepdim else np.squeeze(found, dim)


def _put_along(x: Any, index: Any, *, shape: Shape, dim: int | None, keepdim: bool) -> Any:
    if dim is None:
        return x
    values, at = (x, index) if keepdim else (np.expand_dims(x, dim), np.expand_dims(index, dim))
    full, values, at = _full(values, at, shape, dim)
    np.put_along_axis(full, at, values, dim)
    return full


take_along = linear(
    "take_along",
    args=("x", "index"),
    discrete=("index",),
    node="GatherBackward0",
    numpy=_take_along,
    transposes=(
        lambda m, g, index, x_shape, dim, keepdim: m.put_along(
            g, index, shape=x_shape, dim=dim, keepdim=keepdim
        ),
        None,
    ),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.integers(3, 2)), {"dim": -1, "keepdim": False})],
    summary="One element along a dim for each index, no element twice.",
    source="NumPy reference, numpy.take_along_axis",
)

put_along = linear(
    "put_along",
    args=("x", "index"),
    discrete=("index",),
    node="ScatterBackward0",
    numpy=_put_along,
    transposes=(lambda m, g, index, dim, keepdim: m.take_along(g, index, dim=dim, keepdim=keepdim), None),
    promote="keep",
    faces="",
    infer=lambda x, index, *, shape, dim, keepdim: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(2), s.integers(3, 2)), {"shape": (2, 3), "dim": -1, "keepdim": False})],
    summary="Zeros with one element along a dim set for each index: the transpose of take_along.",
    source="NumPy reference, numpy.put_along_axis",
)


def _add_along(x: Any, index: Any, *, shape: Shape, dim: int | None) -> Any:
    if dim is None:
        return x
    full, values, at = _full(x, index, shape, dim)
    key = [*np.ogrid[tuple(slice(size) for size in at.shape)]]
    key[dim] = at
    np.add.at(full, tuple(key), values)
    return full


pick_along = linear(
    "pick_along",
    args=("x", "index"),
    discrete=("index",),
    node="GatherBackward0",
    numpy=lambda x, index, *, dim: _take_along(x, index, dim=dim, keepdim=True),
    transposes=(lambda m, g, index, x_shape, dim: m.add_along(g, index, shape=x_shape, dim=dim), None),
    promote="keep",
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.integers(3, 2, 4)), {"dim": -1})],
    summary="Elements along a dim for indices that may repeat.",
    source="NumPy reference, numpy.take_along_axis",
)

add_along = linear(
    "add_along",
    args=("x", "index"),
    discrete=("index",),
    node="ScatterAddBackward0",
    numpy=_add_along,
    transposes=(lambda m, g, index, dim: m.pick_along(g, index, dim=dim), None),
    promote="keep",
    faces="",
    infer=lambda x, index, *, shape, dim: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 4), s.integers(3, 2, 4)), {"shape": (2, 3), "dim": -1})],
    summary="Zeros to which elements are added along a dim: the transpose of pick_along.",
    source="NumPy reference, numpy.ufunc.at",
)
