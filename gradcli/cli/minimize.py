"""`gradcli minimize`: where an expression is smallest."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from gradcli.cli import options  # noqa: TC001 - the annotations are read
from gradcli.cli.asking import Asked, expression_command
from gradcli.cli.declaring import Option
from gradcli.cli.derivatives import show
from gradcli.cli.exits import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from gradcli.reports.descent import Minimization
    from gradcli.views.console import Console

__all__ = ["minimize"]


class OptimizerName(StrEnum):
    """The ways down."""

    sgd = "sgd"
    momentum = "momentum"
    nesterov = "nesterov"
    adam = "adam"
    adamw = "adamw"
    rmsprop = "rmsprop"
    adagrad = "adagrad"
    lbfgs = "lbfgs"
    newton = "newton"


Optimizer = Annotated[
    OptimizerName,
    Option(help="lbfgs and newton are SciPy's; the numbers of the others are PyTorch's."),
]
Rate = Annotated[
    float | None,
    Option("--lr", metavar="R", help="Learning rate; without it PyTorch's default. Not for lbfgs, newton."),
]
Steps = Annotated[int, Option(min=1, max=10_000_000, metavar="N", help="At most N steps.")]
Tolerance = Annotated[float, Option("--tol", metavar="T", help="End at this gradient norm.")]
History = Annotated[str | None, Option(metavar="FILE.csv", help="Write every step's numbers.")]
Plot = Annotated[
    str | None, Option(metavar="FILE.png|svg", help="Draw every step's numbers (needs matplotlib).")
]


@expression_command
def minimize(  # noqa: PLR0913 - the options of the command
    asked: Asked,
    *,
    optimizer: Optimizer = OptimizerName.lbfgs,
    lr: Rate = None,
    steps: Steps = 1000,
    tol: Tolerance = 1e-6,
    precision: options.Precision = 6,
    full: options.Full = False,
    json: options.AsJson = False,
    history: History = None,
    plot: Plot = None,
) -> int:
    """Vary the variables of an expression until it is smallest.

    A line through points:

    gradcli minimize "mean((w*x + b - y)**2)" -c "x=[1,2,3,4]" -c "y=[3,5,7,9]" -v w=0 -v b=0

    A logistic regression:

    gradcli minimize "F.binary_cross_entropy_with_logits(w*x + b, y)" -c "x=[-2.,-1,0,1,2]" -c "y=[0.,0,1,0,1]" -v w=0 -v b=0

    A polynomial of the third order, by gradient descent:

    gradcli minimize "sum((a + b*x + c*x**2 + d*x**3 - sin(x))**2)" -c "x=linspace(-pi, pi, 2000)" -v a=0 -v b=0 -v c=0 -v d=0 --optimizer sgd --lr 1e-6 --steps 2000

    Exit code 0: it came down, 1: it diverged.
    """  # noqa: E501 - a command line stays one line
    from gradcli.cli.descending import Descending  # what only this command needs, as below
    from gradcli.cli.streams import report_diagnostic
    from gradcli.explorer.minimize import MinimizeRequest, explore_minimum

    files = _files(history, plot)
    line = Descending(steps)
    try:
        with asked.deadline():
            request = MinimizeRequest(asked.request, optimizer.value, lr, steps, tol)
            report = explore_minimum(request, report_diagnostic, line.told)
    finally:
        line.clear()
    _write(report, files)
    from gradcli.views.minimize import minimize_json, minimize_table

    def draw(console: Console, ascii_only: bool) -> None:
        minimize_table(report, console, digits=precision, full=full, ascii_only=ascii_only)

    show(draw, lambda: minimize_json(report), json=json)
    return Exit.FAILED if report.status == "diverged" else Exit.FINE


def _files(history: str | None, plot: str | None) -> list[Path]:
    """The files to write, checked before the work begins.

    Raises:
        InputFault: one cannot be written, or is a picture and matplotlib is missing.
    """
    from gradcli.cli.saving import checked_path

    found = [] if history is None else [checked_path(history, ".csv")]
    if plot is not None:
        from gradcli.cli.extras import checked_picture

        found.append(checked_picture(plot, "--plot"))
    return found


def _write(report: Minimization, files: list[Path]) -> None:
    for path in files:
        from gradcli.cli.saving import write_beside, write_text

        if path.suffix.lower() == ".csv":
            from gradcli.views.minimize import history_csv

            write_text(path, history_csv(report))
        else:
            from gradcli.views.minimize_plot import write_plot  # an extra

            kind = path.suffix.lower()[1:]
            write_beside(path, lambda stream, kind=kind: write_plot(report, stream, kind))  # type: ignore[misc] # the default binds it
