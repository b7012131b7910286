"""Which elements the costly witnesses look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gradcli.checks.subject import Subject

__all__ = ["Sample", "choose"]

Sample = tuple[Any, ...]  # per variable, sorted flat indices (int64)


def choose(subject: Subject, count: int, seed: int) -> Sample:
    """Returns at most `count` elements of each variable, all where there are no more, drawn by `seed`."""
    random = np.random.default_rng(seed)
    found = []
    for variable in subject.variables:
        size = int(np.size(variable.value))
        if size <= count:
            found.append(np.arange(size, dtype=np.int64))
        else:
            found.append(np.sort(random.choice(size, count, replace=False)).astype(np.int64))
    return tuple(found)
