"""Runs the benchmarks: `python tests/benchmarks [NAME ...] [--json FILE]`.

Peers (PyTorch, HIPS autograd) take part where the running Python has them. Each workload first checks
that all contestants give the same numbers, then measures them in turns, so that what the machine does
beside hits all alike. Nothing is asserted about time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import cases  # noqa: E402 - NumPy reads the number of threads when it is loaded
import chain  # noqa: E402 - as above
import eager  # noqa: E402 - as above
import programs  # noqa: E402 - as above
import startup  # noqa: E402 - as above
import terms  # noqa: E402 - as above
from detection import accuracy, speed  # noqa: E402 - as above
from measure import machine, table  # noqa: E402 - as above

WORKLOADS = {"startup": startup, "eager": eager, "chain": chain, "terms": terms, "cases": cases,
             "programs": programs, "fd-accuracy": accuracy, "fd-speed": speed}  # fmt: skip


def main() -> int:
    """Runs the named workloads, or all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", choices=[[], *WORKLOADS], help="workloads; all without")
    parser.add_argument("--json", help="write all figures here")
    options = parser.parse_args()
    print(f"{machine()}; Python {platform.python_version()}; load {os.getloadavg()[0]:.1f} at the start\n")
    results = {}
    for name in options.names or WORKLOADS:
        workload = WORKLOADS[name]
        print(f"{name}: {workload.__doc__.splitlines()[0]}")
        results[name] = workload.run()
        print(table(results[name]), end="\n\n")
    if options.json:
        with Path(options.json).open("w", encoding="utf-8") as out:
            json.dump(
                {"machine": machine(), "python": platform.python_version(), "results": results}, out, indent=1
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
