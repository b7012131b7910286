"""Jacobians of expressions: blocks, the mode that is chosen, and directions that fit."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError
from gradcli.explorer.directional import explore_hvp, explore_jvp
from gradcli.explorer.jacobian import explore_jacobian
from gradcli.explorer.request import Backward, EvalRequest


def _jacobian(*expressions, variables=(), mode=None, said=None, **options):
    heard = [] if said is None else said
    return explore_jacobian(EvalRequest(expressions, tuple(variables), **options), mode, heard.append)


def test_several_roots_and_variables_give_a_block_each():
    report = _jacobian("x * y", "sum(x) + y", variables=["x=[1,2]", "y=3"])
    assert [(block.root, block.name) for block in report.blocks] == [(0, "x"), (0, "y"), (1, "x"), (1, "y")]
    expected = [[[3, 0], [0, 3]], [1, 2], [1, 1], 1]
    assert [block.array.tolist() for block in report.blocks] == expected


def test_scalars_give_scalars():
    report = _jacobian("x * y", variables=["x=2", "y=3"])
    assert [block.array.shape for block in report.blocks] == [(), ()]


@pytest.mark.parametrize(
    ("expression", "mode", "count"),
    [("sum(x)", "reverse", 1), ("x", "forward", 3), ("cat([x, x])", "forward", 3)],
)
def test_the_cheaper_mode_is_chosen_and_said(expression, mode, count):
    report = _jacobian(expression, variables=["x=[1,2,3]"])
    assert (report.mode, report.directions) == (mode, count)
    assert report.how.startswith(f"{mode} mode: {count} ")
    assert "would take" in report.how


def test_columns_that_no_element_meets_together_share_a_direction():
    report = _jacobian("x[1:] * x[:-1]", variables=["x=arange(1., 10.)"])
    assert (report.mode, report.directions) == ("forward", 2)
    assert report.how == (
        "forward mode: 9 columns in 2 directions, all at once (reverse mode would take 8 rows)"
    )
    assert report.blocks[0].array[0].tolist() == [2, 1, *[0] * 7]
    assert _jacobian("x.sum() * x[1:]", variables=["x=arange(1., 10.)"]).mode == "reverse"


def test_a_mode_that_was_forced_is_taken_and_gives_the_same():
    found = [_jacobian("exp(x) * x", variables=["x=[1,2,3]"], mode=mode) for mode in ("forward", "reverse")]
    assert [one.mode for one in found] == ["forward", "reverse"]
    assert np.allclose(found[0].blocks[0].array, found[1].blocks[0].array)
    assert "as asked for" in found[0].how


def test_a_variable_that_nothing_depends_on_has_zeros_and_a_note():
    report = _jacobian("x * 2", variables=["x=[1,2]", "y=3"])
    assert report.blocks[1].array.tolist() == [0, 0]
    assert not report.blocks[1].dependent
    assert any("no root depends on y" in note for note in report.notes)


def test_names_without_a_value_are_named():
    assert any("x is not bound: ones(2, 2) by default" in note for note in _jacobian("x**2").notes)


def test_wrt_leaves_the_other_variables_out():
    report = _jacobian("x * y", variables=["x=2", "y=3"], backward=Backward(wrt=("y",)))
    assert [block.name for block in report.blocks] == ["y"]


def test_an_infinite_derivative_is_told_with_its_operation():
    said = []
    report = _jacobian("sqrt(x)", variables=["x=[0,1]"], said=said)
    assert report.blocks[0].array[0, 0] == np.inf
    assert any("inf in the gradient of x" in one.message and "`sqrt(x)`" in one.message for one in said)


@pytest.mark.parametrize(
    ("expression", "options", "code", "words"),
    [
        ("x > 0", {}, "E401", "dtype bool"),
        ("2.0", {}, "E506", "no variable requires grad"),
        ("x * 2", {"backward": Backward(wrt=("z",))}, "E505", "nothing is called `z`"),
        ("y = x * 2; y", {"backward": Backward(wrt=("y",))}, "E506", "it is computed from others"),
        ("x[7]", {}, "E3", "out of bounds"),
        ("y = x * 1; y[0] = y[1] * y[0]; y", {}, "E4", "modified by an inplace operation"),
        ("x.repeat(400)", {"max_elements": 100_000, "variables": ["x=ones(1000)"]}, "E601", "the limit is"),
    ],
)
def test_what_has_no_jacobian_is_refused_with_a_reason(expression, options, code, words):
    with pytest.raises(GradcliError) as caught:
        _jacobian(expression, **options)
    assert caught.value.diagnostic.code.startswith(code)
    assert words in caught.value.diagnostic.message


def _directions(texts, expression="sum(x**3) * y", explore=explore_jvp, mode=None):
    request = EvalRequest((expression,), ("x=[1,2,3]", "y=2"))
    return explore(request, texts, mode, lambda diagnostic: None)


def test_a_tangent_moves_values_by_the_jacobian():
    report = _directions(["x=[1,0,1]"])
    assert report.results[0].derivative == 60
    assert any("y stands still" in note for note in report.notes)


@pytest.mark.parametrize("expression", ["sum(x**3) * y", "outer(x, x) * y", "y.exp()"])
@pytest.mark.parametrize("explore", [explore_jvp, explore_hvp])
def test_a_direction_gives_the_same_in_both_modes(expression, explore):
    if explore is explore_hvp:
        expression = f"sum({expression})"
    found = [_directions(["x=[1,0,-1]", "y=3"], expression, explore, mode) for mode in ("forward", "reverse")]
    assert [one.mode for one in found] == ["forward", "reverse"]
    for one, other in zip(found[0].results, found[1].results, strict=True):
        assert one.derivative == pytest.approx(other.derivative, rel=1e-14)
    assert "as asked for" in found[1].how


@pytest.mark.parametrize("explore", [explore_jvp, explore_hvp])
def test_a_program_without_a_forward_rule_goes_in_reverse_unless_it_was_forced(explore, monkeypatch):
    expected = _directions(["x=1"], explore=explore).results[0].derivative
    monkeypatch.setattr("gradcli.plan.derivatives.Linear.can_push", lambda linear: False)
    found = _directions(["x=1"], explore=explore)
    assert found.mode == "reverse"
    assert found.results[0].derivative == pytest.approx(expected)
    with pytest.raises(GradcliError, match="no forward rule") as caught:
        _directions(["x=1"], explore=explore, mode="forward")
    assert caught.value.diagnostic.help == "use --mode reverse"


def test_one_number_stands_for_all_elements():
    assert _directions(["x=1"]).results[0].derivative == _directions(["x=[1,1,1]"]).results[0].derivative


def test_the_curvature_along_a_vector_does_not_depend_on_its_length():
    one, ten = (_directions([f"x=[{n},0,0]"], explore=explore_hvp) for n in (1, 10))
    assert one.curvature == ten.curvature == 12
    assert (one.slope, ten.slope) == (6, 60)


@pytest.mark.parametrize(
    ("texts", "code", "underlined"),
    [
        (["xx=1"], "E505", "xx"),
        (["x=[1,2]"], "E301", "[1,2]"),
        (["x"], "E501", "x"),
        (["x=1", "x=2"], "E502", "x"),
        (["x=sine(1)"], "E201", "sine"),
    ],
)
def test_a_direction_that_does_not_fit_is_underlined(texts, code, underlined):
    with pytest.raises(GradcliError) as caught:
        _directions(texts)
    diagnostic = caught.value.diagnostic
    assert diagnostic.code == code
    assert diagnostic.span.text == underlined


def test_a_missing_direction_is_shown_how_to_write():
    with pytest.raises(GradcliError) as caught:
        _directions([])
    assert caught.value.diagnostic.help == 'write --tangent "x=[1,1,1]"'
