"""Methods of strings, each charged for the text it makes before it makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import TypeFault
from gradcli.language.values.containers import plain, table
from gradcli.language.values.plain import ITERABLE, PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.values.tools import Tools

__all__ = ["METHODS"]

PIECE = 64  # bytes of a short string and the place it takes in a list


def alike(own: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a method whose text is about as long as the value, three times at most (`"ﬃ".upper()`)."""

    def run(tools: Tools, value: str, *args: Any, **kwargs: Any) -> Any:
        tools.meter.charge(3 * len(value))
        return own(value, *args, **kwargs)

    return run


def padding(own: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a method that fills a text up to a width."""

    def run(tools: Tools, value: str, width: Any, *args: Any) -> Any:
        tools.text(max(len(value), width) if type(width) is int else 0)
        return own(value, width, *args)

    return run


def splitting(own: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a method that cuts a text into a list."""

    def run(tools: Tools, value: str, *args: Any, **kwargs: Any) -> Any:
        separator = kwargs.get("sep", args[0] if args else None)
        pieces = len(value) // 2 + 1
        if type(separator) is str and separator:
            pieces = value.count(separator) + 1
        tools.meter.charge(len(value) + PIECE * pieces)
        return own(value, *args, **kwargs)

    return run


def splitlines(tools: Tools, value: str, keepends: Any = False) -> list[str]:
    tools.meter.charge((1 + PIECE) * len(value))
    return value.splitlines(keepends)


def join(tools: Tools, value: str, items: Any) -> str:
    if type(items) in PLAIN and type(items) not in ITERABLE:
        raise TypeFault("E380", "can only join an iterable")
    parts = tools.listed(items)
    for place, part in enumerate(parts):
        if type(part) is not str:
            text = f"sequence item {place}: expected str instance, {type(part).__name__} found"
            raise TypeFault("E380", text)
    tools.text(sum(map(len, parts)) + len(value) * max(len(parts) - 1, 0))
    return value.join(parts)


def replace(tools: Tools, value: str, old: Any, new: Any, count: Any = -1) -> str:
    if type(old) is str and type(new) is str and type(count) is int:
        found = value.count(old)
        times = found if count < 0 else min(found, count)
        tools.text(len(value) + times * max(len(new) - len(old), 0))
    return value.replace(old, new, count)


def expandtabs(tools: Tools, value: str, tabsize: Any = 8) -> str:
    tools.text(len(value) + value.count("\t") * (max(tabsize, 0) if type(tabsize) is int else 0))
    return value.expandtabs(tabsize)


def format_(tools: Tools, value: str, *args: Any, **kwargs: Any) -> str:
    return tools.templates.fields(value, args, kwargs)


METHODS: dict[type, dict[str, Callable[..., Any]]] = {
    str: {
        **table(
            str, plain,
            "endswith isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable "
            "isspace istitle isupper startswith",
        ),
        **table(
            str, alike,
            "capitalize casefold count find index lower lstrip partition removeprefix removesuffix rfind "
            "rindex rpartition rstrip strip swapcase title upper",
        ),
        **table(str, padding, "center ljust rjust zfill"),
        **table(str, splitting, "split rsplit"),
        "expandtabs": expandtabs,
        "format": format_,
        "join": join,
        "replace": replace,
        "splitlines": splitlines,
    }
}  # fmt: skip
