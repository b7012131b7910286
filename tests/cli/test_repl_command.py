"""`gradcli repl` fed from standard input, and its commands."""

from __future__ import annotations

import io
import json
import sys

import pytest

from gradcli.cli.app import run


@pytest.fixture
def typed(monkeypatch, capsys):
    """Runs the prompt on some lines; returns what it printed and what it said."""

    def go(*lines: str, arguments: tuple[str, ...] = ()) -> tuple[str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        assert run(["repl", *arguments]) == 0
        captured = capsys.readouterr()
        return captured.out, captured.err

    return go


X = "x = tensor([1., 2.], requires_grad=True)"


def test_values_are_printed_as_eval_prints_them(typed):
    assert typed(X, "y = sum(x**2)", "y", "y.backward()", "x.grad", "[1, 'a']", "None") == (
        "5\n[2, 4]\n[1, 'a']\n",
        "",
    )


def test_bindings_and_first_expressions_come_from_the_command_line(typed):
    assert typed("y", arguments=("y = 3*x", "-v", "x=[1,2]", "--precision", "3"))[0] == "[3, 6]\n"


def test_a_file_named_on_the_command_line_is_run_first(typed, tmp_path):
    path = tmp_path / "first.txt"
    path.write_text("y = 3\n", encoding="utf-8")
    assert typed("y", arguments=(f"@{path}",))[0] == "3\n"


def test_errors_do_not_end_the_session(typed):
    out, err = typed(
        "sine(1)", "x = = 2", "1/0", ".nothing", "while True: pass", "1 + 1", arguments=("--max-steps", "99")
    )
    assert out == "2\n"
    for code in ("E201", "E381", "E551", "E614"):
        assert f"error[{code}]" in err
    assert "E999" not in err


def test_an_interruption_does_not_end_it_either(typed, monkeypatch):
    from gradcli.explorer.repl.session import Session

    running = Session.run

    def interrupted(self, text):
        if text == "stop":
            raise KeyboardInterrupt
        return running(self, text)

    monkeypatch.setattr(Session, "run", interrupted)
    assert typed("stop", "1 + 1") == ("2\n", "interrupted\n")


def test_a_fault_of_ours_does_not_end_it_either(typed, monkeypatch):
    from gradcli.explorer.repl.session import Session

    running = Session.run

    def broken(self, text):
        if text == "break":
            raise ZeroDivisionError
        return running(self, text)

    monkeypatch.setattr(Session, "run", broken)
    out, err = typed("break", "1 + 1")
    assert out == "2\n"
    assert "internal error: ZeroDivisionError" in err


def test_commands_see_the_names_of_the_session(typed):
    out, err = typed(
        X, "y = sum(x**2)", ".graph", ".jacobian y*2", ".check y --witness fd", ".eval n*y --json -v n=2"
    )
    assert "#1 SumBackward0" in out
    assert "d y*2 / d x" in out
    assert "agrees: every witness agrees" in out
    found = json.loads(out.splitlines()[-1])
    assert found["roots"][0]["value"] == 10
    assert {row["name"]: row["grad"] for row in found["gradients"]} == {"n": 5, "x": [4, 8]}
    assert err == ""


def test_an_expression_may_have_spaces_and_quotes(typed):
    out, _ = typed("a = 3.", ".eval a * -2 - -1 --json", '.eval "a + 1" --json')
    assert [json.loads(line)["roots"][0]["value"] for line in out.splitlines()] == [-5, 4]


def test_a_name_given_in_the_command_takes_the_place_of_the_sessions(typed):
    out, err = typed("t = 5.", ".plot t**2 --over t=0:1 --points 2 --json", ".eval t -v t=7 --json")
    first, second = map(json.loads, out.splitlines())
    assert first["points"] == [0, 1]
    assert second["roots"][0]["value"] == 7
    assert err == ""


def test_commands_without_expressions_run_too(typed):
    out, err = typed(".ops relu", ".help plot", ".graph --help")
    assert "Rectified linear unit" in out
    assert "Usage: gradcli plot" in out
    assert "Usage: gradcli graph" in out
    assert err == ""


def test_a_command_that_fails_is_told_and_that_is_all(typed):
    out, err = typed(".hessian nothing(x)", ".graph", ".eval 'x", ".save", ".load no/such.py", "1 + 1")
    assert out == "2\n"
    assert err.count("error[") == 5


def test_help_lists_every_command(typed):
    from gradcli.cli.app import COMMANDS

    out, _ = typed(".help")
    for name in (*COMMANDS, "vars", "save FILE.py", "load FILE.py", "quit"):
        assert f".{name}" in out or name in {"repl", "completion"}


def test_vars_is_a_table(typed):
    assert typed(".vars")[0] == "no names yet\n"
    out, _ = typed(X, "sum(x**2).backward()", "n = 4", ".vars")
    assert "│ x    │ variable │ [2]   │ float64 │ [1, 2] │ [2, 4]   │" in out
    assert "│ n    │ int      │ -     │ -       │ 4      │ -        │" in out


def test_save_and_load_and_quit(typed, tmp_path, capsys):
    path = tmp_path / "session.py"
    typed(X, "y = sum(x**2)", "y", f".save {path}")
    assert run(["run", str(path)]) == 0
    assert capsys.readouterr().out == "tensor(5., grad_fn=<SumBackward0>)\n"
    out, err = typed(f".load {path}", "y*2", ".quit", "never()")
    assert out == "tensor(5., grad_fn=<SumBackward0>)\n10\n"
    assert err == ""


def test_a_session_is_saved_under_a_name_of_a_script(typed, tmp_path):
    _, err = typed("1", f".save {tmp_path}/session.txt")
    assert "the name must end in .py" in err


def test_blocks_come_over_several_lines(typed):
    assert typed("def f(a):", "    return a*2", "", "f(", "  21)")[0] == "42\n"


def test_a_block_at_the_end_of_the_input_is_run(typed):
    assert typed("x = 4", "if x:", "    print(x)")[0] == "4\n"


def test_a_number_that_begins_with_a_point_is_no_command(typed):
    assert typed(".5 + (", "1)") == ("1.5\n", "")


def test_a_minus_before_a_short_name_is_no_option(typed):
    out, err = typed("v = 1.", "a = 5.", ".eval a -v --json")
    assert json.loads(out)["roots"][0]["value"] == 4
    assert err == ""


def test_big_tensors_are_summarised_unless_full(typed):
    assert "min 0" in typed("arange(200.)")[0]
    assert "199]" in typed("arange(200.)", arguments=("--full",))[0]


def test_what_cannot_be_bound_ends_it_before_it_begins(capsys):
    assert run(["repl", "-v", "x=["]) == 2
    assert "error[" in capsys.readouterr().err


def test_completion_at_the_prompt_knows_names_commands_and_operations():
    from gradcli.cli.asking import Asked
    from gradcli.cli.repl_commands import Commands
    from gradcli.explorer.repl.session import Session
    from gradcli.explorer.request import EvalRequest

    request = EvalRequest((), variables=("weight_2=3",))
    with Session(request, print, print) as session:
        commands = Commands(session, Asked(request, 0.0), 6)
        assert commands.complete(".gra") == (3, ["graph"])
        assert commands.complete(".ops softpl") == (6, ["softplus"])
        assert commands.complete("3*weight_") == (7, ["weight_2"])
        assert commands.complete(".graph weight_2.softpl")[1] == []
        assert commands.complete(".hessian weight_2.sum(weight_") == (7, ["weight_2"])
        assert "backward" in commands.complete("weight_2.")[1]


def test_the_options_of_the_session_hold_for_its_commands(typed):
    arguments = ("--dtype", "float32", "--max-steps", "50", "--default", "3")
    out, err = typed(".eval a*2 --json", ".eval [i for i in range(99)][0] --json", arguments=arguments)
    root = json.loads(out.splitlines()[0])["roots"][0]
    assert (root["value"], root["dtype"]) == (6, "float32")
    assert "took more than 50 steps" in err


def test_a_big_tensor_is_handed_over_though_its_text_is_long(typed):
    out, err = typed("x = arange(3000.)", ".eval sum(x) --json", arguments=("--max-text", "500"))
    assert json.loads(out)["roots"][0]["value"] == 4498500
    assert err == ""


def test_as_json_every_answer_is_a_line_with_a_schema(capsys):
    inputs = [
        "x = tensor([1., 2.], requires_grad=True)",
        "y = sum(x**2)",
        "y.backward()",
        "x.grad",
        ".vars",
        ".hessian y",
    ]
    assert run(["repl", "--json", "-v", "w=1", *inputs, ".quit"]) == 0
    grad, names, hessian = map(json.loads, capsys.readouterr().out.splitlines())
    assert grad == {"schema": "gradcli.repl/1", "shape": [2], "value": [2.0, 4.0]}
    assert [one["name"] for one in names["names"]] == ["w", "x", "y"]
    assert names["names"][1]["grad"] == [2.0, 4.0]
    assert hessian["schema"] == "gradcli.hessian/1"
