"""One contestant of one row, in a process of its own: `python contestant.py MODULE ROW CONTESTANT`.

Answers lines of standard input by lines of JSON: `check` by [what is wrong, MiB that the first call added],
`time N` by the seconds that one of N calls took.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # the project itself, wherever the Python is from

from row import Row, mismatch


def serve(row: Row, who: str) -> None:
    """Answers until standard input ends."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what is measured may print
    call = row.call(who)
    print(json.dumps("ready"), file=out, flush=True)
    for line in sys.stdin:
        word, _, number = line.strip().partition(" ")
        answer = _check(row, call) if word == "check" else _time(call, int(number))
        print(json.dumps(answer), file=out, flush=True)


def _check(row: Row, call: Callable[[], Any]) -> tuple[str, float]:
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
    before = _resident("VmRSS")
    found = call()
    grown = _resident("VmHWM") - before
    wrong = "" if row.expected is None else mismatch(found, row.expected(), row.tolerance)
    return wrong, grown


def _resident(field: str) -> float:
    """MiB of this process, now or at its peak."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def _time(call: Callable[[], Any], number: int) -> float:
    start = time.perf_counter()
    for _ in range(number):
        call()
    return (time.perf_counter() - start) / number


if __name__ == "__main__":
    _module, _name, _who = sys.argv[1:]
    serve(next(row for row in importlib.import_module(_module).ROWS if row.name == _name), _who)
