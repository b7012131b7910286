"""The history of a minimisation as a picture, by matplotlib."""

from __future__ import annotations

from importlib import import_module
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.reports.descent import Minimization

__all__ = ["write_plot"]


def write_plot(report: Minimization, stream: IO[bytes], kind: str) -> None:
    """Writes the loss and the gradient norm over the steps.

    Args:
        report: what is drawn.
        stream: where to.
        kind: `png` or `svg`.
    """
    figure = import_module("matplotlib.figure").Figure(figsize=(7, 4), layout="constrained")  # an extra
    axes = figure.subplots()
    steps = [one.step for one in report.history]
    losses = [one.loss for one in report.history]
    axes.plot(steps, losses, label="loss")
    axes.plot(steps, [one.gradient_norm for one in report.history], label="gradient norm", alpha=0.6)
    if min(losses) > 0:
        axes.set_yscale("log")
    axes.set_xlabel("step")
    # A dollar would begin a formula.
    axes.set_title(f"{report.optimizer}: {report.status}".replace("$", r"\$"))
    axes.legend()
    figure.savefig(stream, format=kind)
