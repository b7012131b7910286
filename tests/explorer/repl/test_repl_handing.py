"""What a command is handed of a session computes there what it is here."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError
from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.repl.session import Session
from gradcli.explorer.request import Backward, EvalRequest


@pytest.fixture
def session():
    with Session(EvalRequest(()), print, print) as found:
        yield found


def evaluated(session, text):
    """The value and the gradients by name that eval gives for what it is handed."""
    handed = session.handed(text)
    request = EvalRequest((handed.expression,), handed.variables, handed.constants)
    report = evaluate(request, print)
    return report.roots[0].array.tolist(), {
        row.name: row.grad.tolist() for row in report.gradients if row.grad is not None
    }


def test_a_leaf_goes_by_value_and_a_computed_name_by_its_line(session):
    session.run("x = tensor([1., 2.], requires_grad=True)")
    session.run("y = x**2")
    session.run("z = y.sum()")
    assert session.handed("z*2").expression == "y = x**2\nz = y.sum()\nz*2"
    assert session.handed("z").expression == "y = x**2\nz = y.sum()"
    assert evaluated(session, "z*2") == (10, {"x": [4, 8]})


def test_values_are_handed_over_to_the_last_digit(session):
    session.run("x = rand(50, requires_grad=True)*1e-7")
    session.run("w = tensor([1/3, inf, -inf, 1e300], requires_grad=True)")
    session.run("h = tensor([1., 2.5], dtype=torch.float32); e = zeros(0, 3); b = tensor([True, False])")
    for name in ("x", "w", "h", "e", "b"):
        handed = session.handed(f"{name}.clone()")
        what = EvalRequest((handed.expression,), handed.variables, handed.constants)
        report = evaluate(what._replace(backward=Backward(run=False)), lambda _: None)
        here = session.values[name]
        assert np.array_equal(report.roots[0].array, here._array)
        assert report.roots[0].dtype == here.dtype.name


def test_functions_and_lists_go_by_their_lines(session):
    session.run("def f(a):\n    return a*3")
    session.run("ws = [2, 5]")
    session.run("x = tensor(1., requires_grad=True)")
    assert evaluated(session, "f(x)*ws[1]") == (15, {"x": 15})


def test_what_was_computed_from_an_older_value_is_taken_as_a_variable(session):
    session.run("x = tensor(2., requires_grad=True)")
    session.run("y = x**2")
    session.run("x = tensor(7., requires_grad=True)")
    handed = session.handed("y + x")
    assert handed.notes == ("y is taken as a variable: the line that made it would not make it again",)
    assert evaluated(session, "y + x") == (11, {"y": 1, "x": 1})


def test_a_change_in_place_makes_a_line_out_of_date_too(session):
    session.run("x = tensor(2., requires_grad=True)")
    session.run("y = x**2")
    session.run("with no_grad():\n    x -= 1")
    assert session.handed("y").notes
    assert evaluated(session, "y*x") == (4, {"y": 1, "x": 4})


def test_a_line_that_would_set_another_name_back_is_not_run_again(session):
    session.run("x = tensor(2., requires_grad=True)")
    session.run("a = 3; y = a*x")
    session.run("a = 10")
    assert evaluated(session, "a*y") == (60, {"y": 10})


def test_a_line_that_runs_backward_is_not_run_again(session):
    session.run("x = tensor(2., requires_grad=True)")
    session.run("y = x**2; y.backward()")
    assert evaluated(session, "y*2") == (8, {"y": 2})


def test_a_leaf_made_in_a_line_that_is_run_again_is_not_bound_as_well(session):
    session.run("x = tensor(2., requires_grad=True); y = x**2")
    handed = session.handed("y")
    assert handed.variables == ()
    assert evaluated(session, "y") == (4, {"x": 4})


def test_what_cannot_be_made_again_is_refused(session):
    session.run("n = 2")
    session.run("def f(a):\n    return a*n")
    session.run("n = 3")
    with pytest.raises(GradcliError, match=r"`f` .* cannot be handed over"):
        session.handed("f(2.)")


def test_names_of_the_expression_alone_are_left_alone(session):
    session.run("x = tensor(2., requires_grad=True)")
    assert session.handed("t = 3; t**2").variables == ()


def test_what_was_imported_is_imported_there(session):
    session.run("import torch")
    session.run("from torch.nn.functional import softplus as soft")
    session.run("x = tensor(0., requires_grad=True)")
    assert evaluated(session, "torch.exp(x) + soft(x) - soft(x)") == (1, {"x": 1})


def test_a_function_that_prints_is_one_that_only_a_session_can_run(session):
    session.run("def f(a):\n    print(a)\n    return a")
    assert session.handed("f(2.)").expression.startswith("def f(a):")
