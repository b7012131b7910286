"""A report as a NumPy archive (.npz)."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcli.reports.evaluation import Evaluation

__all__ = ["write_archive"]


def write_archive(report: Evaluation, stream: IO[bytes]) -> None:
    """Writes the roots as `root_0`, `root_1`, ..., a variable as `value_x` and its gradient as `grad_x`."""
    arrays = {f"root_{number}": root.array for number, root in enumerate(report.roots)}
    for row in report.gradients:
        arrays[f"value_{row.name}"] = row.array
        if row.grad is not None:
            arrays[f"grad_{row.name}"] = row.grad
    np.savez(stream, **arrays)
