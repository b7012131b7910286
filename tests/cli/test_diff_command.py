"""`gradcli diff` as a command: the table, JSON, programs that run, errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gradcli.cli.app import run

LEAST_SQUARES = ("sum((A@x-b)**2)", "-v", "x=[1.,2]", "-c", "A=[[1.,2],[3,4],[5,7]]", "-c", "b=[1.,2,3]")


def _out(capsys, *arguments):
    assert run(["diff", *arguments]) == 0
    return capsys.readouterr().out


def test_the_formula_stands_in_a_table_with_its_names(capsys):
    text = _out(capsys, "mean(3*(x+2)**2)")
    assert text == (
        "mean(3*(x+2)**2)\n"
        "╭──────────┬────────┬─────────────╮\n"
        "│ variable │ shape  │ gradient    │\n"
        "├──────────┼────────┼─────────────┤\n"
        "│ x        │ [2, 2] │ 6*(x + 2)/n │\n"
        "╰──────────┴────────┴─────────────╯\n"
        "where\n"
        "╭──────┬───────────╮\n"
        "│ name │ is        │\n"
        "├──────┼───────────┤\n"
        "│ n    │ x.numel() │\n"
        "╰──────┴───────────╯\n"
        "compared with autograd at the point and at 3 near it: the same numbers\n"
        "x is not bound: ones(2, 2) by default; -v x=... binds it\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (LEAST_SQUARES, "│ x        │ [2]   │ 2*A.T @ (A @ x - b) │"),
        ((*LEAST_SQUARES, "--order", "2"), "│ x, x     │ [2, 2] │ 2*A.T @ A │"),
        (("max(x)", "-v", "x=[1.,3]"), "holds where amax(x) is attained once"),
        (("log(det(X))", "-v", "X=[[3.,1],[1,2]]", "--order", "2"), "Hessian @ v"),
        (("sum(exp(x)*y)", "--order", "2"), "derivatives for two different elements are zero"),
        (("quantile(x, 0.3)", "-v", "x=[1.,2,5]"), "is gradcli's own operation, which no program can call: "),
        (("sum(x*y)", "-v", "x=[1.,2]", "-v", "y=[3.,4]", "--wrt", "y"), "│ y        │ [2]   │ x        │"),
    ],
)
def test_what_is_shown(capsys, arguments, words):
    assert words in _out(capsys, *arguments)


def test_a_root_that_is_no_scalar_is_weighed_by_the_gradient_that_is_given(capsys):
    layer = ("tanh(W@x)", "-v", "x=[1.,2]", "-c", "W=[[1.,2],[3,4],[5,6]]", "-c", "g=[1.,2,3]")
    assert "W.T @ (g*(1 - tanh(W @ x)**2))" in _out(capsys, *layer, "--grad-tensors", "g")
    two = ("x*2", "sum(x**2)", "-v", "x=[1.,2]", "--grad-tensors", "[1,2]", "--grad-tensors", "None")
    assert "2*(x + tensor([1, 2]))" in _out(capsys, *two)


def test_a_gradient_has_the_shape_of_its_root(capsys):
    assert run(["diff", "x*2", "-v", "x=[1.,2]", "--grad-tensors", "[1,2,3]"]) == 2
    assert "Mismatch in shape: grad_output[0] has a shape of torch.Size([3])" in capsys.readouterr().err


def test_a_point_where_the_textbook_form_has_no_value_gets_the_backward_pass(capsys):
    text = _out(capsys, "det(x)", "-v", "x=ones(2,2)")
    assert "cofactor(x)" in text
    assert "the backward pass as it ran" in text


def test_a_number_is_sorted_along_no_dim(capsys):
    assert "put_along" in _out(capsys, "sort(x)[0].sum()", "-v", "x=2.5")


def test_json_has_a_schema(capsys):
    report = json.loads(_out(capsys, "mean(3*(x+2)**2)", "-v", "x=[1.,2]", "--json", "--emit", "gradcli"))
    assert report["schema"] == "gradcli.diff/1"
    assert report["derivatives"] == [
        {
            "variables": ["x"],
            "kind": "gradient",
            "direction": None,
            "shape": [2],
            "formula": "6*(x + 2)/n",
            "where": {"n": "x.numel()"},
            "program": "n = x.numel(); 6*(x + 2)/n",
            "named": [],
            "simplified": True,
        }
    ]
    assert report["program"] == "n = x.numel(); 6*(x + 2)/n\n"
    assert report["points"] == 4


def test_what_is_emitted_is_what_eval_accepts(capsys):
    program = _out(capsys, *LEAST_SQUARES, "--emit", "gradcli")
    assert run(["eval", program, *LEAST_SQUARES[1:], "--json", "--no-backward"]) == 0
    found = json.loads(capsys.readouterr().out)["roots"][0]["value"]
    assert run(["eval", *LEAST_SQUARES, "--json"]) == 0
    assert found == pytest.approx(json.loads(capsys.readouterr().out)["gradients"][0]["grad"])


def test_a_program_with_a_test_runs(capsys, tmp_path):
    path = tmp_path / "least_squares.py"
    path.write_text(_out(capsys, *LEAST_SQUARES, "--emit", "numpy", "--with-test"), encoding="utf-8")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("gradient for x: as differences of the value say, to ")


def test_a_program_without_a_test_is_two_functions(capsys):
    assert _out(capsys, "mean(3*(x+2)**2)", "-v", "x=[1.,2]", "--emit", "numpy") == (
        '"""mean(3*(x+2)**2) and its gradient."""\n\n'
        "import numpy as np\n\n\n"
        "def value(x):\n"
        '    """The value."""\n'
        "    return 3*np.mean((x + 2)**2)\n\n\n"
        "def gradient(x):\n"
        '    """The gradient for x."""\n'
        "    n = x.size\n"
        "    return 6*(x + 2)/n\n"
    )


def test_latex_is_an_aligned_environment(capsys):
    assert _out(capsys, *LEAST_SQUARES, "--emit", "latex") == (
        "\\begin{aligned}\n"
        "f &= \\mathrm{sum}((A\\,x-b)^{2}) \\\\\n"
        "\\nabla_{x} f &= 2\\,A{}^{\\top} \\, (A \\, x - b)\n"
        "\\end{aligned}\n"
    )


REJECTED = sorted((Path(__file__).parents[1] / "rejected" / "diff").glob("*.txt"))


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: path.stem)
def test_an_error_says_what_to_write_instead(capsys, path):
    arguments = path.read_text(encoding="utf-8").splitlines()
    assert run(["diff", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.err == path.with_suffix(".out").read_text(encoding="utf-8")
    assert shown.out == ""


def test_what_a_bare_formula_rests_on_is_said_beside_it(capsys):
    assert run(["diff", "max(x)", "-v", "x=[1.,3]", "--emit", "gradcli"]) == 0
    shown = capsys.readouterr()
    assert shown.out.strip() == "where(x == amax(x), 1.0, 0.0)"
    assert "the formula holds where amax(x) is attained once" in shown.err


def test_a_variable_that_backward_does_not_reach_is_told(capsys):
    assert run(["diff", "sum(x.detach())*y + z - z", "-v", "x=[1.,2]", "-v", "y=3", "-v", "z=1"]) == 0
    assert "no derivative leads from the value to x: the gradient is zero" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [("sum(F.max_pool1d(x,2))", "x=[[[1,3,2,4]]]"), ("sum(sort(x)[0]*x)", "x=[3.,1,2]")]
)
def test_what_no_program_can_call_is_said_to_be_gradclis_own_and_shows_no_object(capsys, arguments):
    expression, binding = arguments
    assert run(["diff", expression, "-v", binding]) == 0
    out = capsys.readouterr().out
    assert "is gradcli's own operation, which no program can call: Zeros" in out
    assert "Tap(" not in out
    assert "appear" not in out


def test_a_language_without_an_operation_of_gradclis_own_is_told_what_it_does(capsys):
    assert run(["diff", "sum(F.max_pool1d(x,2))", "-v", "x=[[[1,3,2,4]]]", "--emit", "torch"]) == 2
    assert (
        "max_pool is gradcli's own operation, which no program can call: Largest" in capsys.readouterr().err
    )
