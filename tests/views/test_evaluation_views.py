from __future__ import annotations

import io
import json

import numpy as np
import pytest

from gradcli.reports.evaluation import Evaluation, Gradient, Root
from gradcli.views.archive import write_archive
from gradcli.views.console import Console
from gradcli.views.excerpt import width
from gradcli.views.json import evaluation_json
from gradcli.views.table import evaluation_table

X = np.array([[1.0, np.nan], [np.inf, -np.inf]])
REPORT = Evaluation(
    roots=(Root("mean(x)", np.array(27.0), "float64", "MeanBackward0"), Root("y = 1\nx", X, "float32", None)),
    gradients=(
        Gradient("x", X, "float64", X * 2, "", "default"),
        Gradient("z", np.array(1.0), "float64", None, "no root depends on it", "bound"),
        Gradient("y", X, "float64", X, "", "retained"),
    ),
    differentiated=True,
    defaults=("x",),
    default="ones(2, 2)",
    notes=("a note",),
)


def shown(report: Evaluation = REPORT, columns: int = 100, **options) -> str:
    text = io.StringIO()
    evaluation_table(report, Console(text, columns, colour=False), **options)
    return text.getvalue()


def test_json_follows_its_schema_with_names_for_what_is_not_finite():
    found = json.loads(evaluation_json(REPORT), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert found["schema"] == "gradcli.eval/1"
    assert found["roots"][0] == {
        "expr": "mean(x)", "value": 27.0, "shape": [], "dtype": "float64", "grad_fn": "MeanBackward0"
    }  # fmt: skip
    assert found["roots"][1]["grad_fn"] is None
    assert found["gradients"][0]["grad"] == [[2.0, "nan"], ["inf", "-inf"]]
    assert found["gradients"][1]["grad"] is None
    assert {"name", "value", "shape", "dtype", "grad"} <= found["gradients"][0].keys()
    assert found["defaults"] == {"x": "ones(2, 2)"}


def test_json_keeps_every_digit_and_every_element():
    numbers = np.random.default_rng(0).normal(size=(50, 50))
    report = REPORT._replace(roots=(Root("x", numbers, "float64", None),), gradients=())
    np.testing.assert_array_equal(json.loads(evaluation_json(report))["roots"][0]["value"], numbers)


def test_tables_name_roots_shapes_dtypes_nodes_and_gradients():
    text = shown()
    for part in (
        "mean(x)",
        "MeanBackward0",
        "float32",
        "[2, 2]",
        "27",
        "y (retained)",
        "none: no root depends on it",
    ):
        assert part in text
    assert "x is not bound: ones(2, 2) by default" in text
    assert "a note" in text


@pytest.mark.parametrize("columns", [20, 30, 40, 60, 80, 100, 200])
def test_a_table_is_never_wider_than_the_terminal(columns: int):
    assert max(map(width, shown(columns=columns).split("\n"))) <= columns


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_every_number_is_shown_whole_at_every_width(columns: int):
    numbers = 1.0 + np.arange(20.0) / 7
    report = REPORT._replace(roots=(Root("x", numbers, "float64", None),), gradients=())
    text = shown(report, columns)
    for number in numbers.tolist():
        assert f"{number:.6g}" in text


def test_square_brackets_and_tags_of_the_user_are_no_markup():
    report = REPORT._replace(roots=(Root("x[0] [red]y[/red] :smile:", np.array(1.0), "float64", None),))
    assert "x[0] [red]y[/red] :smile:" in shown(report)


def test_control_characters_of_an_expression_are_shown_escaped():
    report = REPORT._replace(roots=(Root("'\x1b[31m'", np.array(1.0), "float64", None),))
    assert "\x1b" not in shown(report)


def test_without_unicode_tables_are_drawn_in_ascii():
    assert shown(ascii_only=True).isascii()


def test_an_archive_holds_roots_values_and_gradients():
    stream = io.BytesIO()
    write_archive(REPORT, stream)
    stream.seek(0)
    with np.load(stream) as found:
        assert set(found) == {"root_0", "root_1", "value_x", "grad_x", "value_z", "value_y", "grad_y"}
        np.testing.assert_array_equal(found["grad_x"], X * 2)
