"""The table: every row, by every contestant there is, checked and then timed in turns."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from row import PEERS, Row, needs

__all__ = ["MODULES", "Found", "lines", "measure", "pythons", "rows"]

# Who has rows. One that is not there has none.
MODULES = ("starting", "small", "loops", "models", "big", "derivatives", "growth")

Found = dict[str, Any]
ONE_TURN = 0.05  # seconds that one turn of a contestant takes at least
ROUNDS = 11
PATIENCE = 60.0  # seconds that all turns of a row take at most, but for three
WORDS = {None: "", True: "yes", False: "no"}
VARIABLE = "GRADCLI_BENCHMARK_PYTHONS"


def rows(names: Sequence[str] = ()) -> Iterator[tuple[str, Row]]:
    """Yields the rows named (or all), each with its module; a module's name stands for all of its rows."""
    wanted = set(names)
    for module in MODULES:
        if importlib.util.find_spec(module) is None:
            continue
        for row in importlib.import_module(module).ROWS:
            if not names or row.name in names or module in names:
                wanted -= {row.name, module}
                yield module, row
    if wanted:
        sys.exit(f"no such row: {', '.join(sorted(wanted))}")


def pythons(given: Iterable[str]) -> dict[str, str]:
    """Returns the Python that each library is in: this one, those given, or those of VARIABLE."""
    found = {"": sys.executable}
    others = [one for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one]
    ask = "import sys, importlib.util as u; print(*[name for name in sys.argv[1:] if u.find_spec(name)])"
    for python in (sys.executable, *given, *others):
        done = subprocess.run(
            [python, "-c", ask, *PEERS.values()], check=True, capture_output=True, text=True
        )
        for module in done.stdout.split():
            found.setdefault(module, python)
    return found


def measure(module: str, row: Row, where: dict[str, str], rounds: int = ROUNDS) -> list[Found]:
    """Returns what each contestant of a row took, after all were found to be right."""
    running = {who: _Running(module, row, who, where[needs(who)])
               for who in row.contestants if needs(who) in where}  # fmt: skip
    times: dict[str, list[float]] = {who: [] for who in running}
    wrong, sizes, numbers = {}, {}, {}
    load = os.getloadavg()[0]
    try:
        for who, process in running.items():
            wrong[who], sizes[who] = process.ask("check")
            once = min(process.ask("time 1"), process.ask("time 1"))
            numbers[who] = max(1, round(ONE_TURN / once))
        turn = sum(max(ONE_TURN, process.ask("time 1")) for process in running.values())
        for _ in range(max(3, min(rounds, int(PATIENCE / turn)))):
            for who, process in running.items():
                times[who].append(process.ask(f"time {numbers[who]}"))
    finally:
        for process in running.values():
            process.end()
    medians = {who: statistics.median(taken) / row.units for who, taken in times.items()}
    pace = min((medians[who] / seconds for who, seconds in row.there.items() if who in medians), default=1.0)
    found = [
        {
            "row": row.name,
            "work": row.work,
            "contestant": who,
            "median": medians[who],
            "best": min(taken) / row.units,
            "goal": row.goals.get(who),
            "goal here": row.goals[who] * max(pace, 1.0) if who in row.goals else None,
            "MiB": sizes[who] / row.units,
            "MiB limit": row.limits.get(who),
            "wrong": wrong[who],
            "rounds": len(taken),
            "calls": numbers[who],
            "load": load,
        }
        for who, taken in times.items()
    ]
    for one in found:
        one["ratio"] = one["median"] / found[0]["median"]
        most = row.ratios.get(one["contestant"])
        one["first at most"] = most
        for reached, goal in (("reached", one["goal"]), ("reached here", one["goal here"])):
            kept = [goal is None or one["median"] <= goal,
                    one["MiB limit"] is None or one["MiB"] <= one["MiB limit"],
                    most is None or 1 / one["ratio"] <= most]  # fmt: skip
            one[reached] = None if (goal, one["MiB limit"], most) == (None,) * 3 else all(kept)
    return found


class _Running:
    """A contestant's process."""

    def __init__(self, module: str, row: Row, who: str, python: str) -> None:
        self._who = f"{row.name}, {who}"
        threads = str(row.threads)
        multi = "true" if row.threads > 1 else "false"
        here = Path(__file__).parent
        # Bytecode is what a user's second run finds.
        environment = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        self._process = subprocess.Popen(
            [python, str(here / "contestant.py"), module, row.name, who],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=here.parents[1],
            env={**environment, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads,
                 "MKL_NUM_THREADS": threads, "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={multi}",
                 "JAX_PLATFORMS": "cpu"},
        )  # fmt: skip
        self._answer()

    def ask(self, word: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.end()
            sys.exit(f"{self._who}: the process ended")
        return json.loads(line)

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def lines(found: Sequence[Found], shown: Callable[[float], str] | None = None) -> list[Found]:
    """Returns a row's contestants as they are printed."""
    shown = shown or _seconds
    printed = []
    for one in found:
        goals = [f"≤ {shown(one['goal'])}"] if one["goal"] else []
        slow = one["goal"] and one["goal here"] > one["goal"]
        goals += [f"at this machine's pace ≤ {shown(one['goal here'])}"] if slow else []
        goals += [f"≤ {_bytes(one['MiB limit'] * 2**20)}"] if one["MiB limit"] else []
        goals += [f"{found[0]['contestant']} ≤ {one['first at most']:.3g} ×"] if one["first at most"] else []
        printed.append(
            {
                "contestant": one["contestant"],
                "median": shown(one["median"]),
                "best": shown(one["best"]),
                "ratio": f"{one['ratio']:.2f}",
                "memory": _bytes(one["MiB"] * 2**20),
                "goal": ", ".join(goals),
                "reached": f"WRONG: {one['wrong']}" if one["wrong"] else _reached(one),
            }
        )
    return printed


def _reached(one: Found) -> str:
    return "at its pace" if one["reached here"] and not one["reached"] else WORDS[one["reached"]]


def _seconds(seconds: float) -> str:
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9)):
        if seconds * factor >= 1 or unit == "ns":
            return f"{seconds * factor:.3g} {unit}"
    raise AssertionError


def _bytes(count: float) -> str:
    for unit, size in (("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:.0f} {unit}"
    return f"{count:.0f} B" if count > 0 else ""
