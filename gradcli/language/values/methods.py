"""Methods of plain values: a table per type, each entry charged for what it makes.

An entry takes the tools of the program, the value, then the arguments. What only looks or changes in place
is Python's own method; what copies, joins or pads says beforehand how much that takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import AttributeFault, did_you_mean
from gradcli.language.values import containers, texts
from gradcli.language.values.faults import Caught, ErrorKind, plain_fault
from gradcli.language.values.function import Function
from gradcli.language.values.items import Lazy
from gradcli.language.values.plain import FAULTS, PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.values.tools import Tools

__all__ = ["METHODS", "OWN", "Method", "attribute"]

OWN = (PLAIN - {type(None)}) | {Function, Lazy, Caught, ErrorKind}
"""Types whose attributes are the language's. None's are asked of the host, which can say why it is None."""


NAMES: dict[type, str] = {Function: "function", Lazy: "generator", ErrorKind: "type"}
PARTS: dict[str, Callable[[Any], Any]] = {
    "real": lambda number: number.real,
    "imag": lambda number: number.imag,
}
NUMBERS: dict[type, dict[str, Callable[..., Any]]] = {
    int: containers.table(int, containers.plain, "bit_length conjugate"),
    bool: containers.table(int, containers.plain, "bit_length conjugate"),
    float: containers.table(float, containers.plain, "is_integer conjugate hex as_integer_ratio"),
    complex: containers.table(complex, containers.plain, "conjugate"),
}


class Method:
    """A method of a plain value, bound to it. Python code may call it like any function."""

    __slots__ = ("_run", "_tools", "name", "value")

    def __init__(self, name: str, value: Any, run: Callable[..., Any], tools: Tools) -> None:
        self.name = name
        self.value = value
        self._run = run
        self._tools = tools

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Returns the value of a call; raises errors of ours."""
        try:
            return self._run(self._tools, self.value, *args, **kwargs)
        except FAULTS as error:
            raise plain_fault(error, self._tools.meter.limits) from None

    def __repr__(self) -> str:
        return f"<built-in method {self.name} of {type(self.value).__name__} object>"


def attribute(tools: Tools, value: Any, name: str) -> Any:
    """Returns `value.name` of a value of the language's own.

    Raises:
        AttributeFault: its type has no such attribute.
    """
    kind = type(value)
    if kind in METHODS and name in METHODS[kind]:
        return Method(name, value, METHODS[kind][name], tools)
    read = FIELDS.get(kind, {}).get(name)
    if read is not None:
        return read(value)
    if (kind is Caught and (value.attributes or value.kind.parent)) or (kind is ErrorKind and value.parent):
        return tools.foreign(value, name)  # of a kind that the program derived
    known = (*METHODS.get(kind, ()), *FIELDS.get(kind, ()))
    word = NAMES.get(kind, kind.__name__)
    raise AttributeFault(
        "E202", f"'{word}' object has no attribute '{name}'", label=did_you_mean(name, known)
    )


METHODS: dict[type, dict[str, Callable[..., Any]]] = {**containers.METHODS, **texts.METHODS, **NUMBERS}
FIELDS: dict[type, dict[str, Callable[[Any], Any]]] = {
    int: PARTS,
    float: PARTS,
    complex: PARTS,
    bool: PARTS,
    slice: {name: vars(slice)[name].__get__ for name in ("start", "stop", "step")},
    range: {name: vars(range)[name].__get__ for name in ("start", "stop", "step")},
    Caught: {"args": lambda error: error.args},
    Function: {"__name__": lambda function: function.name},
    ErrorKind: {"__name__": lambda kind: kind.name},
}
