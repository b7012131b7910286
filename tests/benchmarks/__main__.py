"""Runs the benchmarks. Nothing is asserted about time.

    python tests/benchmarks table [ROW ...] [--json FILE] [--python PATH ...] [--rounds N]
    python tests/benchmarks profile ROW [--contestant NAME]
    python tests/benchmarks other [NAME ...] [--json FILE]

`table` runs every row (row.py tells what one is) by all contestants that there are: peers take part where
this Python has them, one given by --python, or one of GRADCLI_BENCHMARK_PYTHONS. All are checked for the
right result first, then timed in turns, so that what the machine does beside hits all alike.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from measure import machine  # noqa: E402 - NumPy reads the number of threads when it is loaded
from measure import table as aligned  # noqa: E402 - as above

OTHERS = {"terms": "terms", "cases": "cases", "fd-accuracy": "detection.accuracy",
          "fd-speed": "detection.speed"}  # fmt: skip


def main() -> int:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("table", help="measure rows")
    one.add_argument("rows", nargs="*", help="rows or modules of rows; all without")
    one.add_argument("--python", action="append", default=[], help="another Python, which has peers")
    one.add_argument("--rounds", type=int, default=11, help="how often each contestant has its turn")
    one.add_argument("--json", help="write all figures here")
    one.set_defaults(run=_table)
    one = commands.add_parser("profile", help="where one row spends its time")
    one.add_argument("row")
    one.add_argument("--contestant", help="whose time; the first one's without")
    one.set_defaults(run=_profile)
    one = commands.add_parser("other", help="measurements that are no rows")
    one.add_argument("names", nargs="*", choices=[[], *OTHERS], help="all without")
    one.add_argument("--json", help="write all figures here")
    one.set_defaults(run=_other)
    options = parser.parse_args()
    print(f"{machine()}; Python {platform.python_version()}; load {os.getloadavg()[0]:.2f} at the start\n")
    results = options.run(options)
    if getattr(options, "json", None):
        facts = {"machine": machine(), "python": platform.python_version(), "results": results}
        Path(options.json).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    return 0


def _table(options: argparse.Namespace) -> list[Any]:
    from table import lines, measure, pythons, rows

    where = pythons(options.python)
    found = []
    for module, row in rows(options.rows):
        found += (these := measure(module, row, where, options.rounds))
        print(f"{row.name}: {row.work} (load {these[0]['load']:.2f})")
        print(aligned(lines(these)), end="\n\n", flush=True)
    return found


def _profile(options: argparse.Namespace) -> None:
    from profiling import profile
    from table import rows

    for _, row in rows([options.row]):
        profile(row, options.contestant or next(iter(row.contestants)))


def _other(options: argparse.Namespace) -> dict[str, Any]:
    from importlib import import_module

    from gradcli.autograd.methods import complete_all  # as `Row.call`

    complete_all()
    results = {}
    for name in options.names or OTHERS:
        workload = import_module(OTHERS[name])
        print(f"{name}: {workload.__doc__.splitlines()[0]}")
        results[name] = workload.run()
        print(aligned(results[name]), end="\n\n")
    return results


if __name__ == "__main__":
    sys.exit(main())
