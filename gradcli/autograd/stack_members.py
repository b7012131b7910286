"""Members of a batch that tell whether each was computed by itself: those far apart from each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["far_apart", "is_same"]

ROUNDINGS = 1024  # of a result, at the most, by which a member of a batch differs from the same one alone


def far_apart(batches: Iterable[Any]) -> set[int]:
    """Returns the first member, and of each batch the one least like it: there a mix-up of members shows."""
    found = {0}
    for x in batches:
        for part in _parts(x) if x.size else ():
            with np.errstate(all="ignore"):
                apart = np.nan_to_num(np.abs(part * 1.0 - part[:1]))
            found.add(int(np.argmax(apart.reshape(len(apart), -1).max(1))))
    return found


def is_same(a: Any, b: Any) -> bool:
    """Returns whether two results are the same but for roundings."""
    return all(map(_near, _parts(a), _parts(b)))


def _parts(x: Any) -> tuple[Any, ...]:
    """Real and imaginary part, each with its own size: in a complex step all members have one real part."""
    return (x.real, x.imag) if np.iscomplexobj(x) else (np.asarray(x),)


def _near(a: Any, b: Any) -> bool:
    """Whether two arrays differ by no more than roundings of the largest element."""
    close = ROUNDINGS * float(np.finfo(b.dtype).eps) if b.dtype.kind == "f" else 0.0
    size = float(np.max(np.abs(b), initial=0.0, where=np.isfinite(b)))
    return np.allclose(a, b, rtol=close, atol=close * size, equal_nan=True)
