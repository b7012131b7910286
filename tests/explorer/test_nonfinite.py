from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.request import EvalRequest

if TYPE_CHECKING:
    from gradcli.diagnostics import Diagnostic


def warnings(*expressions: str, v: tuple[str, ...] = (), c: tuple[str, ...] = ()) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    evaluate(EvalRequest(expressions, v, c), found.append)
    return found


def test_a_warning_of_pytorch_is_passed_on_in_its_words():
    (warning,) = warnings("y = x*2; y.grad; sum(y)")
    assert warning.message.startswith(
        "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed."
    )


def test_a_run_of_finite_numbers_says_nothing():
    assert warnings("mean(x*x)") == []


def test_an_inf_in_a_gradient_names_the_node_and_the_place_it_first_came_from():
    (warning,) = warnings("sum(sqrt(x))", v=("x=[0,1]",))
    assert warning.severity == "warning"
    assert warning.message == (
        "inf in the gradient of x; it first came from SqrtBackward0 in `sqrt(x)` (<expr>:1:5)"
    )


def test_a_nan_in_a_value_names_the_operation_it_first_came_from():
    (warning,) = warnings("y = log(x); mean(y)*2", v=("x=-1",))
    assert warning.message.startswith("nan in the value; it first came from log in `log(x)`")


def test_an_infinite_operation_before_the_nan_is_named_too():
    nan = next(
        w for w in warnings("y = exp(x)*1.0; sum(y - y)", v=("x=1000",)) if w.message.startswith("nan")
    )
    assert "it first came from sub" in nan.message
    assert "after an inf from exp" in nan.message


def test_an_operation_that_passes_an_inf_on_to_a_finite_result_is_not_worth_a_word():
    assert warnings("sum(exp(-x*inf))", v=("x=[1,1]",))  # its gradient is nan
    assert warnings("y = inf*ones(2); sum(where(x > 0, x, y))", v=("x=[1,2]",)) == []


@pytest.mark.parametrize("text", ["x=nan", "x=[1, inf]"])
def test_a_value_that_was_bound_non_finite_is_blamed_on_the_binding(text: str):
    assert any("x held it from the start" in warning.message for warning in warnings("sum(x*2)", v=(text,)))


def test_an_operation_in_a_binding_is_blamed_by_its_place_there():
    warning = warnings("sum(x*2)", v=("x=log(zeros(2))",))[0]
    assert "it first came from log in `log(zeros(2))` (-v x:1:1)" in warning.message


def test_a_constant_that_was_bound_non_finite_is_blamed():
    (warning,) = warnings("sum(x*k)", v=("x=[1,2]",), c=("k=[nan,1]",))
    assert warning.message.endswith("k held it from the start")


def test_a_nan_made_of_a_zero_gradient_and_an_infinite_derivative_is_explained():
    (warning,) = warnings("where(x > 0, sqrt(x), 0).sum()", v=("x=[0,4]",))
    assert "SqrtBackward0 in `sqrt(x)`" in warning.message
    assert "a gradient of 0 times an infinite derivative" in warning.message


@pytest.mark.parametrize(("text", "name"), [("sum(x/x)", "div in"), ("sum(x**2 - x**3)", "pow in")])
def test_operations_are_named_as_they_are_called(text: str, name: str):
    kind = "nan" if "/" in text else "inf"
    found = [one.message for one in warnings(text, v=("x=[0,1e200]",)) if one.message.startswith(kind)]
    assert name in found[0]


def test_a_nan_of_plain_numbers_is_no_operations_fault():
    (warning,) = warnings("inf*0")
    assert "it comes from plain numbers" in warning.message
