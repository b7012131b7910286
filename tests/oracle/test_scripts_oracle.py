"""Whole programs, run by us and by PyTorch: what they print is the same text."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from pathlib import Path

import pytest

from gradcli.diagnostics import GradcliError, Source
from gradcli.explorer.scripts.run import run_script

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

TITLE = re.compile(r"^### (.*)\n", re.MULTILINE)


def programs() -> list[pytest.param]:
    found = []
    for path in sorted(Path(__file__).with_name("scripts").glob("*.txt")):
        _, *parts = TITLE.split(path.read_text())
        pairs = zip(parts[::2], parts[1::2], strict=True)
        found += [pytest.param(text, id=f"{path.stem}: {title}") for title, text in pairs]
    return found


def theirs(text: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings(), torch.random.fork_rng():
        warnings.simplefilter("ignore")
        try:
            exec(compile(text, "program", "exec"), {"__name__": "__main__"})  # noqa: S102 - a program of ours
        except Exception as error:  # noqa: BLE001 - whichever it is, ours must be the same
            printed.write(f"{error}\n")
    return printed.getvalue()


def ours(text: str) -> str:
    printed = io.StringIO()
    try:
        run_script(Source("program", text), printed.write)
    except GradcliError as error:
        printed.write(f"{error}\n")
    return printed.getvalue()


@pytest.mark.parametrize("text", programs())
def test_a_program_prints_what_pytorch_prints(text: str):
    assert ours(text) == theirs(text)
