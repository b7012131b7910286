"""Whether what was typed is a whole program yet."""

from __future__ import annotations

from gradcli.language.syntax.scanner import TOKEN

__all__ = ["needs_more"]

QUOTES = ('"""', "'''")


def needs_more(text: str) -> bool:
    """Returns whether another line belongs to a text: a bracket or a string is open, or a block is.

    A block ends with an empty line.
    """
    depth, last, block = 0, "", False
    for match in TOKEN.finditer(text):
        kind, word = match.lastgroup, match.group()
        if kind == "stray" and text.startswith(QUOTES, match.start()):
            return True
        if kind == "newline" and not depth:
            block |= last == ":"
        if kind in {"open", "close"}:
            depth += 1 if kind == "open" else -1
        if kind not in {"space", "newline"}:
            last = word
    if depth > 0 or text.endswith("\\"):
        return True
    block |= last == ":"
    return block and bool(text.rpartition("\n")[2].strip())
