from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gradcli.diagnostics import Diagnostic, GradcliError
from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.request import Backward, EvalRequest

if TYPE_CHECKING:
    from gradcli.reports.evaluation import Evaluation


REQUEST = {"default", "dtype", "seed"}


def run(*expressions: str, v: tuple[str, ...] = (), c: tuple[str, ...] = (), **options) -> Evaluation:
    own = {name: value for name, value in options.items() if name in REQUEST}
    backward = Backward(**{name: value for name, value in options.items() if name not in REQUEST})
    return evaluate(EvalRequest(expressions, v, c, backward=backward, **own), print)


def grads(report: Evaluation) -> dict[str, object]:
    return {row.name: None if row.grad is None else row.grad.tolist() for row in report.gradients}


def fault(*expressions: str, **options) -> Diagnostic:
    with pytest.raises(GradcliError) as caught:
        run(*expressions, **options)
    return caught.value.diagnostic


def test_the_first_example_has_value_27_and_gradient_4_5():
    report = run("mean(3*(x+2)**2)")
    assert report.roots[0].array.item() == 27
    assert report.roots[0].grad_fn == "MeanBackward0"
    assert grads(report) == {"x": [[4.5, 4.5], [4.5, 4.5]]}
    assert report.defaults == ("x",)


def test_a_program_of_statements_has_the_value_of_its_last_expression():
    for text in (
        "y = x + 2; z = y*y*3; mean(z)",
        "y = x + 2\nz = y*y*3\nmean(z)",
        "mean((x + 2)**2 * 3); a = 1",
    ):
        assert run(text).roots[0].array.item() == 27


def test_a_program_that_ends_in_an_assignment_without_any_expression_has_the_assigned_value():
    assert run("y = x + 2; z = mean(y)").roots[0].array.item() == 3


def test_gradients_of_a_vector_are_weighted_by_grad_tensors_and_add_up_over_passes():
    one = run("x*2", v=("x=[2,2,2]",), grad_tensors=("[0.1, 1, 10]",))
    assert grads(one)["x"] == [0.2, 2.0, 20.0]
    two = run("x*2", v=("x=[2,2,2]",), grad_tensors=("[0.1, 1, 10]",), passes=2, retain_graph=True)
    assert grads(two)["x"] == [0.4, 4.0, 40.0]


def test_zeroing_between_passes_leaves_the_gradient_of_the_last_one():
    report = run("sum(x+2)", passes=3, zero_between=True)
    assert grads(report)["x"] == [[1, 1], [1, 1]]


def test_roots_one_after_the_other_accumulate_and_zeroing_between_them_does_not():
    texts = ("mean(x**2 * x**2 * 3)", "sum(x)")
    assert grads(run(texts[0]))["x"] == [[3, 3], [3, 3]]
    assert grads(run(*texts, separately=True))["x"] == [[4, 4], [4, 4]]
    assert grads(run(*texts, separately=True, zero_between=True))["x"] == [[1, 1], [1, 1]]


def test_a_tensor_doubled_until_its_norm_is_1000_has_gradient_256():
    text = "y = x*2\nwhile sqrt(sum(y*y)) < 1000:\n    y = y*2\ny"
    report = run(text, v=("x=[2,3,4]",), grad_tensors=("ones(3)",))
    assert report.roots[0].array.tolist() == [512, 768, 1024]
    assert grads(report)["x"] == [256, 256, 256]


def test_a_non_scalar_root_is_refused_in_the_words_of_pytorch_with_a_way_out():
    found = fault("x*2", v=("x=[2,2,2]",))
    assert found.message == "grad can be implicitly created only for scalar outputs"
    assert "--grad-tensors" in found.help
    assert "mean(" in found.help
    assert found.span is not None
    assert found.span.text == "x*2"


def test_where_nothing_is_bound_a_root_of_any_shape_starts_from_ones_and_says_so():
    report = run("-x**2")
    assert grads(report)["x"] == [[-2, -2], [-2, -2]]
    assert any("started from ones" in note for note in report.notes)
    assert not any("started from ones" in note for note in run("sum(x)").notes)


def test_the_root_that_is_no_scalar_is_the_one_underlined():
    found = fault("sum(x)", "x*2", v=("x=[2,2,2]",))
    assert found.span is not None
    assert found.span.source.name == "<expr 2>"


