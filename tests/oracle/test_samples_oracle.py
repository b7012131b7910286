"""Every sample program prints under PyTorch what stands beside it, and mistakes are told in its words."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

pytestmark = pytest.mark.oracle

SAMPLES = Path(__file__).parents[2] / "samples"
PROGRAMS = [pytest.param(path, id=str(path.relative_to(SAMPLES))) for path in sorted(SAMPLES.rglob("*.py"))]
ADDRESS = re.compile(r"\b0x[0-9a-f]+")
SECONDS = 120

REJECTED = Path(__file__).parents[1] / "rejected" / "scripts"
# What a script may not do, and the syntax that it may not have, is worded by us.
OUR_KINDS = ("import_", "walk_", "too_", "endless_", "eval_", "exec_", "reading_", "saving_")
WORDED_OTHERWISE = {
    "attribute_called": "a Size is not called torch.Size",
    "method_not_called": "a method of a tensor is called method, not builtin_function_or_method",
}
OURS = {
    "asynchronous", "colon_forgotten", "generator_function", "indentation", "module_of_a_module",
    "return_outside", "star_import",
}  # fmt: skip


def without_addresses(text: str) -> str:
    return ADDRESS.sub("0x", text)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_sample_prints_what_stands_beside_it(program: Path, tmp_path: Path):
    # A process of its own: seeds, default dtypes and hooks of one program stay away from the next.
    found = subprocess.run(
        [sys.executable, "-W", "ignore", program],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    expected = program.with_suffix(".out").read_text(encoding="utf-8")
    assert without_addresses(found.stdout) == without_addresses(expected)


def test_no_output_stands_without_its_program():
    assert {path.with_suffix(".py") for path in SAMPLES.rglob("*.out")} == set(SAMPLES.rglob("*.py"))


def test_there_are_programs():
    assert len(PROGRAMS) > 40


def named(script: Path):
    """A script as a case; those whose words still differ must go on to differ, or leave the list."""
    differs = script.stem in WORDED_OTHERWISE
    marks = pytest.mark.xfail(reason=WORDED_OTHERWISE[script.stem], strict=True) if differs else ()
    return pytest.param(script, id=script.stem, marks=marks)


def pytorchs_words(script: Path) -> str:
    """What PyTorch says where a script fails, on one line; nothing where it does not."""
    try:
        exec(compile(script.read_text(encoding="utf-8"), script.stem, "exec"), {"__name__": "__main__"})  # noqa: S102 - a script of this repository, which only its tests run
    except Exception as error:  # noqa: BLE001 - whatever it is, its words are compared
        return " ".join(str(error).split("\n"))
    return ""


@pytest.mark.parametrize("script", [named(path) for path in sorted(REJECTED.glob("*.txt"))])
@pytest.mark.filterwarnings("ignore")
def test_a_mistake_is_told_in_pytorchs_words(script: Path, capsys):
    if script.stem in OURS or script.stem.startswith(OUR_KINDS):
        pytest.skip("PyTorch runs it, or Python words it")
    words = pytorchs_words(script)
    capsys.readouterr()
    told = script.with_suffix(".out").read_text(encoding="utf-8")
    [line] = [line for line in told.splitlines() if line.startswith("error[")]
    assert line.partition(": ")[2].replace("\t", " ").split() == words.split()
