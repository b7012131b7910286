"""Each program of tests/rejected/why draws the explanation beside it, with its places.

A program is `<mistake>.txt`, what is told of it `<mistake>.out`. With GRADCLI_ACCEPT=1 they are written anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gradcli.diagnostics import Diagnostic, GradcliError, Source
from gradcli.explorer.scripts.run import run_script
from gradcli.views.diagnostic import diagnostic_text

REJECTED = Path(__file__).parents[1] / "rejected" / "why"
MISTAKES = sorted(path.stem for path in REJECTED.glob("*.txt"))


def told(text: str) -> str:
    """All that is told of a program: warnings, notes and the error that ends it."""
    found: list[Diagnostic] = []
    try:
        run_script(Source("program.py", text), lambda _: None, report=found.append)
    except GradcliError as error:
        found.append(error.diagnostic)
    return "".join(diagnostic_text(one) + "\n" for one in found)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_draws_the_explanation_beside_it(mistake: str):
    text = (REJECTED / f"{mistake}.txt").read_text(encoding="utf-8")
    expected = REJECTED / f"{mistake}.out"
    if os.environ.get("GRADCLI_ACCEPT"):
        expected.write_text(told(text), encoding="utf-8")
    assert told(text) == expected.read_text(encoding="utf-8")


def test_there_are_mistakes_to_look_at():
    assert len(MISTAKES) > 60


LOOP = """
import torch
w = torch.tensor(5.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.01)
for turn in range(20):
    {before}
    loss = (w - 3) ** 2
    loss.backward()
    {after}
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("optimizer.zero_grad()", "optimizer.step()"),
        ("optimizer.zero_grad(set_to_none=False)", "optimizer.step()"),
        ("w.grad = None", "w.data -= 0.1 * w.grad"),
        ("pass", "w.data -= 0.1 * w.grad; w.grad.zero_()"),
        ("pass", "w.data -= 0.1 * w.grad; w.grad.data.zero_()"),
        ("pass", "w.data -= 0.1 * w.grad; w.grad = torch.zeros_like(w)"),
        ("pass", "w.data -= 0.1 * w.grad; w.grad *= 0.9"),
        ("pass", "w.data -= 0.1 * w.grad; w.grad.data.mul_(0.9)"),
        ("if turn % 4 == 0: optimizer.zero_grad()", "if turn % 4 == 3: optimizer.step()"),
        ("pass", "print(w.grad)"),
        ("w.data.normal_()", "print(w.grad)"),
        ("w.data.uniform_()", "pass"),
        ("w = w.detach().requires_grad_()", "pass"),
    ],
)
def test_a_loop_that_takes_care_of_its_gradients_draws_no_note(before: str, after: str):
    assert told(LOOP.format(before=before, after=after)) == ""


def test_two_networks_that_train_against_each_other_draw_no_note():
    assert (
        told("""
import torch
from torch import nn
judge, maker = nn.Linear(1, 1), nn.Linear(1, 1)
of_judge = torch.optim.SGD(judge.parameters(), lr=0.01)
of_maker = torch.optim.SGD(maker.parameters(), lr=0.01)
for turn in range(20):
    noise = torch.randn(4, 1)
    of_judge.zero_grad()
    (judge(maker(noise).detach()).mean() - judge(noise).mean()).backward()
    of_judge.step()
    of_maker.zero_grad()
    (-judge(maker(noise)).mean()).backward()
    of_maker.step()
""")
        == ""
    )


def test_a_note_changes_nothing_that_is_printed():
    printed: list[str] = []
    notes: list[Diagnostic] = []
    text = LOOP.format(before="print(turn)", after="optimizer.step()")
    run_script(Source("program.py", text), printed.append, report=notes.append)
    assert "".join(printed) == "".join(f"{turn}\n" for turn in range(20))
    assert [note.code for note in notes] == ["N401"]


def test_an_error_that_the_program_catches_keeps_the_words_of_pytorch():
    printed: list[str] = []
    text = """
import torch
x = torch.ones(2)
try:
    x.sum().backward()
except RuntimeError as error:
    print(error)
"""
    run_script(Source("program.py", text), printed.append)
    assert "".join(printed) == "element 0 of tensors does not require grad and does not have a grad_fn\n"


def test_a_program_prints_once_though_it_runs_twice():
    printed: list[str] = []
    text = "import torch\nprint('once')\ntorch.ones(2).sum().backward()\n"
    with pytest.raises(GradcliError):
        run_script(Source("program.py", text), printed.append)
    assert "".join(printed) == "once\n"