def test_two_losses_over_one_graph_need_retain_graph():
    found = fault("y = x*x; sum(y)", "mean(y)", separately=True)
    assert found.message.startswith("Trying to backward through the graph a second time")
    assert "--retain-graph" in found.help
    both = run("y = x*x; sum(y)", "mean(y)", separately=True, retain_graph=True)
    assert grads(both)["x"] == [[2.5, 2.5], [2.5, 2.5]]


def test_several_passes_need_retain_graph_only_where_something_was_saved():
    assert fault("sum(x*x)", passes=2).code == "E402"
    assert grads(run("sum(x)", passes=2))["x"] == [[2, 2], [2, 2]]


def test_wrt_fills_in_the_gradients_of_the_named_variables_alone():
    report = run("sum(x*y)", v=("x=[1,2]", "y=[3,4]"), wrt=("y",))
    assert grads(report) == {"y": [1, 2]}


def test_wrt_names_an_intermediate_value_too():
    assert grads(run("y = x*3; sum(y*y)", wrt=("y",)))["y"] == [[6, 6], [6, 6]]


def test_a_name_that_wrt_does_not_find_is_refused_with_the_names_there_are():
    found = fault("sum(x)", wrt=("q",))
    assert found.code == "E505"
    assert "x" in found.help


def test_intermediate_gradients_are_retained_on_request():
    report = run("y = x*x; mean(y)", retain_grad=("y",))
    assert [(row.name, row.origin) for row in report.gradients] == [("x", "default"), ("y", "retained")]
    assert grads(report)["y"] == [[0.25, 0.25], [0.25, 0.25]]


def test_a_leaf_made_in_the_program_is_shown_with_its_gradient():
    report = run("w = tensor([1., 2.], requires_grad=True); sum(w*w)")
    assert [(row.name, row.origin) for row in report.gradients] == [("w", "made")]
    assert grads(report)["w"] == [2, 4]


def test_a_variable_that_the_program_binds_anew_is_still_differentiated_for():
    report = run("x = x*2; sum(x)", v=("x=[1,1]",))
    assert grads(report)["x"] == [2, 2]


def test_a_variable_that_no_root_depends_on_has_no_gradient_and_a_reason():
    report = run("sum(x)", v=("x=[1,2]", "y=3"))
    row = next(row for row in report.gradients if row.name == "y")
    assert row.grad is None
    assert row.absent == "no root depends on it"


def test_variables_become_floats_and_constants_stay_whole():
    report = run("sum(x*t)", v=("x=[1,2]",), c=("t=[3,4]",))
    assert report.gradients[0].dtype == "float64"
    assert [row.name for row in report.gradients] == ["x"]
    assert run("t*2", c=("t=[3,4]",), run=False).roots[0].dtype == "int64"


def test_a_constant_number_serves_as_a_dim():
    assert run("sum(x, dim=d)", c=("d=0",), run=False).roots[0].array.tolist() == [2, 2]


def test_bindings_use_the_ones_before_them():
    assert run("sum(b)", c=("a=3",), v=("b=a*ones(2)",)).roots[0].array.item() == 6


def test_the_default_stands_for_every_unbound_name_in_every_expression():
    report = run("sum(x)", "sum(y)", default="2*ones(3)")
    assert report.defaults == ("x", "y")
    assert [root.array.item() for root in report.roots] == [6, 6]


def test_a_name_that_one_expression_assigns_is_bound_in_the_next():
    report = run("y = x*2; sum(y)", "sum(y*y)")
    assert report.defaults == ("x",)
    assert report.roots[1].array.item() == 16


def test_numbers_alone_have_a_value_and_nothing_to_differentiate():
    report = run("1 + 2")
    assert report.roots[0].array.item() == 3
    assert report.roots[0].array.shape == ()
    assert not report.differentiated
    assert "no variable requires grad" in report.notes[0]


def test_a_root_cut_off_from_its_variables_is_refused_in_the_words_of_pytorch():
    found = fault("sum(x.detach())")
    assert found.message == "element 0 of tensors does not require grad and does not have a grad_fn"
    assert "--no-backward" in found.help


def test_float32_and_seed_are_taken_from_the_options():
    assert run("sum(x)", dtype="float32").roots[0].dtype == "float32"
    same = [run("sum(x)", v=("x=rand(3)",), seed=7).roots[0].array.item() for _ in range(2)]
    assert same[0] == same[1] != run("sum(x)", v=("x=rand(3)",), seed=8).roots[0].array.item()


