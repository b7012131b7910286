"""What shells make of `gradcli completion`: each types a line at a terminal and presses the key."""

from __future__ import annotations

import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE = 60  # seconds for a shell to answer, before the test gives up
BASH = """\
gradcli() { PYTHON -m gradcli "$@"; }
PS1=ready-; eval "$(gradcli completion bash)"
bind 'set enable-bracketed-paste off'; bind 'set bell-style none'
shown() { printf '%s' "$READLINE_LINE" > line.tmp; mv line.tmp line; }; bind -x '"\\C-o": shown'
"""
ZSH = """\
gradcli() { PYTHON -m gradcli "$@"; }
PS1=ready-; autoload -Uz compinit; compinit -D -u; eval "$(gradcli completion zsh)"
shown() { print -rn -- "$BUFFER" > line.tmp; mv line.tmp line }; zle -N shown; bindkey '^O' shown
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "data.npy").touch()
    (tmp_path / "model.py").write_text("def loss(w):\n    return w\n\n\ndef second(w):\n    return 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setenv("PYTHONUTF8", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def at_terminal(shell: str, setup: str, typed: str, folder: Path) -> str:
    """The line after the key was pressed behind what was typed."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (folder / "setup").write_text(setup.replace("PYTHON", shlex.quote(sys.executable)))
    bare = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[shell]
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(bare[0], bare, {**os.environ, "TERM": "dumb"})  # noqa: S606 - a shell at a terminal
    try:
        send(terminal, b". ./setup; : > begun\n")
        await_file(folder / "begun", terminal)
        send(terminal, f"{typed}\t\x0f".encode())
        await_file(folder / "line", terminal)
        return (folder / "line").read_text()
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def send(terminal: int, keys: bytes) -> None:
    os.write(terminal, keys)


def await_file(path: Path, terminal: int) -> None:
    """Reads what the shell shows, so that it never waits for room, until a file is there."""
    end = time.monotonic() + PATIENCE
    shown = b""
    while not path.exists():
        if select.select([terminal], [], [], 0.05)[0]:
            shown += os.read(terminal, 4096)
        if time.monotonic() > end:
            pytest.fail(f"the shell showed only {shown!r}")


LINES = [
    ("gradcli minim", "gradcli minimize "),
    ('gradcli eval "sum(tanhsh', 'gradcli eval "sum(tanhshrink'),
    ("gradcli eval 'sum(tanhsh", "gradcli eval 'sum(tanhshrink"),
    ("gradcli eval sum\\(tanhsh", "gradcli eval sum\\(tanhshrink"),
    ("gradcli check --witness sy", "gradcli check --witness symbolic"),
    ("gradcli check --witness fd,c", "gradcli check --witness fd,complex"),
    ("gradcli eval --dtype=float6", "gradcli eval --dtype=float64"),
    ("gradcli check --junit-xml dat", "gradcli check --junit-xml data.npy"),
    ("gradcli eval -v x=@dat", "gradcli eval -v x=@data.npy"),
    ("gradcli check model.py:lo", "gradcli check model.py:loss"),
]


@pytest.mark.parametrize(("typed", "expected"), LINES)
@pytest.mark.parametrize(("shell", "setup"), [("bash", BASH), ("zsh", ZSH)])
def test_a_line_goes_on_where_it_stands(shell, setup, typed, expected, folder):
    found = at_terminal(shell, setup, typed, folder)
    closed = found.rstrip(
        "\"' "
    )  # bash closes the quote of the only thing found, and after files stands a space
    assert closed == expected.rstrip()


def in_fish(typed: str, folder: Path) -> list[str]:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    (folder / "gradcli").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m gradcli "$@"\n')
    (folder / "gradcli").chmod(0o755)
    program = f"gradcli completion fish | source; complete -C {shlex.quote(typed)}"
    done = subprocess.run(
        ["fish", "--no-config", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
    )
    assert done.stderr == ""
    return [line.partition("\t")[0] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("gradcli minim", ["minimize"]),
        ('gradcli eval "tanhsh', ["tanhshrink"]),
        ('gradcli eval "sum(tanhsh', ["sum(tanhshrink"]),
        ('gradcli eval "2*tanhsh', ["2*tanhshrink"]),
        ("gradcli eval --dtype ", ["float64", "float32", "float16"]),
        ("gradcli eval --dtype=float6", ["--dtype=float64"]),
        ("gradcli check --witness sy", ["symbolic"]),
        ("gradcli check --junit-xml dat", ["data.npy"]),
        ("gradcli eval -v x=@dat", ["x=@data.npy"]),
        ("gradcli check model.py:lo", ["model.py:loss"]),
    ],
)
def test_fish_offers_what_may_stand_there_and_nothing_else(typed, expected, folder):
    assert sorted(in_fish(typed, folder)) == sorted(expected)


def test_fish_offers_commands_without_files(folder):
    found = in_fish("gradcli ", folder)
    assert "eval" in found
    assert "data.npy" not in found
