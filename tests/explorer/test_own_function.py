"""`check` of a Python function and its hand-written gradient: nothing passes that nobody could judge."""

from __future__ import annotations

import json

import pytest

from gradcli.cli.app import run

CODE = """\
import sys
import numpy as np

def square(x): return (x**2).sum()
def dsquare(x): return 2*x
def nothing(x): pass
def imaginary(x): return (x + 1j).sum()
def logsumexp(x): return np.log(np.exp(x).sum())
def dlogsumexp(x): return np.exp(x) / np.exp(x).sum()
def logs(x): return np.log(x).sum()
def five(x): return np.full(x.shape, 5.0)
def nans(x): return np.full(x.shape, np.nan)
def ones(x): return np.ones_like(x)
def zeros(x): return 0 * x
def step(x): return float((x >= 1).sum())
def largest(x): return x.max()
def all_largest(x): return (x == x.max()) * 1.0
def share_of_largest(x): return (x == x.max()) / np.sum(x == x.max())
def roots(x): return np.sqrt(x).sum()
def droots(x): return 0.5 / np.sqrt(x)
def absolute(x): return np.abs(x).sum()
def rectified(x): return np.maximum(x, 0).sum()
def ends(x): sys.exit(0)
def double_in_place(x):
    x *= 2
    return x
def square_in_place(x):
    x **= 2
    return x.sum()
def linear(W, x): return (x @ W).sum() ** 2
def dlinear(W, x): return np.outer(2 * (x @ W).sum() * np.ones(W.shape[1]), x)
def scaled(x, scale=2.0): return scale * (x**2).sum()
def dscaled(x, scale=2.0): return 2 * scale * x
def dscaled_by_two(x): return 4 * x
def single(x): return float(np.sin(x.astype(np.float32)).sum())
def dsingle(x): return np.cos(x)
def slow(x): return sum((x**2).sum() for _ in range(20_000)) / 20_000
def talks(x):
    print("here I am")
    return (x**2).sum()
"""


@pytest.fixture
def checked(tmp_path, capsys, monkeypatch):
    """Runs a check of two functions; gives the exit code and what was printed."""
    (tmp_path / "code.py").write_text(CODE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def checked(function, gradient, *arguments):
        code = run(["check", f"code.py:{function}", "--grad", f"code.py:{gradient}", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return checked


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("functions", "x", "code", "words"),
    [
        (("logsumexp", "dlogsumexp"), "[1000,0]", 3, "gives inf here: nothing can be judged"),
        (("logsumexp", "dlogsumexp"), "[1,0]", 0, "every witness agrees"),
        (("square", "nans"), "[0,-1]", 1, "wrong"),
        (("step", "zeros"), "[0.5,1]", 3, "1 inconclusive"),
        (("largest", "all_largest"), "[3,3,1]", 1, "no subgradient: along the direction (1, 1)"),
        (("largest", "share_of_largest"), "[3,3,1]", 0, "2 kink"),
        (("roots", "droots"), "[0,2]", 0, "1 edge"),
        (("absolute", "zeros"), "zeros(60)", 1, "right at the bindings"),
        (("absolute", "five"), "zeros(60)", 1, "wrong"),
        (("single", "dsingle"), "[1.5,2.3]", 3, "seems to compute in float32"),
    ],
)
def test_the_verdict_is(checked, functions, x, code, words):
    found, out, _ = checked(*functions, "-v", f"x={x}")
    assert found == code
    assert words in " ".join(out.split())


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("function", "x"), [("logs", "[0,-1]"), ("roots", "[0]")])
def test_a_claim_beside_the_domain_is_no_edge(checked, function, x):
    _, out, _ = checked(function, "five", "-v", f"x={x}", "--json")
    assert "nobody can tell at the bindings" in out


def test_what_is_float32_is_known_to_fewer_digits(checked):
    assert checked("single", "dsingle", "-v", "x=[1.5,2.3]", "--rtol", "1e-3")[0] == 0


@pytest.mark.parametrize(
    ("function", "words"),
    [("nothing", "gives None, where a number belongs"), ("imaginary", "gives complex numbers")],
)
def test_what_gives_no_number_is_an_error(checked, function, words):
    code, _, said = checked(function, "dsquare", "-v", "x=[1,2]")
    assert code == 2
    assert words in said


def test_a_gradient_function_that_ends_the_program_is_an_error(checked):
    code, _, said = checked("square", "ends", "-v", "x=[1,2]")
    assert code == 2
    assert "raised SystemExit (line 23): 0" in said


def test_functions_get_copies_and_their_changes_are_said(checked):
    code, out, _ = checked("square_in_place", "double_in_place", "-v", "x=[1,2]")
    assert code == 0
    assert "code.py:square_in_place changes its argument `x` in place" in out
    assert "code.py:double_in_place changes its argument `x` in place" in out


def test_a_gradient_of_another_shape_is_wrong_and_its_slip_named(checked):
    code, out, _ = checked("linear", "dlinear", "-v", "W=[[1,2],[3,4],[5,6]]", "-c", "x=[1,2,3.]")
    assert code == 1
    assert "transposed: the shape is [2, 3] where [3, 2] belongs" in out


def test_a_constant_reaches_a_parameter_with_a_default(checked):
    assert checked("scaled", "dscaled", "-v", "x=[1,2]", "-c", "scale=3")[0] == 0
    assert checked("scaled", "dscaled_by_two", "-v", "x=[1,2]", "-c", "scale=3")[0] == 1
    assert checked("scaled", "dscaled_by_two", "-v", "x=[1,2]")[0] == 0


def test_a_constant_that_no_function_takes_is_an_error(checked):
    code, _, said = checked("scaled", "dscaled", "-v", "x=[1,2]", "-c", "scal=3")
    assert code == 2
    assert "did you mean `scale`?" in said


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--order", "2", "--order 2 is for expressions"),
        ("--wrt", "x", "--wrt is for expressions"),
        ("--grad-tensors", "2", "--grad-tensors is for expressions"),
        ("--against", "x = 2*x", "--against is for expressions"),
        ("--witness", "symbolic", "of a Python function fd and complex alone know anything"),
    ],
)
def test_what_a_python_function_does_not_have_is_refused(checked, option, value, words):
    code, _, said = checked("square", "dsquare", "-v", "x=[1,2]", option, value)
    assert code == 2
    assert words in said


def test_what_takes_too_long_is_inconclusive(checked):
    code, out, _ = checked("slow", "dsquare", "-v", "x=[1,2]", "--max-time", "0.01")
    assert code == 3
    assert "fd: it takes longer than 0.01 s" in out


def test_a_failure_at_a_random_point_is_made_simple_and_shown_with_its_command(checked):
    code, out, _ = checked("rectified", "ones", "-v", "x=[1,2]", "--points", "5")
    assert code == 1
    assert "reproduce: gradcli check code.py:rectified -v 'x=[-1.0, -1.0]' --grad code.py:ones" in out


def test_what_the_function_prints_is_no_part_of_the_json(checked):
    code, out, said = checked("talks", "dsquare", "-v", "x=[1,2]", "--json")
    assert code == 0
    assert json.loads(out)["verdict"] == "agrees"
    assert "here I am" in said
