"""Many samples: in one process or in several they give one report, and no sample takes another with it."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.diagnostics import Diagnostic, Label, Source, Span
from gradcli.explorer.running import checking, jobs, judging, outcome
from gradcli.explorer.running.batch import Run
from gradcli.explorer.running.casefile import load_cases
from gradcli.explorer.running.judging import Finding
from gradcli.explorer.running.samples import Case, Options, Sample, Script, Unreadable
from gradcli.explorer.running.wire import decoded, encoded
from gradcli.reports.runs import Outcome

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")

BODIES = {
    "right": 'expr = "sum(x**2)"\nvars.x = [1, 2]\nexpect.grad.x = "2*x"',
    "wrong": 'expr = "sum(x**2)"\nvars.x = [1, 2]\nexpect.grad.x = "3*x"',
    "refused": 'expr = "x*2"\nvars.x = [1, 2]\nexpect.value = 4',
    "unreadable": 'expr = "x*"\nvars.x = [1, 2]\nexpect.value = 4',
    "checked": 'expr = "sum(x)"\nvars.x = [1, 2]\ncheck = true',
    "nan": 'expr = "log(x)"\nvars.x = -1\nexpect.value = nan',
}


@pytest.fixture(autouse=True, scope="module")
def undecided() -> Iterator[None]:
    """Nobody can tell of a case that asks for a check."""
    verdict = checking.Verdict("inconclusive", Diagnostic("E544", "nobody can tell"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checking, "check_case", lambda case: verdict)
        yield


def cases(*kinds: str) -> list[Sample]:
    text = "".join(f'[[case]]\nname = "{i} {kind}"\n{BODIES[kind]}\n' for i, kind in enumerate(kinds))
    return list(load_cases("c.toml", Source("c.toml", text), Options()))


def report(samples: list[Sample], count: int, **more: bool) -> list[Outcome]:
    run = Run(samples, Options(), jobs=count, **more)
    for _ in run.outcomes():
        pass
    return [outcome._replace(seconds=0.0) for outcome in run.batch().outcomes]


def misbehaving(monkeypatch: pytest.MonkeyPatch, name: str, work: Callable[[], object]) -> None:
    """Makes a case do something that no case can."""
    judge = judging.judge

    def other(case: Case) -> Finding:
        if case.name == name:
            work()
        return judge(case)

    monkeypatch.setattr(judging, "judge", other)


@settings(max_examples=12)
@given(st.lists(st.sampled_from(list(BODIES)), min_size=1, max_size=40), st.booleans())
def test_one_process_and_two_give_the_same_report(kinds: list[str], fail_fast: bool):
    samples = cases(*kinds)
    assert report(samples, 1, fail_fast=fail_fast) == report(samples, 2, fail_fast=fail_fast)


def test_scripts_print_the_same_in_one_process_and_in_two():
    samples: list[Sample] = [
        Script(f"{i}.py", Source(f"{i}.py", f"import torch\nprint(torch.ones({i}))\nassert {i} != 3\n"))
        for i in range(6)
    ]
    samples.insert(2, Unreadable("no.toml", Diagnostic("E533", "this is no TOML")))
    found = report(samples, 1)
    assert found == report(samples, 2)
    assert [one.status for one in found] == ["passed"] * 2 + ["error"] + ["passed"] + ["failed"] + [
        "passed"
    ] * 2


def test_outcomes_come_in_the_order_of_the_samples(monkeypatch: pytest.MonkeyPatch):
    misbehaving(monkeypatch, "0 right", lambda: time.sleep(0.3))
    names = [outcome.name for outcome in Run(cases(*["right"] * 12), Options(), jobs=2).outcomes()]
    assert names == [f"{i} right" for i in range(12)]


def test_the_first_failure_ends_a_run_that_is_to_fail_fast():
    found = report(cases("right", "checked", "wrong", "right", "wrong"), 1, fail_fast=True)
    assert [one.status for one in found] == ["passed", "inconclusive", "failed", "skipped", "skipped"]


def test_a_failure_that_was_settled_does_not_end_a_run():
    def forgiving(outcome: Outcome) -> Outcome:
        return outcome._replace(status="passed") if outcome.name == "0 wrong" else outcome

    for count in (1, 2):
        samples = cases("wrong", "right", "wrong", "right")
        run = Run(samples, Options(), jobs=count, fail_fast=True, settle=forgiving)
        statuses = [one.status for one in run.outcomes()]
        assert statuses == ["passed", "passed", "failed"]
        assert [one.status for one in run.batch().outcomes] == [*statuses, "skipped"]


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "died: SIGKILL"),
        (lambda: os._exit(7), "died: exit code 7"),
    ],
    ids=["killed", "exits"],
)
def test_a_worker_that_dies_takes_one_sample_with_it(
    monkeypatch: pytest.MonkeyPatch, work: Callable[[], object], text: str
):
    misbehaving(monkeypatch, "5 right", work)
    found = report(cases(*["right"] * 40), 2)
    assert [one.name for one in found if one.status != "passed"] == ["5 right"]
    assert text in found[5].reason


def test_a_worker_that_says_nonsense_takes_one_sample_with_it(monkeypatch: pytest.MonkeyPatch):
    def encode(index: int, sample: Sample, outcome: Outcome) -> bytes:
        return b"[99]\n" if index == 3 else encoded(index, sample, outcome)

    monkeypatch.setattr("gradcli.explorer.running.worker.encoded", encode)
    found = report(cases(*["right"] * 12), 2)
    assert [one.name for one in found if one.status != "passed"] == ["3 right"]


def test_samples_that_all_kill_their_workers_are_all_reported(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(judging, "judge", lambda case: os._exit(1))
    found = report(cases(*["right"] * 10), 2)
    assert [one.status for one in found] == ["failed"] * 10


def test_an_endless_loop_is_ended_after_its_time_with_the_others_unharmed():
    loop = Script("loop.py", Source("loop.py", "while True:\n    pass\n"))
    samples: list[Sample] = [loop, *cases("right", "wrong")]
    found = [one.status for one in Run(samples, Options(timeout=0.5), jobs=1).outcomes()]
    assert found == ["failed", "passed", "failed"]


def test_what_does_not_listen_to_its_timer_is_killed(monkeypatch: pytest.MonkeyPatch):
    def deaf() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        time.sleep(60)

    misbehaving(monkeypatch, "1 right", deaf)
    monkeypatch.setattr(jobs, "GRACE", 0.1)
    run = Run(cases(*["right"] * 6), Options(timeout=0.4), jobs=2)
    found = list(run.outcomes())
    assert [one.status for one in found] == ["passed", "failed", *["passed"] * 4]
    assert "more than 0.4 seconds" in found[1].reason


def test_an_internal_error_stays_in_its_sample(monkeypatch: pytest.MonkeyPatch):
    misbehaving(monkeypatch, "1 right", lambda: {}["nothing"])
    for count in (1, 2):
        found = report(cases(*["right"] * 3), count)
        assert [one.status for one in found] == ["passed", "error", "passed"]
        assert found[1].reason == "internal error: KeyError"


def test_too_little_memory_fails_its_sample_alone(monkeypatch: pytest.MonkeyPatch):
    def full() -> None:
        raise MemoryError

    misbehaving(monkeypatch, "1 right", full)
    assert [one.status for one in report(cases(*["right"] * 3), 1)] == ["passed", "failed", "passed"]


def test_an_interrupted_run_keeps_what_was_done(monkeypatch: pytest.MonkeyPatch):
    def interrupt() -> None:
        raise KeyboardInterrupt

    misbehaving(monkeypatch, "2 right", interrupt)
    run = Run(cases(*["right"] * 4), Options())
    with pytest.raises(KeyboardInterrupt):
        list(run.outcomes())
    assert [one.status for one in run.batch().outcomes] == ["passed", "passed", "skipped", "skipped"]


def test_no_process_is_left_when_a_run_is_left():
    outcomes = Run(cases(*["right"] * 40), Options(), jobs=2).outcomes()
    next(outcomes)
    outcomes.close()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def forbidden() -> dict[str, Callable[[], object]]:
    import socket

    return {
        "opens a file": lambda: Path(__file__).open(encoding="utf-8"),
        "makes a file": lambda: os.open("/tmp/gradcli-made", os.O_CREAT | os.O_WRONLY),  # noqa: S108 - it must fail
        "makes a pipe": os.pipe,
        "makes a socket": socket.socket,
    }


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
@pytest.mark.parametrize("what", ["opens a file", "makes a file", "makes a pipe", "makes a socket"])
def test_a_worker_can_do_no_harm_to_files(monkeypatch: pytest.MonkeyPatch, what: str):
    misbehaving(monkeypatch, "1 right", forbidden()[what])
    found = report(cases(*["right"] * 2), 2)
    assert found[1].reason == "internal error: OSError"


def test_a_worker_cannot_write_into_a_file_that_was_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    with (tmp_path / "open.txt").open("wb", buffering=0) as stream:
        misbehaving(monkeypatch, "1 right", lambda: stream.write(b"harm"))
        found = report(cases(*["right"] * 2), 2)
    assert found[1].reason == "internal error: OSError"
    assert (tmp_path / "open.txt").read_bytes() == b""


def test_a_worker_loads_modules_when_they_are_needed_and_data_of_its_cases(tmp_path: Path):
    (tmp_path / "x.csv").write_text("1,2\n")
    name = str(tmp_path / "c.toml")
    text = (
        '[[case]]\nname = "data"\nexpr = "sum(x)"\nvars.x = "@x.csv"\nexpect.value = 3\n'
        '[[case]]\nname = "scipy"\nexpr = "sum(polygamma(1, x))"\nvars.x = 1\nexpect.value = 1.6449340668\n'
    )
    samples = list(load_cases(name, Source(name, text), Options()))
    assert [one.status for one in report(samples, 2)] == ["passed", "passed"]


def test_an_outcome_comes_through_the_pipe_as_it_was():
    source, other = Source("c.toml", 'x = "ü"'), Source("elsewhere", "\ud800\x00")
    (sample,) = cases("right")
    assert isinstance(sample, Case)
    sample = sample._replace(source=source)
    message = Diagnostic(
        "E1", "m", Span(source, 1, 2), "l", ("a", "b"), "h", (Label(Span(other, 0, 1), "t"),), "warning"
    )
    made = outcome.outcome_of(sample, "failed", 0.25, "out\ud800\n", (message, Diagnostic("E2", "n")))
    line = encoded(0, sample, made)
    assert line.count(b"\n") == 1
    assert decoded(line, [sample]) == (0, made)


def test_a_text_that_both_sides_have_does_not_go_through_the_pipe():
    (sample,) = cases("wrong")
    made = outcome.run_sample(sample, Options())
    assert json.loads(encoded(0, sample, made))[-1] == []
