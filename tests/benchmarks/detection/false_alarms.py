"""Right gradients of random expressions, judged by all witnesses: how many are called wrong?"""

from __future__ import annotations

import json
import signal
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from expressions import Expressions

from gradcli.checks.account import judged, overall
from gradcli.checks.hearing import Asked
from gradcli.checks.judge import judge
from gradcli.explorer.job import job_session
from gradcli.explorer.tracing import Traced

ASKED = Asked(max_time=1.0)
PATIENCE = 30  # seconds for one expression
LATE = 5  # times what each costly witness may take
BATCH = 50  # expressions that one seed draws
USUAL = ("agrees", "kink", "edge")


class _Tally:
    """What has been judged so far."""

    def __init__(self, log: str) -> None:
        self.verdicts: Counter[str] = Counter()
        self.records: Counter[str] = Counter()
        self.notable: list[dict[str, Any]] = []
        self.late = 0
        self.longest = 0.0
        self._log = log
        self._began = time.perf_counter()

    def add(self, seed: int, command: str, traced: Traced, verdict: str, taken: float) -> None:
        """One more; what is notable is written down at once, a JSON line each."""
        verdict, _, why = verdict.partition(": ")
        self.verdicts[verdict] += 1
        self.records.update({step.record.name for step in traced.subject.trace.steps})
        self.longest = max(self.longest, taken)
        late = taken > LATE * ASKED.max_time
        self.late += late
        if verdict in USUAL and not late:
            return
        line = {"verdict": verdict, "seconds": round(taken, 2), "seed": seed, "command": command, "why": why}
        self.notable.append(line)
        if self._log:
            with Path(self._log).open("a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")

    def figures(self) -> dict[str, Any]:
        """As `run` returns them."""
        count = sum(self.verdicts.values())
        return {
            "count": count,
            "verdicts": dict(self.verdicts),
            "inconclusive share": self.verdicts["inconclusive"] / max(1, count),
            "late": self.late,
            "longest": self.longest,
            "operations": len(self.records),
            "seconds": round(time.perf_counter() - self._began, 1),
            "notable": self.notable,
        }


def run(count: int = 10_000, *, start: int = 0, log: str = "") -> dict[str, Any]:
    """Returns how many expressions got which verdict, and what is not as it should be.

    Stopped by hand (SIGINT, SIGTERM) it returns what there is until then.

    Args:
        count: of expressions.
        start: the first batch of seeds, so that a run can be gone on with.
        log: a file to which what is wrong, inconclusive, crashed or late is written, a JSON line each.
    """
    tally = _Tally(log)
    stopped = signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    try:
        for seed in range(start, start + -(-count // BATCH)):
            source = Expressions(seed)
            for _ in range(min(BATCH, count - sum(tally.verdicts.values()))):
                with warnings.catch_warnings(), np.errstate(all="ignore"):
                    warnings.simplefilter("ignore")
                    drawn, traced = source.draw()
                    started = time.perf_counter()
                    with job_session(drawn.request):  # what the program computes again has its default dtype
                        verdict = _verdict(traced)
                tally.add(seed, drawn.command, traced, verdict, time.perf_counter() - started)
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, stopped)
    return tally.figures()


class _LateError(BaseException):
    """No Exception: what witnesses catch to be silent must not swallow it."""


def _verdict(traced: Traced) -> str:
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(PATIENCE)
    try:
        return overall(judged(judge(traced.subject, ASKED)))
    except (Exception, _LateError) as error:  # noqa: BLE001 - a check that crashes is the worst it can do, and is counted
        return f"crashed: {type(error).__name__}: {error}"
    finally:
        signal.alarm(0)


def _late(*_: object) -> None:
    raise _LateError(f"no verdict after {PATIENCE} s")


def summary(found: dict[str, Any]) -> list[str]:
    """Returns what is printed."""
    share = 100 * found["inconclusive share"]
    verdicts = found["verdicts"]
    counts = ", ".join(f"{name} {n}" for name, n in sorted(verdicts.items()))
    figures = (
        f"wrong: {verdicts.get('wrong', 0)}",
        f"inconclusive: {share:.2f} %",
        f"crashed: {verdicts.get('crashed', 0)}",
        f"over {LATE * ASKED.max_time:g} s: {found['late']}, the longest {found['longest']:.1f} s",
        f"{found['seconds']} s in all",
    )
    return [
        f"{found['count']} random expressions over {found['operations']} operations: {counts}",
        "; ".join(figures),
        *(json.dumps(line) for line in found["notable"]),
    ]


def failed(found: dict[str, Any]) -> bool:
    """Returns whether a right gradient was called wrong, or a check crashed."""
    return any(found["verdicts"].get(verdict) for verdict in ("wrong", "crashed"))
