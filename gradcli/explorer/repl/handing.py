"""A session's names as another command takes them: leaves and constants by value, the rest by its text.

A command runs its expression anew, in a session of its own. What has a graph must be computed there once
more, so the line that made it goes before the expression, as long as what that line read is still the same.
"""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor, context
from gradcli.diagnostics import InputFault
from gradcli.explorer.values import is_plain, kind_name
from gradcli.language import tree
from gradcli.language.executable import assigned_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.language.program import Program

__all__ = ["Definition", "Handed", "State", "defined", "hand_over", "literal", "state_of"]

REPEATABLE = (tree.Assign, tree.Define, tree.Import)
State = tuple[Any, int]  # a value, and for a tensor how often it was changed in place


class Definition(NamedTuple):
    """The text that gave a name its value.

    Attributes:
        number: of the input, in order.
        text: what was typed.
        reads: what it read, as it was.
        made: what it bound, as it was afterwards.
        ends: the name that its last statement binds.
    """

    number: int
    text: str
    reads: Mapping[str, State]
    made: Mapping[str, State]
    ends: str


class Handed(NamedTuple):
    """An expression with what it needs.

    Attributes:
        expression: the text, the lines that it needs before it.
        variables: NAME=VALUE texts of leaves.
        constants: NAME=VALUE texts of the rest.
        notes: what the user should know, a sentence each.
    """

    expression: str
    variables: tuple[str, ...]
    constants: tuple[str, ...]
    notes: tuple[str, ...]


def state_of(value: Any) -> State:
    """Returns what tells later whether a name still stands for the same."""
    return value, value._version if isinstance(value, Tensor) else 0


def defined(
    program: Program, number: int, reads: Mapping[str, State], values: Mapping[str, Any]
) -> dict[str, Definition]:
    """Returns a definition for each name that a program has bound.

    There is none where running it again would do more than that, or would start from something else: where
    it is more than assignments, or reads a name that it binds.
    """
    made = {name: state_of(values[name]) for name in program.scope.bound if name in values}
    if made.keys() & reads.keys() or not all(isinstance(one, REPEATABLE) for one in program.statements):
        return {}
    ends = "".join(assigned_names(program.statements[-1])[-1:])
    return dict.fromkeys(made, Definition(number, program.source.text, reads, made, ends))


def hand_over(program: Program, values: Mapping[str, Any], definitions: Mapping[str, Definition]) -> Handed:
    """Returns an expression with what it needs of a session's names.

    Raises:
        InputFault: it needs a value that is neither a tensor nor a number, and whose line is out of date.
    """
    lines: dict[int, Definition] = {}
    variables: dict[str, str] = {}
    constants: dict[str, str] = {}
    notes: list[str] = []
    inner: set[str] = set()  # what the lines bind themselves
    waiting = _reads(program, values)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        value = values[name]
        definition = definitions.get(name)
        leaf = isinstance(value, Tensor) and value.is_leaf
        if definition is not None and not leaf and not is_plain(value) and _holds(definition, values):
            lines[definition.number] = definition
            inner |= definition.made.keys()
            waiting += list(definition.reads)
        elif isinstance(value, Tensor) and value.requires_grad:
            variables[name] = f"{name}={literal(value)}"
            if not leaf:
                notes.append(f"{name} is taken as a variable: the line that made it would not make it again")
        elif isinstance(value, Tensor):
            constants[name] = f"{name}={literal(value)}"
        elif is_plain(value):
            constants[name] = f"{name}={value!r}"
        else:
            raise InputFault(
                "E550",
                f"`{name}` ({kind_name(value)}) cannot be handed over: its line would not make it again",
                help=f"define `{name}` again, in an input of its own",
            )
    before = [lines[number] for number in sorted(lines)]
    texts = [definition.text for definition in before]
    if not (before and before[-1].ends == program.source.text.strip()):  # else it is the value already
        texts.append(program.source.text)
    return Handed(
        "\n".join(texts),
        tuple(text for name, text in variables.items() if name not in inner),
        tuple(text for name, text in constants.items() if name not in inner),
        tuple(notes),
    )


def _reads(program: Program, values: Mapping[str, Any]) -> list[str]:
    return [name for name in (*program.free_names(), *program.free_functions()) if name in values]


def _holds(definition: Definition, values: Mapping[str, Any]) -> bool:
    """Whether running a line again would give all its names the values that they have."""
    return all(
        name in values and values[name] is value and state_of(value)[1] == version
        for name, (value, version) in {**definition.reads, **definition.made}.items()
    )


def literal(tensor: Tensor) -> str:
    """Returns a tensor's elements as an expression, to the last digit, in its dtype."""
    array = tensor._array
    text = repr(array.tolist()) if array.size else f"zeros({', '.join(map(str, array.shape))})"
    if not array.size or array.dtype in {context.default_dtype, np.dtype("int64"), np.dtype("bool")}:
        return text
    return f"tensor({text}, dtype=torch.{tensor.dtype.name})"
