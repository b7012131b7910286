"""Every sample program prints under PyTorch what stands beside it, to the character but for addresses."""

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
