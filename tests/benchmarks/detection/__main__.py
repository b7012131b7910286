"""How good the check is: `python tests/benchmarks/detection [misses|false-alarms|accuracy|speed]`.

`misses` gets every derivative rule of the catalog wrong in many ways and counts what is caught;
`false-alarms` judges right gradients of random expressions and counts what is called wrong; `accuracy` and
`speed` set the finite differences beside those of others.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

PARTS = ("misses", "false-alarms", "accuracy", "speed")


def main() -> int:
    """Runs the named parts, or all; the exit code is 1 if a wrong rule was missed or a right one accused."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="all without")
    parser.add_argument("--count", type=int, default=10_000, help="of random expressions")
    parser.add_argument("--start", type=int, default=0, help="the first seed of the random expressions")
    parser.add_argument(
        "--log", default="", help="a file for what is wrong or inconclusive, a JSON line each"
    )
    parser.add_argument("--record", action="append", default=[], help="misses of these operations only")
    options = parser.parse_args()
    from gradcli.autograd.methods import complete_all  # once threads are set, which NumPy reads as it loads

    complete_all()
    failed = False
    for part in options.parts or PARTS:
        module = importlib.import_module(part.replace("-", "_"))
        print(f"{part}: {module.__doc__.splitlines()[0]}")
        if part == "misses":
            found = module.run(tuple(options.record))
            failed = failed or module.failed(found)
        elif part == "false-alarms":
            found = module.run(options.count, start=options.start, log=options.log)
            failed = failed or module.failed(found)
        else:
            found = module.run()
        lines = table(found) if isinstance(found, list) else module.summary(found)
        print("\n".join(lines), end="\n\n")
    return int(failed)


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Returns rows of the same columns as lines of text."""
    cells = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)] if rows else []
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))] if cells else []
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]


def _cell(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
