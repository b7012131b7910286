"""Help: every command shows an example before anything else, and the examples are true."""

from __future__ import annotations

import shlex

import pytest

from gradcli.cli.app import COMMANDS, run
from gradcli.cli.helping import examples


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_begins_with_an_example(capsys, command):
    assert run([command, "--help"]) == 0
    text = capsys.readouterr().out
    before, usage, after = text.partition("Usage: ")
    assert before.startswith("  ")
    assert usage
    shown = [line.strip() for line in before.splitlines() if line.startswith("  gradcli ")]
    assert shown
    for line in shown:
        assert shlex.split(line)[:2] == ["gradcli", command]
    assert "  gradcli " not in after


def test_captions_stay_with_their_examples():
    shown, others = examples("Does this.\n\nLike that:\n\ngradcli a\n\ngradcli b\n\nAnd more.")
    assert shown == ["Like that:\ngradcli a", "gradcli b"]
    assert others == ["Does this.", "And more."]


def test_an_example_is_not_wrapped(capsys):
    run(["minimize", "--help"])
    assert any(len(line) > 150 for line in capsys.readouterr().out.splitlines())
