"""`gradcli plot`: what an expression looks like over one variable or two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from gradcli.cli import options  # noqa: TC001 - the annotations are read
from gradcli.cli.asking import Asked, expression_command
from gradcli.cli.declaring import Option
from gradcli.cli.derivatives import show
from gradcli.cli.exits import Exit

if TYPE_CHECKING:
    from gradcli.views.console import Console

__all__ = ["plot"]

Over = Annotated[
    list[str],
    Option(metavar="NAME=FROM:TO", help="What varies, and between which numbers; twice for a map of two."),
]
Points = Annotated[
    int | None,
    Option(min=2, max=100_000, metavar="N", help="On each side; without it as many as a picture needs."),
]
Order = Annotated[int, Option(min=0, max=4, metavar="N", help="Draw the derivatives up to this one.")]
Output = Annotated[
    str | None,
    Option("-o", "--output", metavar="FILE.png|svg", help="Draw into a file (needs matplotlib)."),
]


@expression_command
def plot(  # noqa: PLR0913 - the options of the command
    asked: Asked,
    *,
    over: Over = [],  # noqa: B006 - nobody changes it
    order: Order = 1,
    points: Points = None,
    output: Output = None,
    precision: options.Precision = 6,
    json: options.AsJson = False,
) -> int:
    """Draw an expression and its derivatives over a range.

    gradcli plot "abs(x)*sin(3*x)" --over x=-3:3 --order 2

    gradcli plot "x**2 - y**2" --over x=-2:2 --over y=-2:2 -o saddle.svg

    Kinks, jumps, poles and edges of the domain are marked, with the slopes beside them. Over two variables it
    is a map with arrows along the gradient, in a file contours.
    """
    from gradcli.cli.extras import checked_picture, need  # what only this command needs, as below
    from gradcli.cli.streams import report_diagnostic
    from gradcli.explorer.plot.explore import PlotRequest, explore_plot
    from gradcli.reports.plots import FieldPlot

    target = None if output is None else checked_picture(output, "--output")
    if target is None and not json and len(over) == 1:
        need("plotille", "plot", "a curve in the terminal")
    with asked.deadline():
        request = PlotRequest(asked.request, tuple(over), points or 0, order)
        report = explore_plot(request, report_diagnostic)
    if target is not None:
        from gradcli.cli.saving import write_beside
        from gradcli.views.plot_picture import write_picture

        write_beside(target, lambda stream: write_picture(report, stream, target.suffix.lower()[1:]))
    if target is not None and not json:
        return Exit.FINE
    from gradcli.views.plot_json import plot_json

    def draw(console: Console, ascii_only: bool) -> None:
        if isinstance(report, FieldPlot):
            from gradcli.views.plot_map import field_map  # JSON does without

            field_map(report, console, digits=precision, ascii_only=ascii_only)
        else:
            from gradcli.views.plot_terminal import curve_charts  # an extra

            curve_charts(report, console, digits=precision, ascii_only=ascii_only)

    show(draw, lambda: plot_json(report), json=json)
    return Exit.FINE
