"""`gradcli diff`: the gradient as a formula and as a program."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from gradcli.cli import options  # noqa: TC001 - the annotations are read
from gradcli.cli.asking import Asked, expression_command
from gradcli.cli.declaring import Option

if TYPE_CHECKING:
    from gradcli.views.console import Console

__all__ = ["diff"]


class LanguageName(StrEnum):
    """What a formula can be written as."""

    gradcli = "gradcli"
    numpy = "numpy"
    torch = "torch"
    jax = "jax"
    sympy = "sympy"
    latex = "latex"


Emit = Annotated[
    LanguageName | None,
    Option(
        help="Print a program alone: a line for `gradcli eval`, or a module of functions; without it a table."
    ),
]
WithTest = Annotated[
    bool,
    Option("--with-test", help="Make the program test itself by differences when it is run."),
]
Order = Annotated[
    int,
    Option(
        min=1,
        max=2,
        metavar="N",
        help="2 for second derivatives: a formula for each element where that is all, else the Hessian, else "
        "the Hessian times a direction v.",
    ),
]


@expression_command
def diff(  # noqa: PLR0913 - the options of the command
    asked: Asked,
    *,
    grad_tensors: options.GradTensors = [],  # noqa: B006 - nobody changes it
    emit: Emit = None,
    with_test: WithTest = False,
    order: Order = 1,
    json: options.AsJson = False,
) -> None:
    """Show the gradient as a formula over whole tensors, simplified, and compared with autograd.

    gradcli diff "mean(3*(x+2)**2)"

    gradcli diff "tanh(W @ x)" -v "x=[1,2]" -c "W=randn(3,2)" -c "g=[1.,2,3]" --grad-tensors g

    gradcli diff "sum((A@x-b)**2)" -v "x=[1.,2]" -c "A=randn(3,2)" -c "b=randn(3)" --emit numpy --with-test
    """
    from gradcli.cli import streams  # what only this command needs, as below
    from gradcli.explorer.diff.answer import DiffRequest, explore_diff

    language = "" if emit is None else emit.value
    with asked.deadline():
        report = explore_diff(
            asked.backward(grad_tensors=tuple(grad_tensors)),
            DiffRequest(order, language, with_test),
            streams.report_diagnostic,
        )
    if language == "latex":
        from gradcli.views.diff_latex import diff_latex  # each view is loaded only where it is asked for

        report = report._replace(program=diff_latex(report))
    if json:
        from gradcli.views.diff import diff_json

        streams.write(diff_json(report))
    elif report.program:
        streams.write(report.program.rstrip("\n"))
        if language in {"gradcli", "latex"}:  # modules say it in their docstring
            _say(report.assumed)
    else:

        def draw(console: Console, ascii_only: bool) -> None:
            from gradcli.views.diff import diff_table  # a program alone does without

            diff_table(report, console, ascii_only=ascii_only)

        streams.print_tables(draw)


def _say(assumed: tuple[str, ...]) -> None:
    """Says on standard error what a formula rests on."""
    from gradcli.cli import streams  # as above
    from gradcli.diagnostics import Diagnostic

    for sentence in assumed:
        text = f"the formula holds where {sentence}"
        streams.report_diagnostic(Diagnostic("W560", text, severity="warning"))
