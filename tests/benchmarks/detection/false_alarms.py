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
from gradcli.explorer.tracing import Traced

ASKED = Asked(max_time=1.0)
NOTABLE = ("wrong", "inconclusive", "crashed")
PATIENCE = 30  # seconds for one expression
BATCH = 50  # expressions that one seed draws


def run(count: int = 10_000, *, start: int = 0, log: str = "") -> dict[str, Any]:
    """Returns how many expressions got which verdict, and the commands of what is not as it should be.

    Args:
        count: of expressions.
        start: the first batch of seeds, so that a run can be gone on with.
        log: a file to which what is wrong or inconclusive is written, a JSON line each.
    """
    verdicts: Counter[str] = Counter()
    records: Counter[str] = Counter()
    notable: list[tuple[str, str]] = []
    began = time.perf_counter()
    for seed in range(start, start + -(-count // BATCH)):
        source = Expressions(seed)
        for _ in range(min(BATCH, count - sum(verdicts.values()))):
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                drawn, traced = source.draw()
                started = time.perf_counter()
                verdict = _verdict(traced)
            crash = verdict if verdict.startswith("crashed") else ""
            verdict = "crashed" if crash else verdict
            taken = time.perf_counter() - started
            verdicts[verdict] += 1
            records.update({step.record.name for step in traced.subject.trace.steps})
            if verdict in NOTABLE:
                notable.append((verdict, drawn.command))
            if log and (verdict in NOTABLE or taken > 5 * ASKED.max_time):
                line = {
                    "verdict": verdict,
                    "seconds": round(taken, 2),
                    "seed": seed,
                    "command": drawn.command,
                    "why": crash,
                }
                with Path(log).open("a", encoding="utf-8") as out:
                    out.write(json.dumps(line) + "\n")
    return {
        "count": sum(verdicts.values()),
        "verdicts": dict(verdicts),
        "inconclusive share": verdicts["inconclusive"] / max(1, sum(verdicts.values())),
        "operations": len(records),
        "seconds": round(time.perf_counter() - began, 1),
        "notable": notable,
    }


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
    counts = ", ".join(f"{name} {n}" for name, n in sorted(found["verdicts"].items()))
    return [
        f"{found['count']} random expressions over {found['operations']} operations: {counts}",
        f"wrong: {found['verdicts'].get('wrong', 0)}; inconclusive: {share:.2f} %; {found['seconds']} s",
        *(f"  {verdict}: {command}" for verdict, command in found["notable"][:20]),
    ]


def failed(found: dict[str, Any]) -> bool:
    """Returns whether a right gradient was called wrong, or a check crashed."""
    return any(found["verdicts"].get(verdict) for verdict in ("wrong", "crashed"))
