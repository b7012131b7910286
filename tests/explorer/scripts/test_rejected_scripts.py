"""Each script of tests/rejected/scripts draws what stands beside it: its warnings, then its error.

A script is `<mistake>.txt`, what is told of it `<mistake>.out`. With GRADCLI_ACCEPT=1 it is written anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gradcli.diagnostics import GradcliError, Source
from gradcli.explorer.scripts.run import run_script
from gradcli.language import Limits
from gradcli.views.diagnostic import diagnostic_text

REJECTED = Path(__file__).parents[2] / "rejected" / "scripts"
MISTAKES = sorted(path.stem for path in REJECTED.glob("*.txt"))
LIMITS = Limits(steps=10_000)  # an endless loop need not turn long


def told(mistake: str) -> str:
    """What a user is told of a script, as a terminal without colour shows it."""
    text = (REJECTED / f"{mistake}.txt").read_text(encoding="utf-8")
    found = []
    with pytest.raises(GradcliError) as caught:
        run_script(Source(f"{mistake}.py", text), lambda _: None, limits=LIMITS, report=found.append)
    return "\n".join(map(diagnostic_text, [*found, caught.value.diagnostic])) + "\n"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_draws_what_stands_beside_it(mistake):
    expected = REJECTED / f"{mistake}.out"
    if os.environ.get("GRADCLI_ACCEPT"):
        expected.write_text(told(mistake), encoding="utf-8")
    assert told(mistake) == expected.read_text(encoding="utf-8")


def test_there_are_mistakes_to_look_at():
    assert len(MISTAKES) > 80
