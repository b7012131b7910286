"""TOML as a document, or an error with its place; what would take `tomllib` seconds is refused before."""

from __future__ import annotations

import re
from typing import Any

from gradcli.diagnostics import InputFault, Source, Span
from gradcli.explorer.running.places import LONGEST_KEY, longest_key

__all__ = ["read_toml"]

LEAST_DIGITS = 4_301  # CPython converts no more
PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_toml(source: Source) -> dict[str, Any]:
    """Returns the document that a text holds.

    Raises:
        InputFault: it is no TOML, nested too deeply, or has an endless key or number.
    """
    import tomllib  # only case files pay for it

    endless = longest_key(source.text)
    if endless is not None:
        raise InputFault(
            "E533",
            f"a key has more than {LONGEST_KEY} parts",
            span=Span(source, *endless),
            help="the deepest key of a case file is `expect.grad.x`",
        )
    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(source, str(error)) from None
    except RecursionError:
        raise InputFault(
            "E533", f"`{source.name}` is nested too deeply", help="write a deep value as a text"
        ) from None
    except ValueError:  # of int(): not one of TOML's own
        digits = re.search(rf"\d(?:_?\d){{{LEAST_DIGITS - 1},}}", source.text)
        span = None if digits is None else Span(source, *digits.span())
        raise InputFault("E533", "an integer has too many digits", span=span, help="write a float") from None


def _no_toml(source: Source, message: str) -> InputFault:
    found = PLACE.search(message)
    text = source.text
    if found is not None and found[1]:
        lines = text.split("\n")[: int(found[1]) - 1]
        offset = sum(map(len, lines)) + len(lines) + int(found[2]) - 1
    else:
        offset = len(text.rstrip())
    said = PLACE.sub("", message).replace("Illegal character '\\n'", "A line ends inside a text")
    return InputFault(
        "E533",
        f"this is no TOML: {said[:1].lower()}{said[1:]}",
        span=Span(source, offset, offset + 1),
        help='texts stand in quotes: expr = "mean(x**2)"' if "value" in said.lower() else "",
    )
