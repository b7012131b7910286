"""Gradients of textbook expressions, as the formulas that books give for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcli.explorer.diff.answer import DiffRequest, explore_diff
from gradcli.explorer.request import EvalRequest

# Blocks: an expression, its bindings, and for each variable the program that `gradcli eval` computes.
BLOCKS = Path(__file__).with_name("textbook.txt").read_text(encoding="utf-8").split("\n\n")


def _block(text):
    expression, *lines = text.strip().split("\n")
    variables = [line.removeprefix("  -v ") for line in lines if line.startswith("  -v ")]
    constants = [line.removeprefix("  -c ") for line in lines if line.startswith("  -c ")]
    return expression, variables, constants, [line.strip() for line in lines if line.startswith("    ")]


def _programs(expression, variables, constants):
    request = EvalRequest((expression,), tuple(variables), tuple(constants))
    report = explore_diff(request, DiffRequest(), lambda _: None)
    assert all(one.simplified for one in report.derivatives)
    assert report.points == 4
    return [one.program for one in report.derivatives]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.strip().partition("\n")[0])
def test_the_formula_is_that_of_the_books(block):
    expression, variables, constants, programs = _block(block)
    assert _programs(expression, variables, constants) == programs


@pytest.mark.parametrize("value", ["2", "[1.,2,3]", "[[1.,2],[3,4]]", "randn(2,3,4)"])
def test_a_mean_has_one_formula_for_every_shape(value):
    assert _programs("mean(3*(x+2)**2)", [f"x={value}"], []) == (
        ["n = x.numel(); 6*(x + 2)/n"] if value != "2" else ["6*(x + 2)"]
    )


def test_two_counts_have_two_names():
    (program,) = _programs("mean(sum(x**2, 0)) / x.shape[0] + mean(x**3)", ["x=[[1.,2,3],[4,5,7]]"], [])
    assert program == "n = x.shape[1]; m = x.numel(); x/n + 3*x**2/m"


def test_a_count_of_what_was_reshaped_is_told_by_the_leaf():
    (program,) = _programs("mean(x.T.reshape(-1)**2)", ["x=[[1.,2,3],[4,5,7]]"], [])
    assert program.startswith("n = x.numel(); ")


def test_a_count_that_nothing_tells_is_a_number():
    assert _programs("mean(x*tensor([1.,2,3]))", ["x=2"], []) == ["sum(tensor([1.0, 2.0, 3.0]))/3"]


def test_common_subterms_have_a_name():
    programs = _programs("mean((X@W+b-Y)**2)", ["W=eye(2)", "b=[0.,1]"], ["X=randn(3,2)", "Y=randn(3,2)"])
    assert all("r = X @ W + b - Y; " in program for program in programs)


def test_a_name_of_ours_is_none_of_the_program():
    (program,) = _programs("mean((n + r)**2)", ["n=[1.,2]"], ["r=[1.,2]"])
    assert program == "m = n.numel(); 2*(n + r)/m"


def test_without_bindings_backward_starts_from_ones():
    started = _programs("x.T @ A @ x", [], ["A=[[1.,2],[3,4]]"])
    assert started == _programs("sum(x.T @ A @ x)", [], ["A=[[1.,2],[3,4]]"])


def test_what_is_detached_is_constant():
    assert _programs("sum(x*x.detach())", ["x=[1.,2]"], []) == ["x"]


def test_what_no_variable_moves_has_gradient_zero():
    assert _programs("sum(c) + 0*sum(x)", ["x=[1.,2]"], ["c=[1.,2]"]) == ["zeros_like(x)"]


def test_several_expressions_are_differentiated_together():
    request = EvalRequest(("sum(x**2)", "3*sum(x)"), ("x=[1.,2]",))
    (one,) = explore_diff(request, DiffRequest(), lambda _: None).derivatives
    assert one.program == "2*x + 3"


def test_names_that_a_program_gives_anew_are_those_that_were_bound():
    assert _programs("x = 2*x; sum(c*x**2)", ["x=[1.,2]"], ["c=[1.,2]"]) == ["8*c*x"]


def test_constants_that_a_program_makes_are_written_out():
    assert _programs("c = tensor([1.,2]); sum(c*x)", ["x=[1.,2]"], []) == ["tensor([1.0, 2.0])"]


def test_a_leaf_that_the_program_makes_has_a_formula():
    request = EvalRequest(("w = torch.ones(2, requires_grad=True); sum(w**2)",))
    report = explore_diff(request, DiffRequest(), lambda _: None)
    (one,) = report.derivatives
    assert (one.formula, one.program) == ("2*w", None)
    assert "a formula here cannot be run as it stands; its numbers were compared all the same" in report.notes
