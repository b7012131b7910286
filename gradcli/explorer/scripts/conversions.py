"""int, float, bool, str, list, tuple, dict, set: Python's classes as a script calls and names them."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.diagnostics import TypeFault, ValueFault
from gradcli.explorer.scripts.arrays import Array
from gradcli.explorer.scripts.callables import Kind
from gradcli.explorer.scripts.instances import Instance
from gradcli.explorer.scripts.kinds import kind_name
from gradcli.language.limits import integer_fault
from gradcli.language.values.plain import hashed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.scripts.builtins import Builtins

__all__ = ["LONGEST_DIGITS", "conversions", "ordered"]

LONGEST_DIGITS = 4300  # that Python reads into an integer
NUMBERS = (bool, int, float, complex, str, Tensor, Array, Instance)


def conversions(builtins: Builtins) -> dict[str, Kind]:
    """Returns Python's classes under their names, as values of one script."""
    made: dict[str, Callable[..., Any]] = {
        "bool": lambda *args: bool(args) and builtins.any(args[:1]),
        "int": lambda *args, **kwargs: _integer(builtins, args, kwargs),
        "float": lambda *args: float(*map(_number, args)),
        "complex": lambda *args: complex(*map(_number, args)),
        "str": lambda value="": builtins.text(value),
        "list": lambda value=(): builtins.listed(value),
        "tuple": lambda value=(): tuple(builtins.listed(value)),
        "set": lambda value=(): _set(builtins, value),
        "dict": lambda *args, **kwargs: _dict(builtins, args, kwargs),
    }
    kinds = (bool, int, float, complex, str, list, tuple, set, dict)
    return {kind.__name__: Kind(kind.__name__, kind, made[kind.__name__]) for kind in kinds}


def _number(value: Any) -> Any:
    if not isinstance(value, NUMBERS):
        raise TypeFault(
            "E380", f"float() argument must be a string or a real number, not '{kind_name(value)}'"
        )
    return value


def _integer(builtins: Builtins, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    if args and not isinstance(args[0], NUMBERS):
        raise TypeFault(
            "E380",
            "int() argument must be a string, a bytes-like object or a real number, not "
            f"'{kind_name(args[0])}'",
        )
    if args and isinstance(args[0], str) and len(args[0]) > LONGEST_DIGITS:
        raise ValueFault("E385", f"int() takes at most {LONGEST_DIGITS} digits")
    found = int(*args, **kwargs)
    limits = builtins.meter.limits
    if found.bit_length() > limits.integer_bits:
        raise integer_fault(limits)
    return found


def _set(builtins: Builtins, value: Any) -> set[Any]:
    return {hashed(item, builtins.meter) for item in builtins.listed(value)}


def _pairs(builtins: Builtins, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[tuple[Any, Any]]:
    pairs: list[tuple[Any, Any]] = []
    if len(args) > 1:
        raise TypeFault("E380", f"dict expected at most 1 argument, got {len(args)}")
    if args and isinstance(args[0], dict):
        pairs = list(args[0].items())
    elif args:
        for place, pair in enumerate(builtins.listed(args[0])):
            both = builtins.listed(pair)
            if len(both) != 2:  # noqa: PLR2004 - a key and its value
                raise ValueFault(
                    "E385",
                    f"dictionary update sequence element #{place} has length {len(both)}; 2 is required",
                )
            pairs.append((hashed(both[0], builtins.meter), both[1]))
    return [*pairs, *kwargs.items()]


def _dict(builtins: Builtins, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[Any, Any]:
    return dict(_pairs(builtins, args, kwargs))


def ordered(builtins: Builtins) -> Callable[..., Any]:
    """Returns what makes a `collections.OrderedDict`."""
    return lambda *args, **kwargs: OrderedDict(_pairs(builtins, args, kwargs))
