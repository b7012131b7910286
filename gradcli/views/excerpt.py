"""Text of the user as a terminal can show it: escaped, its width known, long lines cut around a place."""

from __future__ import annotations

__all__ = ["ELLIPSIS", "escaped", "last_line", "shortened", "width", "windowed"]

ELLIPSIS = "..."
TAB = "    "


def escaped(text: str) -> str:
    """Returns the text with control and bidirectional characters spelled out, so that none takes effect."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character == "\t":
        return TAB
    code = ord(character)
    if character.isprintable() or (code > LATIN and not _dangerous(character)):
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004 - the widths of Python's escapes


LATIN = 0xFF


def _dangerous(character: str) -> bool:
    import unicodedata  # only for text beyond ASCII

    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def width(text: str) -> int:
    """Returns how many columns an escaped text takes: wide letters two, combining marks none."""
    if text.isascii():
        return len(text)
    import unicodedata  # as above

    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in {"W", "F"}
        else 1
        for character in text
    )


def shortened(text: str, longest: int) -> str:
    """Returns a text, or its beginning with an ellipsis where it has more characters than that."""
    return text if len(text) <= longest else text[: longest - len(ELLIPSIS)] + ELLIPSIS


def last_line(program: str) -> tuple[str, bool]:
    """Returns the last line of a program, which gives its value, escaped; and whether others stand before."""
    lines = [line.strip() for line in program.splitlines() if line.strip()]
    return escaped(lines[-1] if lines else ""), len(lines) > 1


def windowed(line: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """Returns a line no wider than `room`, with the columns at which characters `start` to `end` stand in it.

    A long line is cut on both sides of the place, an ellipsis marking each cut. The place itself is cut
    at its end if it is too wide.
    """
    before, marked, after = escaped(line[:start]), escaped(line[start:end]), escaped(line[end:])
    if width(before) + width(marked) + width(after) > room:
        marked = _head(marked, room - 2)
        space = room - width(marked)
        left = min(width(before), max(space // 2, space - width(after)))
        right = space - left
        before, after = _tail(before, left), _head(after, right)
    return before + marked + after, width(before), width(before) + width(marked)


def _head(text: str, room: int) -> str:
    if width(text) <= room:
        return text
    while text and width(text) > room - len(ELLIPSIS):
        text = text[: min(len(text) - 1, room)]
    return text + ELLIPSIS if room >= len(ELLIPSIS) else ""


def _tail(text: str, room: int) -> str:
    if width(text) <= room:
        return text
    while text and width(text) > room - len(ELLIPSIS):
        text = text[-room:] if len(text) > room else text[1:]
    return ELLIPSIS + text if room >= len(ELLIPSIS) else ""
