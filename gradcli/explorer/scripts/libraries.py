"""The modules of Python's own that a script may import, as far as programs with tensors need them."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from gradcli.explorer.pythonic import CONSTANTS, MATH
from gradcli.explorer.scripts.callables import Kind, Library, Routine
from gradcli.explorer.scripts.conversions import ordered

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.scripts.builtins import Builtins

__all__ = ["LIBRARIES", "library"]

# Names of `typing` that scripts put into annotations, which are not looked at.
TYPING = (
    "Any", "Callable", "Dict", "Generator", "Iterable", "Iterator", "List", "Literal", "NamedTuple",
    "Optional", "Sequence", "Set", "Tuple", "Type", "TypeVar", "Union", "cast", "TYPE_CHECKING",
)  # fmt: skip
MORE_MATH = ("comb", "dist", "factorial", "fsum", "gcd", "lcm", "perm", "prod")
MOST = 2000  # of what factorial and its like are asked for: their results have thousands of digits


def library(name: str, builtins: Builtins) -> Library | None:
    """Returns a module of Python's, or None if it is not offered."""
    build = LIBRARIES.get(name)
    if build is None:
        return None
    table = build(builtins)
    return Library(name, table.get, lambda: table)


def _math(builtins: Builtins) -> dict[str, Any]:
    table: dict[str, Any] = {**CONSTANTS, "tau": math.tau}
    for name in (*MATH, *MORE_MATH):
        table[name] = Routine(f"math.{name}", vars(math)[name])
    for name in ("factorial", "comb", "perm"):
        table[name] = Routine(f"math.{name}", _bounded(vars(math)[name]))
    for name in ("fsum", "prod"):
        table[name] = Routine(f"math.{name}", _walking(vars(math)[name], builtins))
    return table


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    from gradcli.diagnostics import ValueFault  # only such a program needs it

    def run(*args: Any) -> Any:
        if any(isinstance(arg, int) and arg > MOST for arg in args):
            raise ValueFault("E385", f"{function.__name__}() takes at most {MOST} here")
        return function(*args)

    return run


def _walking(function: Callable[..., Any], builtins: Builtins) -> Callable[..., Any]:
    return lambda values: (
        function(map(float, builtins.items(values)))
        if function is math.fsum
        else function(builtins.listed(values))
    )


def _time(_: Builtins) -> dict[str, Any]:
    import time  # only scripts that ask for it

    return {
        name: Routine(f"time.{name}", vars(time)[name])
        for name in ("time", "perf_counter", "monotonic", "process_time")
    }


def _typing(_: Builtins) -> dict[str, Any]:
    table: dict[str, Any] = {name: Kind(name, object, path=f"typing.{name}") for name in TYPING}
    return {**table, "TYPE_CHECKING": False, "cast": Routine("typing.cast", lambda _, value: value)}


def _collections(builtins: Builtins) -> dict[str, Any]:
    kind = Kind("OrderedDict", OrderedDict, ordered(builtins), path="collections.OrderedDict")
    return {"OrderedDict": kind}


def _copy(builtins: Builtins) -> dict[str, Any]:
    from gradcli.explorer.scripts.copying import deep_copy, shallow_copy  # only scripts that ask for it

    return {
        "deepcopy": Routine("copy.deepcopy", lambda value: deep_copy(value, builtins)),
        "copy": Routine("copy.copy", shallow_copy),
    }


def _functools(_: Builtins) -> dict[str, Any]:
    import functools  # as above

    def partial(function: Any, *args: Any, **kwargs: Any) -> Any:
        return Routine("partial", functools.partial(function, *args, **kwargs))

    return {
        "partial": Routine("functools.partial", partial),
        "wraps": Routine("functools.wraps", lambda _: Routine("wraps", lambda function: function)),
    }


def _itertools(builtins: Builtins) -> dict[str, Any]:
    import itertools  # as above

    from gradcli.language import Lazy

    def walking(name: str) -> Routine:
        function = vars(itertools)[name]
        return Routine(
            f"itertools.{name}",
            lambda *values, **kwargs: Lazy(function(*map(builtins.items, values), **kwargs)),
        )

    return {name: walking(name) for name in ("chain", "product", "zip_longest")}


def _numpy(builtins: Builtins) -> dict[str, Any]:
    from gradcli.explorer.scripts.numeric import numpy_table  # as above

    return numpy_table(builtins)


LIBRARIES: dict[str, Callable[[Builtins], dict[str, Any]]] = {
    "math": _math,
    "time": _time,
    "typing": _typing,
    "collections": _collections,
    "copy": _copy,
    "functools": _functools,
    "itertools": _itertools,
    "numpy": _numpy,
}