def test_anomaly_detection_names_the_operation_and_underlines_its_source():
    found = fault("sum(sqrt(x)*0)", v=("x=[0,1]",), detect_anomaly=True)
    assert found.message == "Function 'SqrtBackward0' returned nan values in its 0th output."
    assert found.span is not None
    assert found.span.text == "sqrt(x)"


def test_values_of_a_report_cannot_be_written_to():
    report = run("sum(x)")
    with pytest.raises(ValueError, match="read-only"):
        report.gradients[0].grad[0, 0] = 5


def test_gradients_for_each_root_may_stand_in_one_list():
    report = run("sum(x)", "x*2", v=("x=[1,1]",), grad_tensors=("[None, [1, 10]]",))
    assert grads(report)["x"] == [3, 21]


def test_a_grad_tensor_of_another_shape_is_refused_in_the_words_of_pytorch():
    found = fault("x*2", v=("x=[2,2,2]",), grad_tensors=("[1, 2]",))
    assert found.message == (
        "Mismatch in shape: grad_output[0] has a shape of torch.Size([2]) "
        "and output[0] has a shape of torch.Size([3])."
    )


def test_too_few_grad_tensors_are_refused_in_the_words_of_pytorch():
    assert fault("sum(x)", "sum(y)", grad_tensors=("1.0",)).message == "got 2 tensors and 1 gradients"


@pytest.mark.parametrize(
    ("text", "label"), [("sine(x)", "did you mean `sin`?"), ("x.meen()", "did you mean `mean`?")]
)
def test_a_misspelt_name_gets_a_suggestion(text: str, label: str):
    assert fault(text).label == label


@pytest.mark.parametrize(
    "text", ["x^2", "3x", "(1+2", "[[1,2],[3]]", "mean(x, dim=7)", "x + ones(3)", "x @ ones(3)"]
)
def test_a_slip_is_underlined_and_comes_with_a_way_out(text: str):
    found = fault(text)
    assert found.span is not None
    assert found.help or found.label


def test_an_empty_expression_is_refused():
    assert fault("").code == "E500"
    assert fault().code == "E500"


def test_several_results_are_no_root_and_the_error_says_which_to_pick():
    found = fault("max(x, dim=0)")
    assert "values, indices" in found.message
    assert ".values" in found.help


def test_a_list_of_tensors_is_a_root_through_which_gradients_flow():
    report = run("[a*2, a*b]", v=("a=3", "b=4"), grad_tensors=("[1, 1]",))
    np.testing.assert_array_equal(report.roots[0].array, [6, 12])
    assert grads(report) == {"a": 6, "b": 3}


def test_more_grad_tensors_than_roots_are_refused():
    found = fault("sum(x)", grad_tensors=("2.", "3."))
    assert found.message == "got 1 tensors and 2 gradients"
    assert found.span is not None
    assert found.span.text == "3."


def test_the_number_of_passes_that_a_gradient_sums_up_is_said():
    assert run("sum(x)", passes=3).notes == ("each gradient is the sum over 3 backward passes",)
    assert run("sum(x)", "sum(x)", separately=True).notes == (
        "each gradient is the sum over 2 backward passes",
    )
    assert run("sum(x)", passes=3, zero_between=True).notes == ()
    assert run("sum(x)").notes == ()


def test_every_value_of_an_option_may_stand_in_a_file(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(6.0).reshape(2, 3))
    text = f"@{tmp_path}/a.npy"
    report = run("x*2", default=text, grad_tensors=(text,))
    np.testing.assert_array_equal(report.gradients[0].array, np.arange(6).reshape(2, 3))
    np.testing.assert_array_equal(report.gradients[0].grad, 2 * np.arange(6).reshape(2, 3))


def test_a_list_that_stands_in_itself_or_grows_without_end_is_refused():
    assert fault("l = []\nfor i in range(100): l = [l, l]\nl").code == "E613"
    assert fault("l = [1]\nl.append(l)\nl").code == "E303"


def test_what_cannot_have_a_gradient_is_refused_with_a_way_out():
    for options in ({"retain_grad": ("y",)}, {"wrt": ("y",)}):
        found = fault("y = x*2; sum(y) + sum(z)", c=("x=[1.]",), **options)
        assert "can't retain_grad" in found.message
        assert "-v" in found.help
    assert "-v" in fault("sum(x*c)", c=("c=2",), wrt=("c",)).help


def test_autograd_is_a_module_too():
    assert grads(run("sum(autograd.grad(sum(x**3), x, create_graph=True)[0])"))["x"] == [[6, 6], [6, 6]]
