"""The README's console blocks are run, and its output is what comes out."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"```console\n\$ (.*?)\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


def run(arguments: list[str]) -> str:
    """What a command prints, results and messages together, on a page 100 columns wide."""
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, check=False
    )
    return done.stdout


def shown(command: str) -> str:
    """What the command of a console block prints."""
    program, *arguments = shlex.split(command)
    assert program == "gradcli"
    return run([sys.executable, "-m", "gradcli", *arguments])


@pytest.mark.parametrize(("command", "expected"), BLOCKS, ids=[command[:60] for command, _ in BLOCKS])
def test_a_console_block_prints_what_the_readme_shows(command: str, expected: str) -> None:
    printed = [line.rstrip() for line in shown(command).splitlines()]
    assert printed == [line.rstrip() for line in expected.splitlines()]


@pytest.mark.parametrize("program", PYTHON)
def test_a_python_block_prints_what_its_comments_say(program: str) -> None:
    expected = re.findall(r"^# (.*)$", program, flags=re.MULTILINE)
    assert expected
    assert run([sys.executable, "-c", program]).splitlines() == expected


def test_the_first_block_is_the_first_thing_after_one_sentence() -> None:
    text = README.read_text(encoding="utf-8")
    assert re.match(r"# gradcli\n\n[^\n]+\.\n\n```console\n\$ gradcli eval", text)
