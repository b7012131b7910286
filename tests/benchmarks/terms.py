"""Long input: an expression with 10^3 to 10^5 terms from standard input, parsed and differentiated."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

COUNTS = (1_000, 10_000, 100_000)


def run() -> list[dict[str, Any]]:
    """Whole-process time of `gradcli eval -` for sums of growing length."""
    rows = []
    for count in COUNTS:
        text = " + ".join(f"{i % 7}*x" for i in range(count))
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "gradcli", "eval", "-", "-v", "x=1.5", "--json"],
            input=text, capture_output=True, text=True, check=True,
        )  # fmt: skip
        elapsed = time.perf_counter() - start
        assert json.loads(done.stdout)["gradients"][0]["grad"] == sum(i % 7 for i in range(count))
        rows.append(
            {
                "what": f"{count:,} terms",
                "seconds": round(elapsed, 3),
                "µs per term": round(elapsed / count * 1e6, 1),
            }
        )
    return rows
