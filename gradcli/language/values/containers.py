"""Methods of lists, tuples, dicts and sets. What only looks or changes in place is Python's own method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import TypeFault, ValueFault
from gradcli.language.values.plain import ITERABLE, KEYS, PAIRS, PLAIN, POINTER, VALUES, hashed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.values.tools import Tools

__all__ = ["METHODS", "plain", "table"]

ENTRY = 64  # bytes of an entry of a dict or a set


def plain(own: Callable[..., Any]) -> Callable[..., Any]:
    """Returns Python's own method as an entry of the table: it makes nothing big."""
    return lambda _, *given, **named: own(*given, **named)


def looking(own: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a method that walks the value, and what it compares its items with."""

    def run(tools: Tools, value: Any, *args: Any, **kwargs: Any) -> Any:
        for one in (value, *args):
            tools.walk(one)
        return own(value, *args, **kwargs)

    return run


def keyed(own: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a method whose first argument is hashed."""

    def run(tools: Tools, value: Any, *args: Any, **kwargs: Any) -> Any:
        if args:
            hashed(args[0], tools.meter)
        return own(value, *args, **kwargs)

    return run


def copying(own: Callable[..., Any], size: int) -> Callable[..., Any]:
    """Returns a method that copies the value."""

    def run(tools: Tools, value: Any, *args: Any) -> Any:
        tools.meter.charge(size * len(value))
        return own(value, *args)

    return run


def table(kind: type, wrap: Callable[..., Callable[..., Any]], names: str, *args: Any) -> dict[str, Any]:
    """Returns entries for Python's own methods of a type."""
    members = vars(kind)
    return {name: wrap(members[name], *args) for name in names.split()}


def extend(tools: Tools, value: list[Any], items: Any) -> None:
    new = tools.listed(items)
    tools.fits(len(value) + len(new))
    value.extend(new)


def sort(tools: Tools, value: list[Any], *, key: Any = None, reverse: Any = False) -> None:
    value[:] = tools.ordered(list(value), key, reverse)


def pairs(tools: Tools, items: Any) -> dict[Any, Any]:
    """Returns the dict behind what `dict()` and `update` take: a dict, or pairs."""
    if type(items) is dict:
        tools.meter.charge(ENTRY * len(items))
        return items
    made: dict[Any, Any] = {}
    for place, item in enumerate(tools.listed(items)):
        if type(item) in PLAIN and type(item) not in ITERABLE:
            text = f"cannot convert dictionary update sequence element #{place} to a sequence"
            raise TypeFault("E380", text)
        pair = tools.listed(item)
        if len(pair) != 2:  # noqa: PLR2004 - a key and its value
            text = f"dictionary update sequence element #{place} has length {len(pair)}; 2 is required"
            raise ValueFault("E380", text)
        made[hashed(pair[0], tools.meter)] = pair[1]
    return made


def update(tools: Tools, value: dict[Any, Any], items: Any = (), **named: Any) -> None:
    new = pairs(tools, items)
    tools.fits(len(value) + len(new))
    value.update(new, **named)


def fromkeys(tools: Tools, _value: dict[Any, Any], keys: Any, default: Any = None) -> dict[Any, Any]:
    listed = tools.listed(keys)
    tools.meter.charge(ENTRY * len(listed))
    return {hashed(key, tools.meter): default for key in listed}


def members(tools: Tools, items: Any) -> set[Any]:
    """Returns what a method of sets takes, as a set."""
    if type(items) is set:
        tools.meter.charge(ENTRY * len(items))
        return items
    listed = tools.listed(items)
    tools.meter.charge(ENTRY * len(listed))
    return {hashed(item, tools.meter) for item in listed}


def among(own: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a method of sets that takes others, of any kind that has items."""

    def run(tools: Tools, value: set[Any], *others: Any) -> Any:
        tools.meter.charge(ENTRY * len(value))
        return own(value, *(members(tools, other) for other in others))

    return run


METHODS: dict[type, dict[str, Callable[..., Any]]] = {
    list: {
        **table(list, plain, "append clear insert pop reverse"),
        **table(list, looking, "count index remove"),
        **table(list, copying, "copy", POINTER),
        "extend": extend,
        "sort": sort,
    },
    tuple: table(tuple, looking, "count index"),
    dict: {
        **table(dict, plain, "clear items keys popitem values"),
        **table(dict, keyed, "get pop setdefault"),
        **table(dict, copying, "copy", ENTRY),
        "update": update,
        "fromkeys": fromkeys,
    },
    set: {
        **table(set, plain, "clear pop"),
        **table(set, keyed, "add discard remove"),
        **table(set, copying, "copy", ENTRY),
        **table(
            set, among,
            "difference difference_update intersection intersection_update isdisjoint issubset issuperset "
            "symmetric_difference symmetric_difference_update union update",
        ),
    },
    KEYS: {},
    VALUES: {},
    PAIRS: {},
    range: {},
}  # fmt: skip
