"""A case passes if it gives what it expects, and says why if it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcli.diagnostics import Diagnostic, Source
from gradcli.explorer.running import checking
from gradcli.explorer.running.casefile import load_cases
from gradcli.explorer.running.judging import Finding, judge
from gradcli.explorer.running.samples import Options
from gradcli.views.diagnostic import diagnostic_text

DEFAULT = Options()
HEAD = '[[case]]\nname = "it"\n'


def finding(body: str, name: str = "cases.toml", options: Options = DEFAULT) -> Finding:
    (case,) = load_cases(name, Source(name, HEAD + body), options)
    return judge(case)


PASSING = {
    "a number for all elements": 'expr = "x*2"\nvars.x = "[1, 1]"\ngrad_tensors = [1, 1]\nexpect.value = 2',
    "numbers of TOML": "expr = 'sum(x**2)'\nvars.x = [[1, 2], [3, 4]]\nexpect.grad.x = [[2, 4], [6, 8]]",
    "a formula of its names": 'expr = "sum(k*x**2)"\nvars.x = [1, 2]\nconsts.k = 3\nexpect.grad.x = "2*k*x"',
    "a name left to the default": 'expr = "sum(x**2)"\ndefault = "full((2,), 3.)"\nexpect.grad.x = "2*x"',
    "values per root": 'expr = ["sum(x)", "x.mean()"]\nvars.x = [1, 3]\nexpect.value = [4, "2"]',
    "no gradient": 'expr = "sum(x)"\nvars.x = [1]\nvars.w = 2\nexpect.grad.w = "None"',
    "nan and inf": 'expr = "log(x)"\nvars.x = [0, -1]\ngrad_tensors = [1, 1]\nexpect.value = [-inf, nan]',
    "an error": 'expr = "x*2"\nvars.x = [1, 2]\nexpect.error = "only for scalar outputs"',
    "a tolerance": 'expr = "x*2"\nvars.x = 1\nexpect.value = 2.1\natol = 0.2',
    "float32 by its own tolerance": 'expr = "x/3"\ndtype = "float32"\nvars.x = 1\nexpect.value = 0.33333333',
    "whole numbers": 'expr = "argmax(x)"\nconsts.x = [1, 5]\nexpect.value = 1',
    "one name of two": 'expr = "sum(x*y)"\nvars.x = 2\nvars.y = 3\nwrt = "y"\nexpect.grad.y = 2',
    "the same random numbers": 'expr = "sum(x)"\nseed = 4\nvars.x = "randn(3)"\nexpect.value = "sum(x)"',
    "two passes": 'expr = "sum(x**2)"\nvars.x = 3\npasses = 2\nretain_graph = true\nexpect.grad.x = 12',
}


@pytest.mark.parametrize("body", PASSING.values(), ids=PASSING)
def test_a_case_that_gives_what_it_expects_passes(body: str):
    assert finding(body) == Finding("passed", finding(body).messages)


FAILING = {
    'expr = "sum(x)"\nvars.x = [1, 2]\nexpect.value = 4': (
        "error[E541]: the value is 3, not 4\n"
        "  ┌ cases.toml:5:16\n"
        "5 │ expect.value = 4\n"
        "  │                ^\n"
        "  = note: the tolerance is 1e-09 + 1e-06·|expected|"
    ),
    'expr = "sum(x**2)"\nvars.x = [1, 2, 3]\nexpect.grad.x = "x + [1, 2, 0]"': (
        "error[E541]: the gradient of `x` is 6 at [2], not 3, the first of 1 different elements\n"
        "  ┌ cases.toml:5:17\n"
        '5 │ expect.grad.x = "x + [1, 2, 0]"\n'
        "  │                 ^^^^^^^^^^^^^^^\n"
        "  = note: it is [2, 4, 6]\n"
        "  = note: expected is [2, 4, 3]\n"
        "  = note: the tolerance is 1e-09 + 1e-06·|expected|"
    ),
    'expr = "x*2"\nvars.x = [[1, 2]]\ngrad_tensors = "ones(1, 2)"\nexpect.value = [2, 4]': (
        "error[E541]: the value has shape [1, 2], and [2] is expected\n"
        "  ┌ cases.toml:6:16\n"
        "6 │ expect.value = [2, 4]\n"
        "  │                ^^^^^^\n"
        "  = note: it is [2, 4] of shape [1, 2]"
    ),
    'expr = "sum(x)"\nvars.x = 1\nexpect.grad.y = 1': (
        "error[E541]: there is no gradient for `y`\n"
        "  ┌ cases.toml:5:17\n"
        "5 │ expect.grad.y = 1\n"
        "  │                 ^\n"
        "  = help: there are gradients for: x"
    ),
    'expr = "sum(x)"\nvars.x = 1\nvars.w = 1\nexpect.grad.w = 1': (
        "error[E541]: the gradient of `w` is None: no root depends on it\n"
        "  ┌ cases.toml:6:17\n"
        "6 │ expect.grad.w = 1\n"
        "  │                 ^"
    ),
    'expr = "sum(x)"\nvars.x = 1\nexpect.error = "freed"': (
        "error[E542]: an error is expected, and there is none\n"
        "  ┌ cases.toml:5:16\n"
        '5 │ expect.error = "freed"\n'
        "  │                ^^^^^^^ nothing of the kind"
    ),
    'expr = """\ny = x + sine(x)\ny"""\nvars.x = 1\nexpect.value = 1': (
        "error[E201]: no function is called `sine`\n"
        "  ┌ cases.toml:4:9\n"
        "4 │ y = x + sine(x)\n"
        "  │         ^^^^ did you mean `sin`?\n"
        "  = help: `gradcli ops` lists every function"
    ),
    'expr = "x*2"\nvars.x = "[1, two]"\nexpect.value = 1': (
        "error[E201]: nothing is called `two`\n"
        "  ┌ cases.toml:4:15\n"
        '4 │ vars.x = "[1, two]"\n'
        "  │               ^^^\n"
        "  = help: `gradcli ops` lists every function"
    ),
}


@pytest.mark.parametrize(("body", "text"), FAILING.items())
def test_a_case_that_fails_says_what_and_where(body: str, text: str):
    found = finding(body)
    assert found.status == "failed"
    assert diagnostic_text(found.messages[-1]) == text


def test_another_error_than_expected_shows_both():
    found = finding('expr = "x*2"\nvars.x = [1, 2]\nexpect.error = "freed"')
    assert [message.code for message in found.messages] == ["E543", "E401"]


def test_a_hint_speaks_of_keys_not_of_options():
    found = finding('expr = "sum(x**2)"\nvars.x = 1\npasses = 2\nexpect.grad.x = 4')
    assert "add retain_graph = true" in found.messages[-1].help


def test_the_place_of_a_default_is_where_the_default_stands():
    text = '[defaults]\nexpr = "sum(xx"\n\n[[case]]\nname = "it"\nexpect.value = 1\n'
    (case,) = load_cases("c.toml", Source("c.toml", text), Options())
    found = judge(case)
    assert found.status == "error"
    assert "c.toml:2:" in diagnostic_text(found.messages[-1])


def test_defaults_and_a_case_are_taken_together_name_by_name():
    text = (
        '[defaults]\nexpr = "sum(x*y)"\nvars = {x = 2, y = 3}\n'
        '[[case]]\nname = "as it stands"\nexpect.value = 6\n'
        '[[case]]\nname = "with another y"\nvars.y = 4\nexpect.value = 8\n'
    )
    assert [judge(case).status for case in load_cases("c.toml", Source("c.toml", text), Options())] == [
        "passed"
    ] * 2


def test_options_of_the_command_line_win_over_a_file_but_for_its_seed():
    options = Options(rtol=0.5, seed=9)
    body = 'expr = "x"\nvars.x = 1\nrtol = 0\nseed = 4\nexpect.value = 1.4'
    (case,) = load_cases("c.toml", Source("c.toml", HEAD + body), options)
    assert (case.rtol, case.request.seed) == (0.5, 4)
    assert judge(case).status == "passed"


def test_data_stands_beside_the_case_file(tmp_path: Path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "x.csv").write_text("1,2,3\n")
    name = str(tmp_path / "cases.toml")
    assert finding('expr = "sum(x)"\nvars.x = "@below/x.csv"\nexpect.value = 6', name).status == "passed"
    missing = finding('expr = "sum(x)"\nvars.x = "@nothing.csv"\nexpect.value = 6', name)
    assert missing.status == "error"
    assert "nothing.csv" in missing.messages[-1].message
    assert missing.messages[-1].span.source.line_column(missing.messages[-1].span.start)[0] == 4


def test_a_case_that_asks_for_a_check_gets_its_verdict(monkeypatch: pytest.MonkeyPatch):
    body = 'expr = "sum(x**2)"\nvars.x = 1\ncheck = true'
    wrong = Diagnostic("E700", "the gradient is wrong")
    monkeypatch.setattr(checking, "check_case", lambda case: checking.Verdict("failed", wrong))
    assert finding(body).status == "failed"
    assert finding(body).messages[-1].message == "the gradient is wrong"
    monkeypatch.setattr(checking, "check_case", lambda case: checking.Verdict("passed"))
    assert finding(body) == Finding("passed", ())


def test_what_is_expected_comes_before_the_check(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checking, "check_case", lambda case: checking.Verdict("passed"))
    assert finding('expr = "sum(x**2)"\nvars.x = 1\ncheck = true\nexpect.value = 3').status == "failed"
