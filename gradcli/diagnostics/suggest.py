"""Did-you-mean: the names nearest to one that does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean", "nearest"]

LONGEST = 40  # difflib is quadratic in length, and no name of ours is longer


def nearest(name: str, known: Iterable[str], *, count: int = 1) -> list[str]:
    """Returns up to `count` of the `known` names that look most like `name`, best first."""
    if len(name) > LONGEST:
        return []
    import difflib  # only when something went wrong: 4 ms that no good run should pay

    lowered: dict[str, str] = {}
    for candidate in known:
        lowered.setdefault(candidate.lower(), candidate)
    close = difflib.get_close_matches(name.lower(), lowered, n=count, cutoff=0.6)
    return [lowered[match] for match in close]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Returns "did you mean `sin`?" for the nearest known name, or an empty string."""
    found = nearest(name, known)
    return f"did you mean `{found[0]}`?" if found else ""
