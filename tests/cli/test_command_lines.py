"""Command lines without a process of their own: parsing, options, what goes wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gradcli.cli import app
from gradcli.cli.app import run

if TYPE_CHECKING:
    from pathlib import Path


def answer(capsys: pytest.CaptureFixture[str], *args: str) -> dict:
    assert run(["eval", *args, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def grad(capsys: pytest.CaptureFixture[str], *args: str) -> object:
    return answer(capsys, *args)["gradients"][0]["grad"]


def refusal(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(list(args)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("-x**2", -6),
        ("-cos(x)", np.sin(3)),
        ("--x", 1),
        ("-x", -1),
        ("-v*x", -1),
        ("-c*x", -1),
        ("- x", -1),
        ("+x", 1),
    ],
)
def test_an_expression_may_begin_with_a_sign(capsys, expression: str, expected: float):
    given = answer(capsys, expression, "-v", "x=3", "--default", "1")["gradients"]
    assert next(row["grad"] for row in given if row["name"] == "x") == pytest.approx(expected)


def test_options_may_stand_before_between_and_behind_expressions(capsys):
    lines = (
        ["-v", "x=[1,2]", "sum(x)", "-sum(x*x)", "--retain-graph"],
        ["sum(x)", "--retain-graph", "-sum(x*x)", "-vx=[1,2]"],
        ["--var=x=[1,2]", "--retain-graph", "--", "sum(x)", "-sum(x*x)"],
    )
    for line in lines:
        assert grad(capsys, *line[:]) == [-1, -3] if "--" not in line else True
    assert run(["eval", "--json", *lines[2]]) == 0
    assert json.loads(capsys.readouterr().out)["gradients"][0]["grad"] == [-1, -3]


def test_the_value_of_an_option_may_begin_with_a_minus(capsys):
    assert grad(capsys, "x*2", "-v", "x=-3", "--grad-tensors", "-1") == -2


def test_grad_tensors_and_passes_accumulate(capsys):
    line = ("x*2", "-v", "x=[2,2,2]", "--grad-tensors", "[0.1,1,10]")
    assert grad(capsys, *line) == [0.2, 2, 20]
    assert grad(capsys, *line, "--passes", "2", "--retain-graph") == [0.4, 4, 40]


def test_the_transposed_eye_has_4_on_the_diagonal_and_2_elsewhere(capsys):
    line = ("(inp+1).pow(2).t()", "-v", "inp=eye(4,5)", "--grad-tensors", "ones(5,4)")
    expected = 2 + 2 * np.eye(4, 5)
    np.testing.assert_array_equal(grad(capsys, *line), expected)
    np.testing.assert_array_equal(grad(capsys, *line, "--retain-graph", "--passes", "2"), 2 * expected)


def test_names_are_given_one_by_one_or_with_commas(capsys):
    for line in (["--wrt", "x,y"], ["--wrt", "x", "--wrt", "y"]):
        found = answer(capsys, "x*y*z", "-v", "x=2", "-v", "y=3", "-v", "z=4", *line)["gradients"]
        assert [(row["name"], row["grad"]) for row in found] == [("x", 12), ("y", 8)]


def test_an_expression_comes_from_a_file(capsys, tmp_path: Path):
    path = tmp_path / "wave.txt"
    path.write_text("y = x * 2\r\nsum(y)\n", encoding="utf-8-sig")
    assert grad(capsys, f"@{path}") == [[2, 2], [2, 2]]
    assert "cannot read" in refusal(capsys, "eval", f"@{tmp_path}/none.txt")
    path.write_bytes(b"\xff\xfe")
    assert "is not UTF-8" in refusal(capsys, "eval", f"@{path}")


def test_results_are_saved_beside_and_moved_into_place(capsys, tmp_path: Path):
    target = tmp_path / "out.npz"
    answer(capsys, "sum(x*x)", "--save", str(target))
    with np.load(target) as found:
        np.testing.assert_array_equal(found["grad_x"], [[2, 2], [2, 2]])
        assert found["root_0"] == 4
    assert [path.name for path in tmp_path.iterdir()] == ["out.npz"]


def test_an_impossible_path_is_refused_before_the_work(capsys, tmp_path: Path):
    for name in (f"{tmp_path}/none/x.npz", f"{tmp_path}/x.txt", str(tmp_path), ""):
        assert "E520" in refusal(capsys, "eval", "while True: x = x", "--save", name)


def test_a_failed_run_leaves_an_older_file_as_it_was(capsys, tmp_path: Path):
    target = tmp_path / "out.npz"
    target.write_bytes(b"old")
    refusal(capsys, "eval", "sine(x)", "--save", str(target))
    assert target.read_bytes() == b"old"


def test_precision_sets_the_digits_of_tables(capsys):
    assert run(["eval", "1/3", "--precision", "3"]) == 0
    assert "0.333 " in capsys.readouterr().out


def test_big_tensors_are_summarised_unless_full(capsys):
    assert run(["eval", "sum(x)", "-v", "x=ones(200)"]) == 0
    assert "norm" in capsys.readouterr().out
    assert run(["eval", "sum(x)", "-v", "x=ones(200)", "--full"]) == 0
    assert "norm" not in capsys.readouterr().out


def test_values_alone_are_shown_without_backward(capsys):
    assert answer(capsys, "x*2", "--no-backward")["gradients"] == []


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (["eval", "x", "--precison", "3"], "No such option: --precison"),
        (["eval", "x", "--grad-tensors"], "requires an argument"),
        (["eval", "x", "--passes", "0"], "not in the range"),
        (["eval", "x", "--dtype", "int8"], "float64"),
        (["eval", "x", "--seed", "a"], "not a valid int"),
        (["evil"], "No such command"),
        (["eval"], "an expression is missing"),
        (["eval", ""], "is empty"),
        (["eval", "-", "-"], "standard input can be read once only"),
        (["eval", "-", "-v", "x=@-"], "standard input can be read once only"),
        (["eval", "ones(2000, 2000)", "--max-elements", "1000000"], "--max-elements"),
        (["eval", "ones(2000, 2000)", "--max-bytes", "1000000"], "--max-bytes"),
        (["eval", "while True: x = x", "--max-steps", "10"], "--max-steps"),
        (["eval", "while True: x = x", "--max-seconds", "0.05"], "--max-seconds"),
        (["eval", "x + x + x + x", "--max-text", "5"], "--max-text"),
        (["ops", "sine"], "did you mean `sin`?"),
    ],
)
def test_bad_usage_says_what_is_wrong(capsys, line: list[str], part: str):
    message = refusal(capsys, *line)
    assert part in message
    assert message.startswith("error[E")


def test_no_arguments_show_the_help_on_standard_error(capsys):
    assert "Commands:" in refusal(capsys)


def test_help_stands_on_standard_output(capsys):
    for line in (["--help"], ["eval", "--help"], ["ops", "--help"]):
        assert run(line) == 0
        captured = capsys.readouterr()
        assert "Usage: gradcli" in captured.out
        assert captured.err == ""


def test_every_option_has_a_help_text():
    import typer

    command = typer.main.get_command(app.command_line([]))
    for name in command.commands:
        for parameter in command.commands[name].params:
            assert parameter.help, f"{name} {parameter.name}"


def test_an_unforeseen_exception_is_an_internal_error_without_a_traceback(capsys, monkeypatch):
    monkeypatch.delenv("GRADCLI_DEBUG", raising=False)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("of gradcli's own")

    monkeypatch.setattr("gradcli.explorer.evaluate._run", broken)
    message = refusal(capsys, "eval", "x")
    assert "internal error: ZeroDivisionError" in message
    assert "GRADCLI_DEBUG=1" in message
    monkeypatch.setenv("GRADCLI_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run(["eval", "x"])
