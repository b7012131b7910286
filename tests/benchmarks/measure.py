"""Whole processes timed in turns, and the table of what came out."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["machine", "process", "table"]

Row = dict[str, Any]
STARTER = Path(__file__).with_name("starter.py")


def machine() -> str:
    """The processor's name and the number of cores."""
    name, facts = "unknown processor", Path("/proc/cpuinfo")
    if facts.exists():
        lines = facts.read_text(encoding="utf-8").splitlines()
        name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), name)
    return f"{name}, {os.cpu_count()} cores"


def process(commands: dict[str, Sequence[str]], *, rounds: int = 15) -> list[Row]:
    """Median wall time (ms) and largest resident size (MiB) of whole processes, started in turns."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    sizes: dict[str, float] = {}
    with subprocess.Popen(
        [sys.executable, "-S", str(STARTER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdin is not None
        assert starter.stdout is not None
        for turn in range(rounds + 1):
            for name, command in commands.items():
                starter.stdin.write(json.dumps(list(command)) + "\n")
                starter.stdin.flush()
                elapsed, sizes[name], code = json.loads(starter.stdout.readline())
                if code:
                    sys.exit(f"{name}: exit code {code}")
                if turn:  # the first turn fills the file cache
                    times[name].append(elapsed)
    return [
        {"what": name, "median ms": round(statistics.median(found), 1), "best ms": round(min(found), 1),
         "MiB": round(sizes[name], 1)}
        for name, found in times.items()
    ]  # fmt: skip


def table(rows: list[Row]) -> str:
    """The rows as aligned text."""
    heads = list(dict.fromkeys(head for row in rows for head in row))
    cells = [heads, *[[str(row.get(head, "")) for head in heads] for row in rows]]
    widths = [max(len(line[i]) for line in cells) for i in range(len(heads))]
    lines = []
    for line in cells:
        first, *rest = (
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        lines.append("  ".join(["", first, *rest]))
    return "\n".join(lines)
