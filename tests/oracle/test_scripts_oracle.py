"""Whole programs, run by us and by PyTorch: what they print is the same text.

The programs stand in tests/explorer/scripts/programs, with what PyTorch prints beside them;
GRADCLI_ACCEPT=1 writes that anew.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import warnings
from pathlib import Path

import pytest

from gradcli.diagnostics import GradcliError, Source
from gradcli.explorer.scripts.run import run_script

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

PROGRAMS = Path(__file__).parents[1] / "explorer" / "scripts" / "programs"
TITLE = re.compile(r"^### (.*)\n", re.MULTILINE)


def programs(path: Path) -> list[tuple[str, str]]:
    _, *parts = TITLE.split(path.read_text(encoding="utf-8"))
    return list(zip(parts[::2], parts[1::2], strict=True))


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


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=f"{path.stem}: {title}")
        for path in sorted(PROGRAMS.glob("*.txt"))
        for title, text in programs(path)
    ],
)
def test_a_program_prints_what_pytorch_prints(text: str):
    assert ours(text) == theirs(text)


@pytest.mark.parametrize("path", sorted(PROGRAMS.glob("*.txt")), ids=lambda path: path.stem)
def test_what_stands_beside_the_programs_is_what_pytorch_prints(path: Path):
    expected = path.with_suffix(".out")
    printed = "".join(f"### {title}\n{theirs(text)}" for title, text in programs(path))
    if os.environ.get("GRADCLI_ACCEPT"):
        expected.write_text(printed, encoding="utf-8")
    assert expected.read_text(encoding="utf-8") == printed
