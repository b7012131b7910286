"""The command line as a user meets it: processes, streams, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

FIRST = "mean(3*(x+2)**2)"


def gradcli(*args: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gradcli", *args],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )


def test_the_first_command_shows_27_and_4_5_in_tables():
    done = gradcli("eval", FIRST)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "27" in done.stdout
    assert done.stdout.count("4.5") == 4
    assert "x is not bound: ones(2, 2) by default" in done.stdout
    assert "\x1b" not in done.stdout


def test_an_error_goes_to_standard_error_with_exit_code_2():
    done = gradcli("eval", "x*2", "-v", "x=[2,2,2]")
    assert (done.returncode, done.stdout) == (2, "")
    assert "error[E401]: grad can be implicitly created only for scalar outputs" in done.stderr
    assert "^^^" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_pipe_is_silent():
    command = f"{sys.executable} -m gradcli eval 'sum(x)' -v 'x=ones(5000)' --full | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_with_its_own_exit_code(sent: signal.Signals, code: int):
    endless = ["eval", "while True: x = x", "--max-steps", str(10**15)]
    with subprocess.Popen(
        [sys.executable, "-m", "gradcli", *endless], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        time.sleep(1.5)
        process.send_signal(sent)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == code
    assert "Traceback" not in errors


def test_what_the_first_command_needs_not_is_not_loaded():
    program = (
        "import sys, json\n"
        f"from gradcli.cli.app import run\nrun(['eval', {FIRST!r}])\n"
        "sys.stderr.write(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stderr))
    forbidden = {
        "sympy", "scipy", "mpmath", "pygments", "markdown_it", "pydantic", "hypothesis", "asyncio",
        "multiprocessing", "concurrent.futures", "http", "ssl", "tempfile", "zipfile",
        "numpy.random", "rich", "typer", "pkgutil", "gradcli.symbolic",
        "gradcli.explorer.operations", "gradcli.views.json", "gradcli.views.archive",
        "gradcli.views.operations", "gradcli.views.diagnostic", "gradcli.cli.expressions",
        "gradcli.language.compiling.classes", "gradcli.language.compiling.statements",
        "gradcli.language.compiling.templates", "gradcli.language.syntax.statements",
        "gradcli.language.values.template",
    }  # fmt: skip
    assert loaded & forbidden == set()
    assert {"gradcli.explorer.evaluate", "gradcli.views.table", "numpy"} <= loaded


def test_the_version_does_not_load_numpy():
    program = (
        "import sys\nfrom gradcli.cli.app import run\nrun(['--version'])\nsys.exit('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("gradcli ")


def test_a_text_comes_from_standard_input():
    done = gradcli("eval", "-", "--json", given="y = x**3\nsum(y)\n")
    assert json.loads(done.stdout)["gradients"][0]["grad"] == [[3, 3], [3, 3]]


def test_a_terminal_without_unicode_gets_ascii():
    done = gradcli("eval", "sum(sqrt(x-1))", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "warning[W501]: inf in the gradient of x" in done.stderr


@pytest.mark.parametrize(
    ("streams", "code"),
    [(">&-", 0), ("2>&-", 0), ("<&-", 0), (">&- 2>&- <&-", 0), (">/dev/full", 2)],
)
def test_closed_and_full_streams_end_without_a_traceback(streams: str, code: int):
    command = f"{sys.executable} -m gradcli eval 'sum(sqrt(x))' -v 'x=[0]' {streams}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_an_error_that_nobody_can_read_still_has_its_exit_code():
    for streams in ("2>&-", "2>/dev/full", "<&-"):
        expression = "-" if "<" in streams else "'sine(x)'"
        command = f"{sys.executable} -m gradcli eval {expression} {streams}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")


def test_no_line_of_a_table_ends_in_spaces():
    lines = gradcli("eval", FIRST).stdout.split("\n")
    assert lines == [line.rstrip() for line in lines]
