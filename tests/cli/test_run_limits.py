"""Limits on `gradcli run`, and what ends it: time, memory, signals, closed pipes."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

Gradcli = Callable[..., subprocess.CompletedProcess[str]]
WRONG = '[[case]]\nname = "a cube"\nexpr = "sum(x**3)"\nvars.x = [1, 2]\nexpect.grad.x = "3*x"\n'


def test_an_endless_script_ends_after_its_time(gradcli: Gradcli, folder: Path):
    (folder / "loop.py").write_text('print("so far")\nwhile True:\n    pass\n')
    done = gradcli(".", "--timeout", "1.5", "--max-steps", str(10**15), folder=folder)
    assert done.returncode == 1
    assert "--- ./loop.py: failed\nso far\nerror[E604]: this took more than 1.5 seconds" in done.stdout
    alone = gradcli("loop.py", "--timeout", "1.5", "--max-steps", str(10**15), folder=folder)
    assert (alone.returncode, alone.stdout) == (1, "so far\n")
    assert "E604" in alone.stderr


@pytest.mark.parametrize("time", ["inf", "1e300"])
def test_a_time_beyond_all_timers_is_no_limit(gradcli: Gradcli, time: str):
    done = gradcli("-", "--timeout", time, given="print(1)")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def test_a_time_is_a_number(gradcli: Gradcli):
    done = gradcli("-", "--timeout", "nan", given="print(1)")
    assert done.returncode == 2
    assert "--timeout is nan" in done.stderr


def test_a_long_operation_ends_after_its_time_too(gradcli: Gradcli, folder: Path):
    program = "import torch\nprint('so far')\na = torch.ones(6000, 6000)\nfor i in range(9):\n    a = a @ a\n"
    (folder / "long.py").write_text(program)
    done = gradcli("long.py", "--timeout", "1", folder=folder)
    assert (done.returncode, done.stdout) == (1, "so far\n")
    assert "E604" in done.stderr
    assert "here, or soon after" not in done.stderr  # the script had no say in it


def test_limits_hold_for_samples(gradcli: Gradcli, folder: Path):
    (folder / "loop.py").write_text("while True:\n    pass\n")
    done = gradcli("loop.py", "--max-steps", "1000", folder=folder)
    assert done.returncode == 1
    assert "more than 1000 steps" in done.stderr
    (folder / "big.py").write_text("import torch\ntorch.ones(3000, 3000)\n")
    assert "the limit is 1000000" in gradcli("big.py", "--max-elements", "1000000", folder=folder).stderr


@pytest.mark.parametrize(
    ("sent", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_signal_ends_a_run_with_what_was_done(
    folder: Path, sent: signal.Signals, code: int, word: str, jobs: str
):
    (folder / "a.toml").write_text(WRONG)
    (folder / "loop.py").write_text("while True:\n    pass\n")
    command = [sys.executable, "-m", "gradcli", "run", ".", "-j", jobs, "--max-steps", str(10**15)]
    with subprocess.Popen(
        [*command, "--junit-xml", "r.xml"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(Path.cwd())},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("--- ./a.toml: a cube: failed")
        time.sleep(0.5)
        process.send_signal(sent)
        output, errors = process.communicate(timeout=20)
    assert process.returncode == code
    assert "Traceback" not in errors
    assert word in output.splitlines()[-1]
    assert "./loop.py" in output
    root = ET.parse(folder / "r.xml").getroot()  # noqa: S314 - as above
    assert root.get("failures") == "1"
    assert root.findall(".//testcase[@name='./loop.py']/skipped")


def test_a_closed_pipe_is_silent(folder: Path):
    for i in range(3):
        (folder / f"bad{i}.py").write_text("assert False\n")
    command = f"{sys.executable} -m gradcli run {folder} -j 2 | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_progress_is_shown_on_a_terminal_and_taken_away(folder: Path):
    master, terminal = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "gradcli", "run", str(folder)],
        stdout=subprocess.PIPE,
        stderr=terminal,
        check=False,
        env={**os.environ, "TERM": "xterm", "PYTHONUTF8": "1"},
    )
    os.close(terminal)
    shown = b""
    while select.select([master], [], [], 0.5)[0]:
        try:
            shown += os.read(master, 4096)
        except OSError:
            break
    os.close(master)
    assert done.returncode == 0
    assert b"\r[############............] 1/2" in shown
    assert shown.endswith(b"\r\x1b[K")
    assert b"[###" not in done.stdout


def test_what_a_script_needs_not_is_not_loaded(folder: Path):
    program = (
        "import sys, json\nfrom gradcli.cli.app import run\n"
        f"run(['run', {str(folder / 'hello.py')!r}])\nsys.stderr.write(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stderr))
    assert not loaded & {
        "rich", "typer", "tomllib", "scipy", "sympy", "multiprocessing", "tempfile",
        "gradcli.explorer.running.jobs", "gradcli.explorer.running.casefile",
        "gradcli.explorer.running.judging", "gradcli.views.junit", "gradcli.views.runs",
        "gradcli.views.json", "gradcli.views.diagnostic",
    }  # fmt: skip
