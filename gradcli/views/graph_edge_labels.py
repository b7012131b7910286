"""Where short texts stand beside the arrows of a picture, so that none covers another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradcli.views.excerpt import width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Label", "place_labels"]

LETTER, LINE, BESIDE = 6.7, 12.0, 4.0  # the size of a character, in pixels; from the arrow to the text
STEEP = 12.0  # a bend by less is upright
ALONG = (0.5, 0.35, 0.65, 0.2, 0.8)  # how far down the bend, the best first
WIDE, NEARBY = 200.0, (0.1, 0.2, 0.3, 0.4, 0.5)  # a bend over so much is labelled where it begins


class Label(NamedTuple):
    """A text with its left end, its right end and the line it stands on."""

    text: str
    left: float
    right: float
    baseline: float

    @property
    def line(self) -> int:
        """The number of the line it stands on, counted from the top."""
        return int(self.baseline // LINE)

    def covers(self, other: Label) -> bool:
        """Whether both want the same place."""
        apart = self.left >= other.right or other.left >= self.right
        return not apart and abs(self.baseline - other.baseline) < LINE


def place_labels(
    texts: Mapping[tuple[int, int], str], ways: Mapping[tuple[int, int], Sequence[tuple[float, float]]]
) -> list[Label]:
    """Returns the texts beside the first bends of their edges."""
    found: list[Label] = []
    lines: dict[int, list[Label]] = {}  # those found, by line: only neighbours can cover one another
    for edge, text in texts.items():
        tried = list(_candidates(text, *ways[edge][:2]))
        chosen = next((one for one in tried if not _is_covered(one, lines)), tried[0])
        found.append(chosen)
        lines.setdefault(chosen.line, []).append(chosen)
    return found


def _is_covered(label: Label, lines: Mapping[int, Sequence[Label]]) -> bool:
    beside = (other for line in (-1, 0, 1) for other in lines.get(label.line + line, ()))
    return any(label.covers(other) for other in beside)


def _candidates(text: str, start: tuple[float, float], end: tuple[float, float]) -> Iterator[Label]:
    """Places beside a bend, the best first: on the side that it turns to above it, on the other below."""
    (x0, y0), (x1, y1) = start, end
    wide = LETTER * width(text)
    for t in NEARBY if abs(x1 - x0) > WIDE else ALONG:
        x, y = _bend(x0, x1, t), y0 + (y1 - y0) * _upright(t)
        if abs(x1 - x0) < STEEP:
            above = below = y + LINE / 3
        else:
            above, below = max(y - 2, y0 + LINE - 1), y + LINE - 2  # not under the box that it leaves
        right, left = x + BESIDE, x - BESIDE - wide
        for at, baseline in ((right, above), (left, below)) if x1 >= x0 else ((left, above), (right, below)):
            yield Label(text, at, at + wide, baseline)


def _bend(start: float, end: float, t: float) -> float:
    """The Bezier curve of which the middle points have the coordinates of the ends."""
    return start + (end - start) * (3 * t**2 - 2 * t**3)


def _upright(t: float) -> float:
    """The same for the other coordinate, whose middle points are both half way."""
    return 1.5 * t - 1.5 * t**2 + t**3
