"""What is read without typer is what typer reads."""

from __future__ import annotations

import inspect
from functools import cache
from itertools import chain
from typing import Annotated, Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from gradcli.cli.app import COMMANDS, command_function
from gradcli.cli.declaring import Argument, Option, declared, for_typer
from gradcli.cli.expressions import ExpressionCommand
from gradcli.cli.helping import HelpfulCommand
from gradcli.cli.plain import plain_values

WORDS = (
    "x", "sum(x**2)", "", " ", "x=2", "2", "0", "7", "1e3", "1_000", " 3 ", "nan", "inf", "1e400", "0.5",
    "256", "9" * 5000, "float32", "Float32", "forward", "a,b", "@f", "é", "-1", "-x**2", "-", "--", "-vx=2",
    "--json=1", "--nothing", "--help", "--prec", "-j4", "-xk",
)  # fmt: skip


@cache
def options(name: str) -> dict[str, Any]:
    """What a command calls its options, each with its type."""
    found: dict[str, Any] = {}
    for key, parameter in inspect.signature(command_function(name), eval_str=True).parameters.items():
        kind, said = declared(parameter)
        if not isinstance(said, Argument):
            found |= dict.fromkeys(said.names or (f"--{key.replace('_', '-')}",), kind)
    return found


@cache
def typers_reading(name: str) -> tuple[Any, list[dict[str, Any]]]:
    """A command as typer knows it, and where it puts the values that it reads."""
    seen: list[dict[str, Any]] = []

    def record(**values: Any) -> None:
        seen.append(values)

    record.__signature__ = inspect.signature(for_typer(command_function(name)))  # type: ignore[attr-defined]
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command(name, cls=ExpressionCommand if COMMANDS[name][1] else HelpfulCommand)(record)
    return typer.main.get_command(app), seen


def read_by_typer(name: str, words: list[str]) -> dict[str, Any]:
    command, seen = typers_reading(name)
    seen.clear()
    command.main(words, standalone_mode=False)
    return seen[0]


def whole(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values, with the defaults of what was not given; no words are an empty list or None."""
    parameters = inspect.signature(command_function(name), eval_str=True).parameters
    found = {key: values.get(key, one.default) for key, one in parameters.items()}
    return {key: value or None if isinstance(value, list) else value for key, value in found.items()}


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, list[str]]:
    name = draw(st.sampled_from(list(COMMANDS)))
    option = st.sampled_from(list(options(name) or ["x"]))
    pieces = st.sampled_from((*WORDS, *options(name))).map(lambda word: (word,))
    pairs = st.tuples(option, st.sampled_from(WORDS[:24]))
    return name, list(chain(*draw(st.lists(pieces | pairs, max_size=4))))


@given(lines())
def test_plain_lines_are_read_as_typer_reads_them(line: tuple[str, list[str]]):
    name, words = line
    values = plain_values(command_function(name), words)
    if values is not None:
        found, expected = whole(name, values), whole(name, read_by_typer(name, words))
        assert found == expected
        assert list(map(type, found.values())) == list(map(type, expected.values()))


@pytest.mark.parametrize("name", [name for name, (_, expressions) in COMMANDS.items() if expressions])
def test_expressions_with_bindings_and_limits_are_plain(name: str):
    words = ["sum(x**2)", "-v", "x=[1,2]", "--dtype", "float32", "y*2", "--max-steps", "10", "--seed", "3"]
    values = plain_values(command_function(name), words)
    assert values is not None
    assert values["var"] == ["x=[1,2]"]
    assert (values["max_steps"], values["seed"], values["dtype"]) == (10, 3, "float32")
    assert ["sum(x**2)", "y*2"] in values.values()


@pytest.mark.parametrize(
    "words",
    [
        "--help", "x --precision", "x --precision 0", "x --precision 18", "x --precision 3.5", "-x**2", "--",
        "x --dtype int64", "x --json=1", "x -vx=2", "x --nothing", "x --max-seconds nan", "x --seed", "-",
    ],
)  # fmt: skip
def test_whatever_is_not_plain_is_left_to_typer(words: str):
    assert plain_values(command_function("eval"), words.split()) is None


def test_a_command_with_options_of_another_kind_is_left_to_typer():
    def command(*, word: Annotated[str, Option(callback=str.upper)] = "") -> None: ...

    assert plain_values(command, ["--word", "x"]) is None


def test_without_what_a_command_needs_typer_has_the_word():
    assert plain_values(command_function("run"), []) is None
    assert plain_values(command_function("run"), ["samples", "-j", "2"]) == {"paths": ["samples"], "jobs": 2}
