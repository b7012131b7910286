"""A loop that a plan runs prints, warns and fails as one that the engine runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError, Source
from gradcli.explorer.scripts import hot_loop
from gradcli.explorer.scripts.host import ScriptHost
from gradcli.explorer.scripts.run import run_script
from gradcli.language import Limits
from gradcli.language.compiling import long_loops
from gradcli.views.diagnostic import diagnostic_text

HERE = Path(__file__).parent
SAMPLES = HERE.parents[2] / "samples"
DEFAULT = Limits()
TITLE = re.compile(r"^### (.*)\n", re.MULTILINE)


class Run(NamedTuple):
    """What came of a script: what it printed, its error and its notes."""

    printed: str
    error: str
    notes: list[str]


def run(text: str, limits: Limits = DEFAULT) -> Run:
    printed: list[str] = []
    notes: list[str] = []
    error = ""
    try:
        run_script(
            Source("<test>", text),
            printed.append,
            limits=limits,
            report=lambda note: notes.append(diagnostic_text(note)),
        )
    except GradcliError as fault:
        error = diagnostic_text(fault.diagnostic)
    return Run("".join(printed), error, notes)


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch):
    """Runs a script with its loops planned from the first turns on, and without; returns the turns planned.

    Both runs must show the same.
    """
    counts: list[int] = []
    by_plan = hot_loop.HotLoop._by_plan

    def counted(loop, at, proof):
        done = by_plan(loop, at, proof)
        counts.append(done)
        return done

    def compare(text: str, limits: Limits = DEFAULT) -> int:
        counts.clear()
        with monkeypatch.context() as patch:
            patch.setattr(long_loops, "LONG", 4)
            for name, value in (("FIRST", 2), ("AGAIN", 2), ("LEFT", 1), ("AHEAD", 2)):
                patch.setattr(hot_loop, name, value)
            patch.setattr(hot_loop.HotLoop, "_by_plan", counted)
            found = run(text, limits)
        with monkeypatch.context() as patch:
            patch.delattr(ScriptHost, "hot_loop")
            assert found == run(text, limits)
        return sum(counts)

    return compare


def scripts(name: str) -> list:
    _, *found = TITLE.split((HERE / "loops" / f"{name}.txt").read_text(encoding="utf-8"))
    return [pytest.param(text, id=title) for title, text in zip(found[::2], found[1::2], strict=True)]


@pytest.mark.parametrize("text", scripts("planned"))
def test_turns_that_are_alike_are_planned(planned, text: str):
    assert planned(text) > 5


@pytest.mark.parametrize("text", scripts("alone"))
def test_turns_that_differ_are_left_alone(planned, text: str):
    assert planned(text) == 0


@pytest.mark.parametrize("text", scripts("same"))
def test_loops_are_the_same_whether_they_are_planned_or_not(planned, text: str):
    planned(text)


@pytest.mark.parametrize(
    "path",
    [*sorted(SAMPLES.glob("*/*.py")), *sorted((HERE / "programs").glob("*.txt"))],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_samples_and_programs_are_the_same(planned, path: Path):
    text = path.read_text(encoding="utf-8")
    for part in [text] if path.suffix == ".py" else TITLE.split(text)[2::2]:
        planned(part)


LIMITED = """
import torch
w = torch.ones(2)
for t in range(400):
    w = w * 0.99 + 0.01
    print(t)
"""


@pytest.mark.parametrize("steps", [57, 58, 150, 151, 152, 153])
def test_the_budget_ends_a_loop_at_the_same_turn(planned, steps: int):
    assert planned(LIMITED, Limits(steps=steps)) > 5


UPDATES = (
    "a = a * 0.9 + b.sum() * 0.01", "b = torch.tanh(b @ m) + a", "m.mul_(0.99)", "b[0] = b[1] * 0.5",
    "c = a.detach().clone()", "a, c = c, a", "m[0] += 0.01", "last = b", "a = a + last.mean()",
    "w.grad = None", "(w * a).pow(2).sum().backward()", "opt.step()", "opt.zero_grad()",
    "with torch.no_grad():\n        w.sub_(0.01 * (0 if w.grad is None else w.grad))",
    "value = b.sum().item()", "values.append(a.mean().item())", "print(t, a.sum().item())",
    "if t % 7 == 3:\n        print(a, b, w, w.grad, w._version)", "if t == 23:\n        m = m * 0.5",
    "if t % 11 == 5:\n        values = []", "if value > 1.5:\n        break", "count += 1",
)  # fmt: skip


def a_loop(seed: int) -> str:
    draw = np.random.default_rng(seed)
    body = draw.choice(UPDATES, draw.integers(2, 8), replace=False)
    return "\n".join([
        "import torch",
        f"torch.manual_seed({seed})",
        "a, b, c, m = torch.randn(3), torch.randn(3), torch.zeros(3), torch.randn(3, 3) * 0.3",
        "w = torch.randn(3, requires_grad=True)",
        f"opt = torch.optim.{draw.choice(['SGD([w], lr=0.01, momentum=0.5)', 'Adam([w], lr=0.01)'])}",
        "last, value, values, count = b, 0.0, [], 0",
        "for t in range(48):",
        *(f"    {line}" for line in body),
        "print(t, a.tolist(), b.tolist(), c.tolist(), m.tolist(), w.tolist(), w.grad, w._version)",
        "print(last, value, values, count, opt.state_dict())",
    ])  # fmt: skip


@pytest.mark.parametrize("seeds", [range(start, start + 40) for start in range(0, 200, 40)], ids=str)
def test_loops_of_any_statements_are_the_same(planned, seeds: range):
    assert sum(planned(a_loop(seed)) for seed in seeds) > 40
