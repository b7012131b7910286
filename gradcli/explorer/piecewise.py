"""SymPy's Piecewise in words: what a formula is where, and what it is elsewhere."""

from __future__ import annotations

__all__ = ["in_words"]

HEAD = "Piecewise"
ELSE = "True"  # SymPy's condition of what is left


def in_words(formula: str) -> str:
    """Returns `Piecewise((a, c), (b, True))` as `a where c, else b`; any other formula as it is."""
    if not formula.startswith(f"{HEAD}("):
        return formula
    pairs = _parts(formula.removeprefix(HEAD))
    branches = [_parts(pair) for pair in pairs]
    if not pairs or any(len(branch) != 2 for branch in branches):  # noqa: PLR2004 - a value and its condition
        return formula
    return ", ".join(
        f"else {in_words(value)}" if condition == ELSE else f"{in_words(value)} where {condition}"
        for value, condition in branches
    )


def _parts(text: str) -> list[str]:
    """The parts of `(a, b)` between its commas; none where its bracket closes before the end."""
    parts, depth, begin = [], 0, 1
    for place, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if depth == 0 and place < len(text) - 1:
            return []
        if (depth == 1 and character == ",") or depth == 0:
            parts.append(text[begin:place].strip())
            begin = place + 1
    return parts if depth == 0 else []
