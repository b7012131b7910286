"""A tensor at a glance: one short line, however big it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.views.numbers import DIGITS, number_text

__all__ = ["glance", "inline"]

MOST = 100  # elements that are ever written out in a line


def glance(array: Any | None, digits: int = DIGITS, room: int = 28) -> str:
    """Returns the elements where they fit into `room` characters, else their range; `-` for None."""
    if array is None:
        return "-"
    if not array.ndim:
        return number_text(array.item(), digits)
    if not array.size:
        return "[]"
    first = array.flat[0]
    if array.size > 1 and (array == first).all():
        return f"all {number_text(first.item(), digits)}"
    text = inline(array, digits) if array.size <= MOST else ""
    if text and len(text) <= room:
        return text
    return _range(array, digits)


def inline(array: Any, digits: int = DIGITS) -> str:
    """Returns the elements in nested brackets, in one line."""
    if not array.ndim:
        return number_text(array.item(), digits)
    return f"[{', '.join(inline(part, digits) for part in array)}]"


def _range(array: Any, digits: int) -> str:
    if array.dtype.kind == "b":
        return f"{int(array.sum())} of {array.size} True"
    finite = array[np.isfinite(array)]
    facts = []
    if finite.size:
        least, most = finite.min().item(), finite.max().item()
        facts.append(f"{number_text(least, digits)} to {number_text(most, digits)}")
    for name, found in (("nan", np.isnan(array)), ("inf", np.isinf(array))):
        if found.any():
            facts.append(f"{int(found.sum())} {name}")
    return ", ".join(facts)
