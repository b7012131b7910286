"""`gradcli check`: is the gradient right?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from gradcli.cli import options  # noqa: TC001 - the annotations are read
from gradcli.cli.asking import Asked, expression_command, names
from gradcli.cli.declaring import Option
from gradcli.cli.exits import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from gradcli.explorer.check_request import CheckRequest
    from gradcli.reports.checks import Check
    from gradcli.views.console import Console

__all__ = ["check"]

Witness = Annotated[
    list[str],
    Option(metavar="NAMES", help="Hear these witnesses only: symbolic, complex, fd, precise, forward."),
]
Rtol = Annotated[float, Option(min=0, metavar="R", help="Relative difference that is none.")]
Atol = Annotated[
    float | None,
    Option(
        min=0, metavar="A", help="Absolute difference that is none: 1e-9, in a small claim in proportion."
    ),
]
Sample = Annotated[
    int,
    Option(
        min=0, metavar="N", help="Elements per variable for the costly witnesses; 0: as many as is quick."
    ),
]
Points = Annotated[
    int, Option(min=0, max=10_000, metavar="N", help="Repeat at N random points of the domain.")
]
Order = Annotated[int, Option(min=1, max=2, help="2 checks the gradient of the gradient.")]
MaxTime = Annotated[float, Option(min=0, metavar="S", help="Seconds for each witness.")]
Against = Annotated[
    list[str],
    Option(
        metavar="NAME=FORMULA",
        help="Judge your own derivative: a formula, @file.npy, or FILE.py:NAME, which is run.",
    ),
]
OwnGradient = Annotated[
    str | None,
    Option("--grad", metavar="FILE.py:NAME", help="The gradient of a function of a Python file."),
]
JunitXml = Annotated[str | None, Option(metavar="FILE.xml", help="Write a JUnit report.")]
Sarif = Annotated[str | None, Option(metavar="FILE.sarif", help="Write a SARIF 2.1.0 report.")]


@expression_command
def check(  # noqa: PLR0913 - the options of the command
    asked: Asked,
    *,
    grad_tensors: options.GradTensors = [],  # noqa: B006 - nobody changes it
    witness: Witness = [],  # noqa: B006 - nobody changes it
    rtol: Rtol = 1e-6,
    atol: Atol = None,
    sample: Sample = 0,
    points: Points = 0,
    order: Order = 1,
    max_time: MaxTime = 10.0,
    against: Against = [],  # noqa: B006 - nobody changes it
    grad: OwnGradient = None,
    allow_inconclusive: options.AllowInconclusive = False,
    precision: options.Precision = 6,
    json: options.AsJson = False,
    junit_xml: JunitXml = None,
    sarif: Sarif = None,
) -> int:
    """Prove a gradient, autograd's or your own, against independent witnesses.

    gradcli check "mean(3*(x+2)**2)"

    gradcli check "mean(3*(x+2)**2)" --against "x = 6*(x+2)/4"

    gradcli check model.py:loss --grad model.py:dloss -v w=[1,2]   runs YOUR file model.py

    Exit code 0: right (also at kinks and edges whose convention is valid), 1: wrong, 3: nobody can tell.
    """
    from gradcli.cli.saving import checked_path  # what only this command needs, as below
    from gradcli.explorer.check_request import WITNESSES, CheckRequest, Judging

    files = [
        (checked_path(name, suffix), suffix)
        for name, suffix in ((junit_xml, ".xml"), (sarif, ".sarif"))
        if name is not None
    ]
    request = CheckRequest(
        what=asked.backward(grad_tensors=tuple(grad_tensors)),
        judging=Judging(
            witnesses=names(witness) or WITNESSES, rtol=rtol, atol=atol, sample=sample, max_time=max_time
        ),
        against=tuple(against),
        order=order,
        points=points,
    )
    with asked.deadline():
        report = _checked(request, grad)
    _write(report, files)
    _show(report, json=json, digits=precision)
    return _code(report, allow_inconclusive=allow_inconclusive)


def _checked(request: CheckRequest, grad: str | None) -> Check:
    """The report; of a function in a Python file where the argument names one."""
    from gradcli.cli.streams import report_diagnostic
    from gradcli.explorer.python_file import is_function

    first = request.what.expressions[0] if request.what.expressions else ""
    if grad is not None or is_function(first):
        from gradcli.explorer.check import asked_of
        from gradcli.explorer.own_function import check_function  # only this form runs a user's file

        return check_function(request, grad, asked_of(request))
    from gradcli.explorer.check import check_expressions  # with all that judging needs

    return check_expressions(request, report_diagnostic)


def _write(report: Check, files: list[tuple[Path, str]]) -> None:
    for path, suffix in files:
        from gradcli import __version__
        from gradcli.cli.saving import write_text

        if suffix == ".sarif":
            from gradcli.views.sarif import check_sarif  # each view only where it is asked for

            text = check_sarif([report], __version__)
        else:
            from gradcli.views.check_junit import check_junit

            text = check_junit(report)
        write_text(path, text)


def _show(report: Check, *, json: bool, digits: int) -> None:
    from gradcli.cli import streams

    if json:
        from gradcli.views.check_json import check_json  # tables do without

        streams.write(check_json(report))
        return
    from gradcli.views.check import check_table  # JSON does without

    def draw(console: Console, ascii_only: bool) -> None:
        style = streams.style_of(console, ascii_only=ascii_only)
        check_table(report, console, digits=digits, style=style, ascii_only=ascii_only)

    streams.print_tables(draw)


def _code(report: Check, *, allow_inconclusive: bool) -> int:
    if report.verdict == "wrong":
        return Exit.FAILED
    if report.verdict == "inconclusive" and not allow_inconclusive:
        return Exit.INCONCLUSIVE
    return Exit.FINE
