"""A command without an expression shows a line of its own that works."""

from __future__ import annotations

import shlex

import pytest

from gradcli.cli.app import COMMANDS, run

NEEDED = {"jvp": ["--tangent", "x=1"], "hvp": ["--vector", "x=1"], "plot": ["--over", "x=1:2"]}
TAKING = [name for name, (_, expressions) in COMMANDS.items() if expressions and name != "repl"]


@pytest.mark.parametrize("given", [[], [""]])
@pytest.mark.parametrize("command", TAKING)
def test_the_command_that_was_used_is_the_one_recommended(capsys, command, given):
    assert run([command, *given, *NEEDED.get(command, [])]) == 2
    _, found, recommended = capsys.readouterr().err.strip().rpartition("= help: gradcli ")
    assert found
    assert recommended.split()[0] == command
    assert run(shlex.split(recommended)) == 0
