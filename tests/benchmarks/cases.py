"""1000 small cases of one file through `gradcli run`: whole processes, cases per second, memory.

The memory of a row is that of its largest process; workers share most of theirs with their parent.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import process

COUNT = 1000


def case_file(count: int) -> str:
    """The text of a file with different cases, each with a value and a gradient to give."""
    return "\n".join(
        f'[[case]]\nname = "case {i}"\nexpr = "y = x + {i}; z = y*y*3; mean(z)"\nvars.x = "ones(2, 2)"\n'
        f"expect.value = {3 * (1 + i) ** 2}\nexpect.grad.x = {1.5 * (1 + i)}\n"
        for i in range(count)
    )


def run() -> list[dict[str, Any]]:
    """Median time and memory, and cases per second beyond what a run of one case takes."""
    with tempfile.TemporaryDirectory() as folder:
        files = {count: Path(folder) / f"{count}.toml" for count in (1, COUNT)}
        for count, file in files.items():
            file.write_text(case_file(count), encoding="utf-8")
        commands = {
            f"{count} cases, --jobs {jobs}": [
                sys.executable, "-m", "gradcli", "run", str(files[count]), "--jobs", str(jobs),
            ]
            for count, jobs in ((1, 1), (COUNT, 1), (COUNT, 2))
        }  # fmt: skip
        rows = process(commands, rounds=7)
    start = rows[0]["median ms"]
    for row in rows[1:]:
        row["cases/s"] = round(COUNT / row["median ms"] * 1e3)
        row["beyond start-up"] = round(COUNT / max(row["median ms"] - start, 1e-3) * 1e3)
    return rows
