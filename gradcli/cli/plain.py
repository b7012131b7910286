"""Command lines without a surprise, read without typer: whole options, values that fit, other words.

Whatever else is written (`--help`, `--option=value`, an expression that begins with a minus, an error) is
left to typer. What is read here is what typer would read.
"""

from __future__ import annotations

import inspect
from math import inf
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin

from gradcli.cli.declaring import Argument, declared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.cli.declaring import Option

__all__ = ["plain_values"]

UNDERSTOOD = {"help", "hidden", "max", "metavar", "min"}  # what is said of options that are read here


def plain_values(command: Callable[..., Any], words: Sequence[str]) -> dict[str, Any] | None:
    """Returns what the words give a command, by parameter; None where they are for typer to read."""
    parameters = inspect.signature(command, eval_str=True).parameters
    try:
        values = _read(parameters, words)
    except (ValueError, StopIteration):
        return None
    missing = [name for name, one in parameters.items() if one.default is one.empty and name not in values]
    return None if missing else values


def _read(parameters: Mapping[str, inspect.Parameter], words: Sequence[str]) -> dict[str, Any]:
    """The values; raises ValueError or StopIteration where the words are not plain."""
    options: dict[str, tuple[str, Any, Option]] = {}  # as it is written: its parameter, type and details
    others = ""  # the parameter that takes the words beside options
    values: dict[str, Any] = {}
    for name, parameter in parameters.items():
        kind, said = declared(parameter)
        kind = _bare(kind)
        if not said.details.keys() <= UNDERSTOOD:
            raise ValueError(name)
        if not isinstance(said, Argument):
            written = said.names or (f"--{name.replace('_', '-')}",)
            options.update(dict.fromkeys(written, (name, kind, said)))
        elif kind is list:
            others = name
    rest = iter(words)
    for word in rest:
        if word in options:
            name, kind, said = options[word]
            if kind is list:
                values.setdefault(name, []).append(next(rest))
            else:
                values[name] = True if kind is bool else _converted(kind, said, next(rest))
        elif others and not word.startswith("-"):
            values.setdefault(others, []).append(word)
        else:
            raise ValueError(word)
    return values


def _bare(kind: Any) -> Any:
    """A type without what its items are and without `| None`."""
    if isinstance(kind, UnionType):
        kind = next(one for one in get_args(kind) if one is not NoneType)
    return get_origin(kind) or kind


def _converted(kind: Any, said: Option, word: str) -> Any:
    """A word as a text, a number or a choice; raises ValueError where it is none."""
    value = kind(word)
    if kind in (int, float) and not said.details.get("min", -inf) <= value <= said.details.get("max", inf):
        raise ValueError(word)
    return value
