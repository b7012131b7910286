"""NAME=FROM:TO: what `--over` varies, and between which numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from gradcli.diagnostics import InputFault, Source, Span
from gradcli.explorer.bindings import read_value
from gradcli.explorer.values import as_tensor
from gradcli.explorer.workspace import located

if TYPE_CHECKING:
    from gradcli.explorer.bindings import Value
    from gradcli.explorer.workspace import Workspace
    from gradcli.language.limits import Limits

__all__ = ["Ends", "Range", "computed", "read_range"]

EXAMPLE = "write for example --over x=-3:3 or --over t=0:2*pi"


class Ends(NamedTuple):
    """The ends of a range, read but not yet computed."""

    name: str
    low: Value
    high: Value


class Range(NamedTuple):
    """A variable and the numbers between which it varies."""

    name: str
    low: float
    high: float


def read_range(text: str, limits: Limits) -> Ends:
    """Returns the name and the ends of a range, read.

    Raises:
        InputFault: it is not of the form NAME=FROM:TO.
        SyntaxFault: an end is no expression.
    """
    name, _, bounds = text.partition("=")
    name = name.strip()
    ends = bounds.split(":")
    if not name.isidentifier() or name.startswith("_") or len(ends) != 2:  # noqa: PLR2004 - from, to
        source = Source("--over", text)
        raise InputFault("E501", "--over needs NAME=FROM:TO", span=Span(source, 0, len(text)), help=EXAMPLE)
    low, high = (read_value(Source(f"--over {name}", end), limits) for end in ends)
    return Ends(name, low, high)


def computed(ends: Ends, space: Workspace) -> Range:
    """Returns a range with its ends computed.

    Raises:
        GradcliError: an end cannot be computed.
        InputFault: an end is no finite number, or the range is empty or too wide.
    """
    found = Range(ends.name, _number(ends.low, space), _number(ends.high, space))
    if not math.isfinite(found.high - found.low):
        raise InputFault(
            "E508",
            f"--over {ends.name}: {found.low:g}:{found.high:g} is wider than numbers reach",
            help=EXAMPLE,
        )
    if not found.low < found.high:
        raise InputFault(
            "E508",
            f"--over {ends.name}: {found.low:g}:{found.high:g} is empty",
            help="the smaller number comes first",
        )
    return found


def _number(value: Value, space: Workspace) -> float:
    with located(value):
        tensor = as_tensor(space.compute(value))
        number = float(tensor.item()) if tensor.numel() == 1 else math.nan
        if not math.isfinite(number):
            raise InputFault("E508", "the end of a range is one finite number", help=EXAMPLE)
    return number
