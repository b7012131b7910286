"""A script: what it prints, live and kept, compared with its sidecar."""

from __future__ import annotations

import pytest

from gradcli.diagnostics import Diagnostic, Source
from gradcli.explorer.running import scripts
from gradcli.explorer.running.samples import Options, Script
from gradcli.explorer.running.scripts import Printed, play
from gradcli.views.diagnostic import diagnostic_text

DEFAULT = Options()
PROGRAM = "import torch\nx = torch.ones(2)\nfor i in range(3):\n    print(i, x.sum())\n"


def played(text: str, expected: str | None = None, options: Options = DEFAULT) -> Printed:
    wanted = None if expected is None else Source("s.out", expected)
    return play(Script("s.py", Source("s.py", text), "s.out", wanted), options, lambda _: None)


def test_a_script_without_a_sidecar_passes_with_its_output():
    assert played(PROGRAM) == Printed("passed", "0 tensor(2.)\n1 tensor(2.)\n2 tensor(2.)\n")


def test_what_is_printed_is_shown_at_once():
    shown: list[str] = []
    script = Script("s.py", Source("s.py", "print(1)\nprint(2)\nassert False\n"))
    done = play(script, Options(), lambda _: None, shown.append)
    assert "".join(shown) == "1\n2\n"
    assert done.status == "failed"


def test_output_that_is_shown_need_not_be_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scripts, "LONGEST_OUTPUT", 100)
    script = Script("s.py", Source("s.py", "for i in range(100): print('abc')\n"))
    shown: list[str] = []
    assert play(script, Options(), lambda _: None, shown.append, keep=False) == Printed("passed", "")
    assert len("".join(shown)) == 400
    done = play(script, Options(), lambda _: None)
    assert done.status == "failed"
    assert done.fault is not None
    assert done.fault.code == "E616"


def test_output_as_in_the_sidecar_passes():
    assert played(PROGRAM, "0 tensor(2.)\n1 tensor(2.)\n2 tensor(2.)\n").status == "passed"


def test_a_difference_shows_both_lines_and_the_print():
    done = played(PROGRAM, "0 tensor(2.)\n1 tensor(3.)\n2 tensor(2.)\n")
    assert done.status == "failed"
    assert done.fault is not None
    assert diagnostic_text(done.fault) == (
        "error[E540]: the output differs from `s.out` in line 2\n"
        "  ┌ s.out:2:10\n"
        "2 │ 1 tensor(3.)\n"
        "  │          ^^ expected\n"
        "  ┌ s.py printed:2:10\n"
        "2 │ 1 tensor(2.)\n"
        "  │          -- printed\n"
        "  ┌ s.py:4:5\n"
        "4 │     print(i, x.sum())\n"
        "  │     ----------------- printed here\n"
        "  = help: if the new output is right, --accept writes it into the sidecar"
    )


def test_output_that_goes_on_shows_the_line_that_is_too_much():
    done = played(PROGRAM, "0 tensor(2.)\n1 tensor(2.)\n")
    assert done.fault is not None
    text = diagnostic_text(done.fault)
    assert "the output goes on after line 2, where `s.out` ends" in text
    assert "s.py printed:3:1" in text
    assert "printed here" in text


def test_output_that_ends_early_shows_the_line_that_is_missing():
    done = played(PROGRAM, "0 tensor(2.)\n1 tensor(2.)\n2 tensor(2.)\ndone\n")
    assert done.fault is not None
    assert "the output ends before line 4 of `s.out`" in diagnostic_text(done.fault)
    assert "s.out:4:1" in diagnostic_text(done.fault)


def test_tolerances_are_those_of_the_run():
    assert (
        played(PROGRAM, "0 tensor(2.1)\n1 tensor(2.)\n2 tensor(2.)\n", Options(atol=0.2)).status == "passed"
    )
    assert (
        played(PROGRAM, "0 tensor(2.00001)\n1 tensor(2.)\n2 tensor(2.)\n", Options(rtol=1e-9)).status
        == "failed"
    )


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("assert 1 > 2\n", "failed"),
        ("print(nothing)\n", "failed"),
        ("import torch\ntorch.ones(2, requires_grad=True).backward()\n", "failed"),
        ("x = = 3\n", "error"),
        ("import os\n", "failed"),
    ],
)
def test_a_script_that_fails_says_where(text: str, status: str):
    done = played(text)
    assert done.status == status
    assert done.fault is not None
    assert done.fault.span is not None


def test_warnings_are_reported():
    said: list[Diagnostic] = []
    text = "import torch\nx = torch.ones(2, requires_grad=True)\ny = x * 2\ny.grad\n"
    play(Script("s.py", Source("s.py", text)), Options(), said.append)
    assert [message.severity for message in said] == ["warning"]


def test_the_seed_of_the_run_is_that_of_a_script_without_one():
    text = "import torch\nprint(torch.rand(3))\n"
    assert played(text, options=Options(seed=3)) == played(text, options=Options(seed=3))
    assert played(text, options=Options(seed=3)) != played(text, options=Options(seed=4))
