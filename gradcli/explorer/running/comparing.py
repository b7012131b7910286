"""Printed text against expected text: numbers within a tolerance, any address for any, the rest as it is."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

__all__ = ["Difference", "Tolerance", "first_difference", "without_addresses"]

ADDRESS = re.compile(r"0x(?:[0-9a-fA-F]++|\.\.\.)")
# A number is no part of a word (`float32`, `x1`) and no part of a version (`1.2.3`).
NUMBER = r"(?<![\w.])[-+]?+(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?+\d++)?+(?!\w)"
TOKEN = re.compile(f"{ADDRESS.pattern}|{NUMBER}")
LONGEST = 400  # characters of a number; a longer one is a text

# Two machines' libraries differ in the last bits of float32, and a rounded number then by a unit of its last
# digit. A short number (`2.`, `0.1`) was not rounded: it is printed in full, and a unit of it is much.
NOISE = 1e-6
ROUNDED = 4  # decimals from which a number counts as rounded: PyTorch prints as many
FINE = 1e-4  # or the weight of its last digit, relative to the number


class Tolerance(NamedTuple):
    """How far a printed number may be from the expected one.

    Attributes:
        rtol: relative to the expected number.
        atol: absolute. If neither is given, one unit of the last digit of a rounded number, and the noise of
            float32 for others.
    """

    rtol: float | None = None
    atol: float | None = None

    def allowed(self, text: str, number: float) -> float:
        """Returns how far from a number, which was expected as this text, another may be."""
        if self.rtol is not None or self.atol is not None:
            return (self.atol or 0.0) + (self.rtol or 0.0) * abs(number)
        unit, decimals = _last_digit(text)
        rounded = decimals >= ROUNDED or (decimals > 0 and unit <= FINE * abs(number))
        return max(unit * (1 + NOISE) * rounded, NOISE * abs(number))


class Difference(NamedTuple):
    """Where two texts first differ.

    Attributes:
        line: the number of the line, from 0.
        expected: the columns of what differs in the expected line; None where the text ends before it.
        printed: likewise for the other text.
    """

    line: int
    expected: tuple[int, int] | None
    printed: tuple[int, int] | None


def first_difference(expected: str, printed: str, tolerance: Tolerance) -> Difference | None:
    """Returns the first difference, or None; a newline at the very end is of no account."""
    if expected == printed:
        return None
    wanted, given = _lines(expected), _lines(printed)
    for number, (line, other) in enumerate(zip(wanted, given, strict=False)):
        if line != other:
            found = _difference(line, other, tolerance)
            if found is not None:
                return Difference(number, *found)
    shorter = min(len(wanted), len(given))
    if len(wanted) > shorter:
        return Difference(shorter, (0, len(wanted[shorter])), None)
    if len(given) > shorter:
        return Difference(shorter, None, (0, len(given[shorter])))
    return None


def without_addresses(text: str) -> str:
    """Returns the text with all addresses alike, so that another run gives the same."""
    return ADDRESS.sub("0x...", text)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def _difference(
    expected: str, printed: str, tolerance: Tolerance
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The columns where two lines differ."""
    wanted, given = list(TOKEN.finditer(expected)), list(TOKEN.finditer(printed))
    at = to = 0
    resized = False  # the number before has another width, so that the blanks after it may too
    for token, other in zip(wanted, given, strict=False):
        lengths = len(token[0]) != len(other[0])
        gap, between = expected[at : token.start()], printed[to : other.start()]
        if gap != between and not ((lengths or resized) and gap.strip(" ") == between.strip(" ")):
            return _texts(expected, printed, at, to)
        if not _same(token[0], other[0], tolerance):
            return token.span(), other.span()
        at, to, resized = token.end(), other.end(), lengths
    rest, others = expected[at:], printed[to:]
    if rest == others or (resized and rest.strip(" ") == others.strip(" ")):
        return None
    return _texts(expected, printed, at, to)


def _texts(expected: str, printed: str, at: int, to: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The columns from the first different character to the end of its word."""
    rest, others = expected[at:], printed[to:]
    same = next(
        (i for i, (one, other) in enumerate(zip(rest, others, strict=False)) if one != other),
        min(len(rest), len(others)),
    )
    return _word(expected, at + same), _word(printed, to + same)


def _word(line: str, start: int) -> tuple[int, int]:
    found = re.compile(r"\S*").match(line, start)
    return start, max(found.end() if found else start, min(start + 1, len(line)))


def _same(expected: str, printed: str, tolerance: Tolerance) -> bool:
    """Whether two tokens stand for the same: whole numbers exactly, others within the tolerance."""
    if expected == printed:
        return True
    if expected.startswith("0x") or printed.startswith("0x"):
        return expected.startswith("0x") and printed.startswith("0x")
    if not (_fractional(expected) and _fractional(printed)) or max(len(expected), len(printed)) > LONGEST:
        return False
    wanted, given = float(expected), float(printed)
    if not (math.isfinite(wanted) and math.isfinite(given)):
        return False
    return abs(wanted - given) <= tolerance.allowed(expected, wanted)


def _fractional(text: str) -> bool:
    return "." in text or "e" in text or "E" in text


def _last_digit(text: str) -> tuple[float, int]:
    """The weight of the last digit of a number, and how many follow its point."""
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return float(f"1e{max(-400, min(400, int(exponent or 0) - decimals))}"), decimals
