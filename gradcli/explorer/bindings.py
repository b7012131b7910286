"""NAME=VALUE: what `-v` and `-c` bind, from the text of the option to a value in the program."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor, context
from gradcli.diagnostics import InputFault, Source, Span, did_you_mean
from gradcli.explorer.values import as_tensor, kind_name, looks_like_tensor
from gradcli.language.program import Program, parse_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradcli.language.limits import Limits

__all__ = ["Binding", "Value", "constant", "leaf", "no_variable", "read_bindings", "read_value"]

LONGEST_NAME = 100


class Value(NamedTuple):
    """The value of an option, read but not yet computed.

    Attributes:
        source: the text.
        program: the expression; None where the value comes from a file.
        array: the value that a file holds.
    """

    source: Source
    program: Program | None
    array: Any = None


class Binding(NamedTuple):
    """A name with its value.

    Attributes:
        name: what it binds.
        option: `-v` or `-c`.
        value: what it is bound to.
    """

    name: str
    option: str
    value: Value

    @property
    def differentiable(self) -> bool:
        """Whether it makes a leaf that requires grad."""
        return self.option == "-v"


def read_bindings(constants: Iterable[str], variables: Iterable[str], limits: Limits) -> tuple[Binding, ...]:
    """Returns the bindings of the options, constants first, each free to use the ones before it.

    Raises:
        InputFault: a binding has no `=`, an impossible name, a name bound before, or an unreadable file.
        SyntaxFault: a value is no expression.
    """
    found: dict[str, Binding] = {}
    for option, texts in (("-c", constants), ("-v", variables)):
        for text in texts:
            binding = _read(option, text, limits)
            if binding.name in found:
                raise InputFault("E502", f"`{binding.name}` is bound twice", help="give each name one value")
            found[binding.name] = binding
    return tuple(found.values())


def _read(option: str, text: str, limits: Limits) -> Binding:
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals:
        source = Source(f"{option} {text[:LONGEST_NAME]}", text)
        raise InputFault(
            "E501",
            f"{option} needs NAME=VALUE",
            span=Span(source, 0, len(text)),
            help=f"write for example {option} {name if _possible(name) else 'x'}=2",
        )
    if not _possible(name):
        source = Source(option, text)
        raise InputFault(
            "E501",
            f"`{name[:LONGEST_NAME]}` cannot be a name",
            span=Span(source, 0, len(text) - len(value) - 1),
            help="a name is made of letters, digits and _, and begins with a letter",
        )
    return Binding(name, option, read_value(Source(f"{option} {name}", value), limits))


def read_value(source: Source, limits: Limits) -> Value:
    """Returns the value of an option: an expression, or what `@file` or `@-` holds.

    Raises:
        SyntaxFault: it is no expression.
        InputFault: the file cannot be read.
    """
    name = source.text.strip()
    if name.startswith("@"):
        from gradcli.explorer.files import read_array  # only values from files pay for it

        return Value(source, None, read_array(name[1:], source))
    return Value(source, parse_value(source, limits))


def no_variable(code: str, option: str, name: str, names: Sequence[str], place: Span) -> InputFault:
    """Returns the error for an option's name at a place that no variable has."""
    return InputFault(
        code,
        f"{option}: no variable is called `{name[:LONGEST_NAME]}`",
        span=place,
        label=did_you_mean(name, names),
        help=f"the variables are {', '.join(names)}",
    )


def _possible(name: str) -> bool:
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and not name.startswith("_")
        and len(name) <= LONGEST_NAME
    )


def leaf(value: Any) -> Tensor:
    """Returns a leaf that requires grad with a copy of the value; whole numbers become floats.

    Raises:
        InputFault: the value is no tensor, number or list of numbers.
    """
    array = _array(value)
    if array.dtype.kind != "f":
        array = array.astype(context.default_dtype)
    return Tensor(np.array(array), requires_grad=True)


def constant(value: Any) -> Any:
    """Returns the value without a history; lists and arrays become tensors of their own dtype."""
    if isinstance(value, (Tensor, np.ndarray)) or (isinstance(value, list) and looks_like_tensor(value)):
        return Tensor(np.array(_array(value)))
    return value


def _array(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value
    if not isinstance(value, (Tensor, bool, int, float)) and not looks_like_tensor(value):
        raise InputFault(
            "E503",
            f"a value must be a tensor, a number or a list of numbers, not {kind_name(value)}",
            help="write for example 2, [1, 2, 3] or randn(3, 3)",
        )
    return as_tensor(value)._array  # noqa: SLF001 - a friend of Tensor
