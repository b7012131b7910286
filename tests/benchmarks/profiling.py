"""Where one contestant of one row spends its time."""

from __future__ import annotations

import cProfile
import pstats
import subprocess
import time

from row import Process, Row

__all__ = ["profile"]

SECONDS = 2.0
LINES = 30


def profile(row: Row, who: str) -> None:
    """Prints the functions that cost most; of a whole process, the imports."""
    call = row.call(who)
    if isinstance(call, Process):
        _imports(call)
        return
    call()  # what is loaded and made only once is not the question
    profiler = cProfile.Profile()
    calls, end = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        profiler.runcall(call)
        calls += 1
    print(f"{row.name}, {who}: {calls} calls")
    pstats.Stats(profiler).sort_stats("tottime").print_stats(LINES)


def _imports(process: Process) -> None:
    python, *rest = process.words
    done = subprocess.run([python, "-X", "importtime", *rest], check=True, capture_output=True, text=True)
    found = []
    for line in done.stderr.splitlines():
        if line.startswith("import time:") and "cumulative" not in line:
            own, total, name = line.removeprefix("import time:").split("|")
            found.append((int(own), int(total), name.strip()))
    print("   own µs  with its own imports µs  module")
    for own, total, name in sorted(found, reverse=True)[:LINES]:
        print(f"{own:9} {total:28} {name}")
    print(f"{sum(own for own, _, _ in found):9} in all, {len(found)} modules")
