"""The keys of a case: what values each takes, and how they are given on to `eval`."""

from __future__ import annotations

import keyword
import math
from typing import TYPE_CHECKING, Any

from gradcli.explorer.running.samples import Expected

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.running.places import Path

__all__ = ["EXPECT", "KEYS", "Misfit", "expected", "value_text"]

DTYPES = ("float64", "float32", "float16")
MOST_PASSES = 1_000_000
EXPECT = ("value", "grad", "error")
DEEPEST = 64  # levels of nested lists: what NumPy holds


class Misfit(Exception):
    """A value that its key does not take.

    Attributes:
        message: what is wrong.
        inner: the keys below the one that was looked at.
        help: what to write instead.
    """

    def __init__(self, message: str, inner: Path = (), *, help: str = "") -> None:  # noqa: A002 - as in diagnostics
        super().__init__(message)
        self.message = message
        self.inner = inner
        self.help = help


def value_text(value: Any, depth: int = 0) -> str:
    """Returns a value of the language as its text: a string as it is, a number, a list of numbers.

    Raises:
        Misfit: it is none of them.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        if abs(value) >= 2**63:
            raise Misfit("an integer has at most 64 bits")
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, list) and depth < DEEPEST:
        if any(isinstance(part, str) for part in value):
            raise Misfit("a list in a value holds numbers", help='write the whole value as a text: "[1, pi]"')
        return f"[{', '.join(value_text(part, depth + 1) for part in value)}]"
    raise Misfit(
        f"a value is a text, a number or a list of numbers, not {_kind(value)}",
        help='write for example "ones(2, 2)", 3 or [1, 2, 3]',
    )


def _kind(value: Any) -> str:
    names = {str: "a text", bool: "true or false", int: "an integer", float: "a float", list: "a list"}
    return names.get(type(value), "a table" if isinstance(value, dict) else "a date or time")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Misfit(f"a text is needed, not {_kind(value)}")
    return value


def _name(value: Any) -> str:
    text = _text(value)
    if not text.strip() or "\n" in text:
        raise Misfit("a name is one line that says something")
    return text


def _expressions(value: Any) -> tuple[str, ...]:
    found = (value,) if isinstance(value, str) else value
    if not isinstance(found, (tuple, list)) or not found or not all(isinstance(part, str) for part in found):
        raise Misfit("expr is a text or a list of texts", help='write for example "mean(x**2)"')
    return tuple(found)


def _bindings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, dict):
        raise Misfit(f"a table of names and values is needed, not {_kind(value)}", help='vars.x = "[1, 2]"')
    return tuple(f"{_variable(name)}={_below((name,), part)}" for name, part in value.items())


def _variable(name: str) -> str:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise Misfit(
            f"`{name}` cannot be a name",
            (name,),
            help="a name is made of letters, digits and _, and begins with a letter",
        )
    return name


def _below(path: Path, value: Any) -> str:
    """The text of a value in a table; what is wrong with it is wrong at its own key."""
    try:
        return value_text(value)
    except Misfit as misfit:
        raise Misfit(misfit.message, (*path, *misfit.inner), help=misfit.help) from None


def _names(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise Misfit("names are a text (`x, y`) or a list of texts")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _values(value: Any) -> tuple[str, ...]:
    """One value, or a list with a text for each root."""
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return tuple(value)
    return (value_text(value),)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Misfit(f"true or false is needed, not {_kind(value)}")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**63:
        raise Misfit("an integer of at most 64 bits is needed")
    return value


def _passes(value: Any) -> int:
    if not 0 < _integer(value) <= MOST_PASSES:
        raise Misfit(f"a number from 1 to {MOST_PASSES} is needed")
    return int(value)


def _tolerance(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Misfit(f"a tolerance is a number, not {_kind(value)}")
    if value >= 2**63 or not math.isfinite(value) or value < 0:
        raise Misfit("a tolerance is finite and not negative")
    return float(value)


def _dtype(value: Any) -> str:
    if value not in DTYPES:
        raise Misfit(f"one of {', '.join(DTYPES)} is needed")
    return str(value)


def _expect(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Misfit(f"a table is needed, not {_kind(value)}", help='write expect.value = "3"')
    return value


def expected(table: dict[str, Any], roots: int) -> Expected:
    """Returns what a case expects of `roots` expressions; the table's keys are known to be good.

    Raises:
        Misfit: a value of the table does not fit.
    """
    error = None
    if "error" in table:
        error = table["error"]
        if not isinstance(error, str) or not error:
            raise Misfit("the expected error is a part of its text", ("error",))
        others = [key for key in ("value", "grad") if key in table]
        if others:
            raise Misfit(
                f"an error and a {others[0]} cannot both be expected", ("error",), help="make it two cases"
            )
    gradients = table.get("grad", {})
    if not isinstance(gradients, dict):
        raise Misfit("gradients stand under names", ("grad",), help='write expect.grad.x = "4.5"')
    return Expected(
        _expected_values(table, roots),
        tuple((name, _below(("grad", name), value)) for name, value in gradients.items()),
        error,
    )


def _expected_values(table: dict[str, Any], roots: int) -> tuple[str, ...]:
    if "value" not in table:
        return ()
    value = table["value"]
    if roots > 1 and (not isinstance(value, list) or len(value) != roots):
        raise Misfit(f"there are {roots} expressions", ("value",), help="give a list with a value for each")
    return tuple(_below(("value",), part) for part in (value if roots > 1 else [value]))


KEYS: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "expr": _expressions,
    "vars": _bindings,
    "consts": _bindings,
    "wrt": _names,
    "grad_tensors": _values,
    "retain_graph": _flag,
    "create_graph": _flag,
    "passes": _passes,
    "separately": _flag,
    "zero_between": _flag,
    "dtype": _dtype,
    "seed": _integer,
    "default": value_text,
    "expect": _expect,
    "rtol": _tolerance,
    "atol": _tolerance,
    "check": _flag,
}
