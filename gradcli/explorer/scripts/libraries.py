"""The modules of Python's own that a script may import, as far as programs with tensors need them."""

from __future__ import annotations

import math
from collections import OrderedDict, defaultdict
from typing import TYPE_CHECKING, Any

from gradcli.autograd import context
from gradcli.diagnostics import TypeFault, ValueFault
from gradcli.explorer.pythonic import CONSTANTS, MATH
from gradcli.explorer.scripts.callables import Kind, Library, Routine
from gradcli.explorer.scripts.conversions import ordered
from gradcli.language.values.plain import guarded_binary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.explorer.scripts.builtins import Builtins

__all__ = ["LIBRARIES", "library"]

# Names of `typing` that scripts put into annotations, which are not looked at.
TYPING = (
    "Any", "Callable", "Dict", "Generator", "Iterable", "Iterator", "List", "Literal", "NamedTuple",
    "Optional", "Sequence", "Set", "Tuple", "Type", "TypeVar", "Union", "cast", "TYPE_CHECKING",
)  # fmt: skip
MORE_MATH = ("dist", "gcd")
MOST_TOGETHER = 16  # of what itertools walks side by side: each item is as long
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
    table["fsum"] = Routine("math.fsum", lambda values: math.fsum(map(float, builtins.items(values))))
    table["prod"] = Routine("math.prod", lambda values, *, start=1: _product(builtins, values, start))
    return table


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any) -> Any:
        if any(isinstance(arg, int) and arg > MOST for arg in args):
            raise ValueFault("E385", f"{function.__name__}() takes at most {MOST} here")
        return function(*args)

    return run


def _product(builtins: Builtins, values: Any, start: Any) -> Any:
    multiply = guarded_binary("*", builtins.meter)
    for value in builtins.items(values):
        start = multiply(start, value)
    return start


def _time(_: Builtins) -> dict[str, Any]:
    import time  # only scripts that ask for it

    def reading(clock: Callable[[], float]) -> Callable[[], float]:
        def run() -> float:
            if context.tape is not None:
                context.tape.unexplained()
            return clock()

        return run

    return {
        name: Routine(f"time.{name}", reading(vars(time)[name]))
        for name in ("time", "perf_counter", "monotonic", "process_time")
    }


def _typing(_: Builtins) -> dict[str, Any]:
    table: dict[str, Any] = {name: Kind(name, object, path=f"typing.{name}") for name in TYPING}
    return {**table, "TYPE_CHECKING": False, "cast": Routine("typing.cast", lambda _, value: value)}


def _collections(builtins: Builtins) -> dict[str, Any]:
    kind = Kind("OrderedDict", OrderedDict, ordered(builtins), path="collections.OrderedDict")
    default = Kind("defaultdict", defaultdict, _default(builtins), path="collections.defaultdict")
    return {"OrderedDict": kind, "defaultdict": default}


def _default(builtins: Builtins) -> Callable[..., Any]:
    pairs = ordered(builtins)
    return lambda factory=None, *args, **kwargs: defaultdict(factory, pairs(*args, **kwargs))


def _copy(builtins: Builtins) -> dict[str, Any]:
    from gradcli.explorer.scripts.copying import deep_copy, shallow_copy  # only scripts that ask for it

    return {
        "deepcopy": Routine("copy.deepcopy", lambda value: deep_copy(value, builtins)),
        "copy": Routine("copy.copy", shallow_copy),
    }


def _functools(builtins: Builtins) -> dict[str, Any]:
    import functools  # as above

    def partial(function: Any, *args: Any, **kwargs: Any) -> Any:
        return Routine("partial", functools.partial(function, *args, **kwargs))

    def reduce(function: Any, iterable: Any, *initial: Any) -> Any:
        def counted(left: Any, right: Any) -> Any:
            builtins.meter.step()
            return function(left, right)

        return functools.reduce(counted, builtins.items(iterable), *initial)

    return {
        "partial": Routine("functools.partial", partial),
        "reduce": Routine("functools.reduce", reduce),
        "wraps": Routine("functools.wraps", lambda _: Routine("wraps", lambda function: function)),
    }


def _itertools(builtins: Builtins) -> dict[str, Any]:
    import itertools  # as above

    from gradcli.language import Lazy

    def walking(name: str) -> Routine:
        function = vars(itertools)[name]

        def run(*values: Any, **kwargs: Any) -> Lazy:
            if len(values) > MOST_TOGETHER:
                raise TypeFault("E380", f"{name}() takes at most {MOST_TOGETHER} arguments here")
            return Lazy(_counted(builtins, function(*map(builtins.items, values), **kwargs)))

        return Routine(f"itertools.{name}", run)

    return {name: walking(name) for name in ("chain", "product", "zip_longest")}


def _counted(builtins: Builtins, items: Iterator[Any]) -> Iterator[Any]:
    """The items, each a step: a product of short lists has more of them than anyone could wait for."""
    for item in items:
        builtins.meter.step()
        yield item


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
