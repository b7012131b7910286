"""`gradcli completion`: what shells are told, and what bash makes of it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys

import pytest

from gradcli.cli.app import COMMANDS, run
from gradcli.cli.completion import completions


def in_bash(*words: str) -> list[str]:
    """What bash offers for the last of the words, by the function that it was given."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    program = f"""
        gradcli() {{ {shlex.quote(sys.executable)} -m gradcli "$@"; }}
        eval "$(gradcli completion bash)"
        complete -p gradcli
        COMP_WORDS=(gradcli {shlex.join(words)}); COMP_CWORD={len(words)}
        _gradcli gradcli {shlex.quote(words[-1])} {shlex.quote(words[-2] if len(words) > 1 else "gradcli")}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    registered, *found = done.stdout.splitlines()
    assert registered == "complete -F _gradcli gradcli"
    assert done.stderr == ""
    return found


def test_bash_completes_commands_options_operations_and_expressions():
    assert in_bash("minim") == ["minimize"]
    assert in_bash("plot", "--ov") == ["--over"]
    assert in_bash("ops", "softpl") == ["softplus"]
    assert in_bash("eval", "mean(3*softpl") == ["mean(3*softplus"]


def test_every_command_is_offered():
    assert list(completions([""])) == [*COMMANDS, "--help", "--version"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["gr"], ["graph"]),
        (["graph", "--form"], ["--format"]),
        (["graph", "x", "--format", "s"], ["svg"]),
        (["explain", "--lang", ""], ["en", "zh"]),
        (["explain", "--lang", "=", "z"], ["zh"]),
        (["ops", "relu"], ["relu", "relu6"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["eval", "F.cross"], ["F.cross_entropy"]),
        (["eval", "x.softm"], ["x.softmax"]),
        (["eval", "x.T.softm"], ["x.T.softmax"]),
        (["eval", "-v", "alpha=2", "3*alpha"], ["3*alpha", "3*alpha_dropout"]),
        (["eval", "-v", '"alpha_2=[2]"', "alpha_2"], ["alpha_2"]),
        (["run", "samples"], []),
        (["eval", "@fi"], []),
        (["eval", ""], []),
        (["nothing", "x"], []),
    ],
)
def test_a_word_becomes_what_may_stand_there(words, expected):
    assert list(completions(words)) == expected


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "completion"])
def test_every_option_of_a_command_is_offered(capsys, command):
    assert run([command, "--help"]) == 0
    shown = capsys.readouterr().out
    found = list(completions([command, "--"]))
    assert "--help" in found
    assert all(option in shown for option in found)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_asks_for_words(capsys, shell):
    assert run(["completion", shell]) == 0
    assert "gradcli completion --for -- " in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["powershell"], ["bash", "zsh"]])
def test_another_shell_is_bad_input(capsys, arguments):
    assert run(["completion", *arguments]) == 2
    assert "name a shell: bash, zsh, fish" in capsys.readouterr().err
