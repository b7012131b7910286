"""Second derivatives as formulas: of single numbers, element by element, as matrices, along a direction."""

from __future__ import annotations

import pytest

from gradcli.explorer.diff.answer import DiffRequest, explore_diff
from gradcli.explorer.request import EvalRequest

A = "A=[[1.,2],[3,4],[5,7]]"
SQUARE = "A=[[1.,2],[3,4]]"
X2, X3 = "x=[1.,2]", "x=[1.,2,4]"


def _second(expression, variables, constants=()):
    request = EvalRequest((expression,), tuple(variables), tuple(constants))
    report = explore_diff(request, DiffRequest(order=2), lambda _: None)
    assert report.points == 4
    return {one.variables: (one.kind, one.program) for one in report.derivatives}


@pytest.mark.parametrize(
    ("expression", "variables", "constants", "kind", "program"),
    [
        ("sin(x)*x", ["x=2"], [], "second derivative", "2*cos(x) - x*sin(x)"),
        ("mean(3*(x+2)**2)", [X3], [], "elementwise", "n = x.numel(); 6*ones_like(x)/n"),
        ("sum(x**3)", ["x=[[1.,2],[3,4]]"], [], "elementwise", "6*x"),
        ("sum(x)", [X3], [], "elementwise", "zeros_like(x)"),
        ("x.T@A@x", [X2], [SQUARE], "hessian", "A + A.T"),
        ("sum((A@x-b)**2)", [X2], [A, "b=[1.,2,3]"], "hessian", "2*A.T @ A"),
        ("sum((A@x)**2) + lam*x@x", [X2], [A, "lam=0.5"], "hessian", "2*(lam*eye(2) + A.T @ A)"),
        (
            "F.binary_cross_entropy_with_logits(A@x, y)",
            [X2],
            [A, "y=[1.,0,1]"],
            "hessian",
            "n = y.numel(); r = sigmoid(A @ x); A.T @ diag(r*(1 - r)) @ A/n",
        ),
        ("logsumexp(x, 0)", [X3], [], "hessian", "r = softmax(x, dim=0); diag(r) - outer(r, r)"),
        ("norm(x)", [X3], [], "hessian", "eye(3)/norm(x) - outer(x, x)/norm(x)**3"),
        ("sum(x)**2", [X3], [], "hessian", "2*ones((3, 3))"),
        ("sum(relu(A@x)**2)", [X2], [A], "hessian", "r = A @ x > 0; 2*A.T @ diag(where(r, 1.0, 0.0)) @ A"),
        ("log(det(X))", ["X=[[3.,1],[1,2]]"], [], "product", "r = inv(X).T; -r @ v.T @ r"),
        ("sum((W@x)**2)", ["W=[[1.,2],[3,4]]"], [X2], "product", "2*outer(v @ x, x)"),
    ],
)
def test_it_is_shown_in_the_form_that_says_most(expression, variables, constants, kind, program):
    (found,) = _second(expression, variables, constants).values()
    assert found == (kind, program)


def test_each_pair_of_variables_has_one():
    assert _second("x**2*y**3", ["x=2", "y=3"]) == {
        ("x", "x"): ("second derivative", "2*y**3"),
        ("x", "y"): ("second derivative", "6*x*y**2"),
        ("y", "y"): ("second derivative", "6*x**2*y"),
    }


def test_a_block_of_two_vectors_has_the_rows_of_the_second():
    blocks = _second("u@X@v", ["u=[1.,2]", "v=[3.,4,5]"], ["X=[[3.,1,2],[1,2,4]]"])
    assert blocks["u", "v"] == ("hessian", "X.T")


def test_a_direction_has_a_name_of_its_own():
    request = EvalRequest(("log(det(v))",), ("v=[[3.,1],[1,2]]",))
    (one,) = explore_diff(request, DiffRequest(order=2), lambda _: None).derivatives
    assert one.direction == "u"
    assert one.program == "r = inv(v).T; -r @ u.T @ r"


def test_a_direction_is_not_called_as_a_variable_is():
    values = [f"{name}=[1.,2]" for name in ("v", "u", "w", "d", "v0")]
    request = EvalRequest(("sum(v*u*w*d*v0)**3",), tuple(values))
    report = explore_diff(request, DiffRequest(order=2), lambda _: None)
    assert not {one.direction for one in report.derivatives} & {"v", "u", "w", "d", "v0"}


@pytest.mark.parametrize("step", ["y = tanh(A @ y)", "y = sin(A @ y) + cos(B @ y)"])
def test_a_chain_of_many_products_has_second_derivatives(step):
    program = "; ".join(["y = x", *[step] * 40, "sum(y)"])
    found = _second(program, [X2], [SQUARE, "B=[[1.,2],[5,4]]"])
    assert found["x", "x"][0] == "hessian"


def test_a_matrix_is_read_off_however_deep_a_formula_is():
    program = "; ".join(["y = x", *["y = tanh(A @ y)"] * 400, "sum(y)"])
    assert set(_second(program, [X2], [SQUARE])) == {("x", "x")}
