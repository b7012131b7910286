"""The same explanations for expressions on a command line, whose own ways out stay."""

from __future__ import annotations

import pytest

from gradcli.diagnostics import Diagnostic, GradcliError
from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.request import EvalRequest


def fault(*expressions: str, v: tuple[str, ...] = (), c: tuple[str, ...] = ()) -> Diagnostic:
    with pytest.raises(GradcliError) as caught:
        evaluate(EvalRequest(expressions, v, c), lambda _: None)
    return caught.value.diagnostic


def places(found: Diagnostic) -> list[tuple[str, str]]:
    return [(label.span.text, label.text) for label in found.related]


def test_a_lost_gradient_is_shown_where_it_was_lost():
    found = fault("y = x.detach()*2; sum(y)", v=("x=[1,2]",))
    assert places(found) == [("x.detach()", "detach() cuts the graph here")]
    assert "--no-backward" in found.help


def test_a_constant_is_shown_where_the_option_gives_it():
    found = fault("y = sum(x*2); y.backward(); y", c=("x=[1,2]",))
    (label,) = found.related
    assert label.span.source.name == "-c x"
    assert label.text == "`x` does not require grad"


def test_a_plain_number_made_of_a_variable_is_shown():
    found = fault("y = sum(c*x.item()); y.backward(); y", v=("x=1",), c=("c=[1,2]",))
    assert places(found) == [("x.item()", "item() gives plain numbers, which no gradient flows through")]


def test_a_change_in_place_is_shown_with_its_out_of_place_form():
    found = fault("y = exp(x); y += 1; sum(y)", v=("x=[1,2]",))
    assert places(found) == [("y += 1", "`y` is changed in place here")]
    assert found.help == "write it out of place: y = y + 1"


def test_a_second_backward_in_the_text_points_at_the_first():
    found = fault("y = sum(x*x); y.backward(); y.backward(); y", v=("x=[1,2]",))
    assert ("y.backward()", "this backward freed the graph") in places(found)
    assert found.help == "keep the graph the first time: y.backward(retain_graph=True)"


def test_operands_that_do_not_fit_are_shown_where_the_options_give_them():
    found = fault("A @ B", v=("A=ones(2, 3)", "B=ones(2, 3)"))
    assert [(label.span.source.name, label.text) for label in found.related] == [
        ("-v A", "`A` has shape [2, 3]"),
        ("-v B", "`B` has shape [2, 3]"),
    ]


def test_a_missing_gradient_is_explained():
    found = fault("x.grad*2", v=("x=1",))
    assert "the .grad of `x` is None: backward has not run" in found.notes
    assert found.help == "call backward first"


def test_what_an_error_says_itself_is_not_looked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gradcli.explorer.why.explain.Trace", None)  # whoever ran again would fail
    assert "--grad-tensors" in fault("x*2", v=("x=[1,2]",)).help


def absent(*expressions: str, v: tuple[str, ...] = ()) -> dict[str, str]:
    report = evaluate(EvalRequest(expressions, v), lambda _: None)
    return {row.name: row.absent for row in report.gradients}


def test_a_missing_gradient_in_the_table_says_what_cut_it_off():
    assert absent("mean(x.detach()*2 + y)") == {"x": "`x.detach()` cuts it off", "y": ""}
    assert absent("z = sum(x**2).data; z*y", v=("x=[1,2]", "y=1")) == {
        "x": "`sum(x**2).data` cuts it off",
        "y": "",
    }


def test_a_missing_gradient_that_was_cut_off_in_two_places_or_none_is_plainly_unused():
    plain = {"x": "no root depends on it", "y": ""}
    assert absent("x.detach()*y + x.detach()", v=("x=1", "y=1")) == plain
    assert absent("x*2; y*2; y.detach()*y", v=("x=1", "y=1")) == plain
