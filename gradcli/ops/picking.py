"""Records that pick one element along a dim and say where it is: extrema, medians, order statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.dims import along_samples
from gradcli.ops.kink import Kink
from gradcli.ops.record import Record, general

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["picking"]


def picking(name: str, place: Callable[..., Any], *, tied: str, **facts: Any) -> Record:
    """Returns the record of picking the element at `place(x, dim, **more parameters)`, 1 wide along the dim.

    Args:
        name: the record's.
        place: the index along the dim of what is picked.
        tied: which of tied elements that is, in words.
        **facts: the record's others.
    """

    def picked(x: Any, *, dim: int | None, keepdim: bool = False, **more: Any) -> tuple[Any, Any]:
        if dim is None:
            return np.array(x), np.zeros(x.shape, np.int64)
        at = place(x, dim, **more)
        values = np.take_along_axis(x, at, dim)
        return (values, at) if keepdim else (np.squeeze(values, dim), np.squeeze(at, dim))

    facts.setdefault("samples", lambda s: along_samples(s, keepdim=False) + along_samples(s, keepdim=True))
    return general(
        name,
        outputs=("values", "indices"),
        numpy=picked,
        complex=False,
        vjps=(
            lambda m, g, indices, x_shape, dim, keepdim: m.put_along(
                g, indices, shape=x_shape, dim=dim, keepdim=keepdim
            ),
        ),
        jvps=(
            lambda m, t, indices, dim, keepdim: (m.take_along(t, indices, dim=dim, keepdim=keepdim), None),
        ),
        promote="keep",
        kinks=(Kink(f"of tied elements {tied} gets the cotangent", "picked"),),
        **facts,
    )
