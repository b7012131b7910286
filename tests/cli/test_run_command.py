"""`gradcli run` as a user meets it: processes, streams, files, exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from gradcli.cli.app import run
from gradcli.diagnostics import Diagnostic
from gradcli.explorer.running import checking
from gradcli.explorer.running.checking import Verdict

Gradcli = Callable[..., subprocess.CompletedProcess[str]]
WRONG = '[[case]]\nname = "a cube"\nexpr = "sum(x**3)"\nvars.x = [1, 2]\nexpect.grad.x = "3*x"\n'
CHECKED = '[[case]]\nname = "checked"\nexpr = "sum(x**3)"\nvars.x = 2\ncheck = true\n'


def test_one_script_prints_what_it_prints_and_nothing_else(gradcli: Gradcli, folder: Path):
    done = gradcli("hello.py", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "hello tensor(2., grad_fn=<SumBackward0>)\n"


def test_a_script_on_standard_input_runs_too(gradcli: Gradcli, folder: Path):
    done = gradcli("-", given=(folder / "hello.py").read_text())
    assert (done.returncode, done.stdout) == (0, "hello tensor(2., grad_fn=<SumBackward0>)\n")


def test_a_failed_assert_ends_a_script_with_1_and_the_line_underlined(gradcli: Gradcli):
    done = gradcli("-", given='print("before")\nassert 1 + 1 == 3, "no"\nprint("after")\n')
    assert (done.returncode, done.stdout) == (1, "before\n")
    assert done.stderr == (
        "error[E389]: no\n"
        "  ┌ <stdin>:2:8\n"
        '2 │ assert 1 + 1 == 3, "no"\n'
        "  │        ^^^^^^^^^^ this does not hold\n"
    )


def test_an_uncaught_error_ends_a_script_with_1(gradcli: Gradcli):
    done = gradcli("-", given="import torch\nx = torch.ones(2, requires_grad=True)\nx.backward()\n")
    assert done.returncode == 1
    assert "grad can be implicitly created only for scalar outputs" in done.stderr
    assert "3 │ x.backward()" in done.stderr


@pytest.mark.parametrize("text", ["x = = 1\n", "def f(:\n"])
def test_a_script_that_is_none_ends_with_2(gradcli: Gradcli, text: str):
    done = gradcli("-", given=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error[E1" in done.stderr


def test_a_script_that_cannot_be_read_ends_with_2(gradcli: Gradcli, folder: Path):
    (folder / "bad.py").write_bytes(b"\xff")
    done = gradcli("bad.py", folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not UTF-8 text" in done.stderr


def test_output_comes_while_the_script_runs():
    text = 'print("first")\nwhile True:\n    pass\n'
    with subprocess.Popen(
        [sys.executable, "-m", "gradcli", "run", "-", "--max-steps", str(10**15)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(text.encode())
        process.stdin.close()
        assert process.stdout.readline() == b"first\n"
        process.kill()


def test_a_script_is_compared_with_its_sidecar(gradcli: Gradcli, folder: Path):
    (folder / "hello.out").write_text("hello tensor(3., grad_fn=<SumBackward0>)\n")
    done = gradcli("hello.py", folder=folder)
    assert done.returncode == 1
    assert done.stdout == "hello tensor(2., grad_fn=<SumBackward0>)\n"
    assert "error[E540]: the output differs from `hello.out` in line 1" in done.stderr
    assert "3 │ print(" in done.stderr


def test_accept_writes_what_differs_and_what_is_missing(gradcli: Gradcli, folder: Path):
    (folder / "bad.py").write_text("assert False\n")
    (folder / "bad.out").write_text("kept\n")
    (folder / "near.py").write_text("print(0.33333339)\nprint('<A at 0x12>')")
    (folder / "near.out").write_text("0.33333333\n<A at 0x99>\n")
    (folder / "old.py").write_text("print('<A at 0x12>')")
    (folder / "old.out").write_text("another text\n")
    done = gradcli(".", "--accept", folder=folder)
    assert done.returncode == 1
    assert "wrote ./hello.out" in done.stdout
    texts = {file.name: file.read_text() for file in folder.glob("*.out")}
    assert texts == {
        "bad.out": "kept\n",
        "near.out": "0.33333333\n<A at 0x99>\n",
        "old.out": "<A at 0x...>\n",
        "hello.out": "hello tensor(2., grad_fn=<SumBackward0>)\n",
    }
    assert gradcli("hello.py", folder=folder).returncode == 0
    assert not [file for file in folder.iterdir() if file.name.startswith(".")]


def test_accepting_one_script_prints_it_too(gradcli: Gradcli, folder: Path):
    done = gradcli("hello.py", "--accept", folder=folder)
    assert (done.returncode, done.stdout) == (0, "hello tensor(2., grad_fn=<SumBackward0>)\n")
    assert done.stderr == "wrote hello.out\n"


def test_several_samples_give_a_table_and_the_output_of_those_that_fail(gradcli: Gradcli, folder: Path):
    (folder / "wrong.toml").write_text(WRONG)
    (folder / "bad.py").write_text('print("so far")\nassert 1 > 2\n')
    done = gradcli(".", folder=folder)
    assert done.returncode == 1
    assert done.stderr == ""
    rows = [line.split()[:2] for line in done.stdout.splitlines() if line.startswith(" ./")]
    assert [row[0] for row in rows] == ["./bad.py", "./hello.py", "./right.toml:", "./wrong.toml:"]
    assert "--- ./bad.py: failed\nso far\nerror[E389]: 1 > 2\n" in done.stdout
    assert "hello tensor" not in done.stdout
    assert re.search(r"^4 samples: 2 passed, 2 failed in ", done.stdout, re.MULTILINE)
    assert "hello tensor" in gradcli(".", "--show-output", folder=folder).stdout


def test_control_characters_that_a_sample_prints_are_escaped_in_its_section(gradcli: Gradcli, folder: Path):
    (folder / "bad.py").write_text('print("\\x1b[31mred")\nassert False\n')
    done = gradcli(".", folder=folder)
    assert "\x1b" not in done.stdout
    assert "\\x1b[31mred" in done.stdout


def test_bad_input_among_others_ends_with_2_and_a_failure_with_1(gradcli: Gradcli, folder: Path):
    (folder / "broken.toml").write_text("[[case]\n")
    done = gradcli(".", folder=folder)
    assert done.returncode == 2
    assert "error[E533]: this is no TOML" in done.stdout
    assert "1 error" in done.stdout
    (folder / "wrong.toml").write_text(WRONG)
    assert gradcli(".", folder=folder).returncode == 1


def test_one_case_file_that_is_none_ends_with_2_and_its_message_alone(gradcli: Gradcli, folder: Path):
    (folder / "broken.toml").write_text((folder / "right.toml").read_text() + "grads = 1\n")
    done = gradcli("broken.toml", folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error[E534]: `grads` is no key of a case\n  ┌ broken.toml:6:1" in done.stderr


def test_nothing_found_ends_with_2_and_what_was_looked_for(gradcli: Gradcli, folder: Path):
    done = gradcli("nothing.py", folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error[E530]: there is no `nothing.py`" in done.stderr
    done = gradcli(".", "-k", "cube", folder=folder)
    assert done.returncode == 2
    assert "no name matches -k 'cube'" in done.stderr


def test_samples_are_selected_by_name_and_listed(gradcli: Gradcli, folder: Path):
    right = folder / "right.toml"
    right.write_text(right.read_text() + WRONG)
    assert gradcli(".", "--list", folder=folder).stdout == (
        "./hello.py\n./right.toml: a square\n./right.toml: a cube\n"
    )
    assert (
        gradcli(".", "--list", "-k", "right and not cube", folder=folder).stdout == "./right.toml: a square\n"
    )
    assert gradcli(".", "-k", "not cube", folder=folder).returncode == 0


def test_fail_fast_skips_the_rest(gradcli: Gradcli, folder: Path):
    (folder / "a.toml").write_text(WRONG)
    for jobs in ("1", "2"):
        done = gradcli(".", "-x", "-j", jobs, folder=folder)
        assert done.returncode == 1
        assert "1 failed, 2 skipped" in done.stdout
        assert "ended at the first failure" in done.stdout


def test_json_holds_everything_in_a_versioned_schema(gradcli: Gradcli, folder: Path):
    (folder / "wrong.toml").write_text(WRONG)
    done = gradcli(".", "--json", "-j", "2", folder=folder)
    assert (done.returncode, done.stderr) == (1, "")
    report = json.loads(done.stdout)
    assert report["schema"] == "gradcli.run/1"
    assert report["counts"] == {"passed": 2, "failed": 1}
    hello, right, wrong = report["samples"]
    assert hello["output"] == "hello tensor(2., grad_fn=<SumBackward0>)\n"
    assert (right["path"], right["name"], right["status"]) == ("./right.toml", "a square", "passed")
    (message,) = wrong["messages"]
    assert (message["code"], message["file"], message["line"]) == ("E541", "./wrong.toml", 5)


def test_json_of_one_script_holds_its_output(gradcli: Gradcli, folder: Path):
    (sample,) = json.loads(gradcli("hello.py", "--json", folder=folder).stdout)["samples"]
    assert sample["output"] == "hello tensor(2., grad_fn=<SumBackward0>)\n"


def test_a_report_for_build_servers_is_written(gradcli: Gradcli, folder: Path):
    (folder / "wrong.toml").write_text(WRONG)
    assert gradcli(".", "--junit-xml", "report.xml", folder=folder).returncode == 1
    root = ET.parse(folder / "report.xml").getroot()  # noqa: S314 - it was written just now
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "3", "1")
    assert gradcli("hello.py", "--junit-xml", "one.xml", folder=folder).returncode == 0
    assert "hello tensor" in (folder / "one.xml").read_text()


def test_a_report_that_cannot_be_written_is_known_before_anything_runs(gradcli: Gradcli, folder: Path):
    for name in ("missing/report.xml", "report.txt"):
        done = gradcli(".", "--junit-xml", name, folder=folder)
        assert (done.returncode, done.stdout) == (2, "")
        assert "cannot write" in done.stderr


@pytest.mark.parametrize("option", ["--rtol", "--atol"])
@pytest.mark.parametrize("value", ["nan", "inf", "-1"])
def test_a_tolerance_is_finite_and_not_negative(gradcli: Gradcli, folder: Path, option: str, value: str):
    done = gradcli(".", f"{option}={value}", folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "a tolerance is finite and not negative" in done.stderr


def test_a_case_without_a_verdict_ends_with_3(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (folder / "checked.toml").write_text(CHECKED)
    verdict = Verdict("inconclusive", Diagnostic("E544", "nobody can tell"))
    monkeypatch.setattr(checking, "check_case", lambda case: verdict)
    assert run(["run", str(folder)]) == 3
    output = capsys.readouterr().out
    assert "error[E544]: nobody can tell" in output
    assert "2 passed, 1 inconclusive" in output


def test_cases_are_checked_in_workers_as_in_one_process(gradcli: Gradcli, folder: Path):
    (folder / "checked.toml").write_text(CHECKED)
    for jobs in ("1", "2"):
        done = gradcli(".", "-j", jobs, folder=folder)
        assert done.returncode == 0, done.stdout
        assert "3 passed" in done.stdout


def test_workers_find_operations_that_are_no_everyday_ones(gradcli: Gradcli, folder: Path):
    for name in ("one", "two"):
        rare = "import torch\nprint(torch.special.bessel_j0(torch.tensor(0.0)).item())\n"
        (folder / f"rare_{name}.py").write_text(rare)
        (folder / f"rare_{name}.out").write_text("1.0\n")
    done = gradcli("rare_one.py", "rare_two.py", "-j", "2", folder=folder)
    assert (done.returncode, done.stdout.splitlines()[-1].split(" in ")[0]) == (0, "2 samples: 2 passed")
