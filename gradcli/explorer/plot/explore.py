"""`plot`: what does an expression look like over one variable, or over two?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gradcli.autograd import context
from gradcli.diagnostics import InputFault
from gradcli.explorer.derivatives import said
from gradcli.explorer.job import read_job
from gradcli.explorer.plot.marks import find_marks
from gradcli.explorer.plot.ranges import read_range
from gradcli.explorer.plot.samples import Samples
from gradcli.explorer.values import frozen
from gradcli.explorer.workspace import unbound
from gradcli.reports.plots import Curve, CurvePlot, FieldPlot

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.diagnostics import Diagnostic
    from gradcli.explorer.request import EvalRequest

__all__ = ["PlotRequest", "explore_plot"]

POINTS, FIELD_POINTS = 400, 41  # of a curve; of each side of a field
MOST_MARKS = 40
HELD = 5  # arrays of a field: two of points, the value, two derivatives
PRIME = "'"
EXAMPLE = 'gradcli plot "sin(x)*x" --over x=-3:3'


class PlotRequest(NamedTuple):
    """One `plot`.

    Attributes:
        what: the expression and its bindings.
        over: one or two NAME=FROM:TO texts.
        points: how many, on each side; 0: as many as a picture needs.
        order: of the highest derivative of a curve.
    """

    what: EvalRequest
    over: tuple[str, ...]
    points: int = 0
    order: int = 1


def explore_plot(request: PlotRequest, warn: Callable[[Diagnostic], None]) -> CurvePlot | FieldPlot:
    """Returns the function and its derivatives at evenly spaced points.

    Raises:
        GradcliError: a text cannot be read or run, or the value is not one number.
    """
    _check(request)
    with said(request.what, warn):
        job = read_job(request.what)
        ends = [read_range(text, request.what.limits) for text in request.over]
        names = [one.name for one in ends]
        bound = {binding.name for binding in job.bindings}
        twice = [name for name in names if name in bound or names.count(name) > 1]
        if twice:
            raise InputFault("E502", f"`{twice[0]}` is bound twice", help="give each name one value")
        samples = Samples(job, ends, max(request.order, 1))  # marks are found by the slope
        expression = job.programs[0].source.text.strip()
        return (_field if len(ends) > 1 else _curves)(expression, samples, request)


def _check(request: PlotRequest) -> None:
    if not 1 <= len(request.over) <= 2:  # noqa: PLR2004 - a curve, a field
        found = "no range" if not request.over else f"{len(request.over)} ranges"
        raise InputFault(
            "E500", f"a picture has one range or two, not {found}", help=f"{EXAMPLE} [--over y=-2:2]"
        )
    if request.what.backward.wrt:
        raise InputFault("E508", "--wrt: --over says what is differentiated for", help="leave --wrt out")
    if len(request.over) > 1 and request.order > 1:
        raise InputFault(
            "E508",
            "--order is of curves; a field shows the gradient",
            help="leave one --over out, or --order; `gradcli hessian` shows second derivatives",
        )


def _curves(expression: str, samples: Samples, request: PlotRequest) -> CurvePlot:
    over = samples.ranges[0]
    points = np.linspace(over.low, over.high, request.points or POINTS)
    values = samples.at(points)
    most = 0 if samples.cheap else MOST_MARKS
    marks = find_marks(lambda x: samples.at(x)[:2], points, values[0], values[1], most)
    notes = _notes(samples, request)
    if not np.isfinite(values[0]).any():
        notes.append("no value is finite")
    if len(marks) > MOST_MARKS:
        notes.append(f"{len(marks)} places are not smooth; the first {MOST_MARKS} are marked")
    return CurvePlot(
        expression=expression,
        variable=over.name,
        points=frozen(points),
        curves=tuple(
            Curve(f"f{PRIME * order}({over.name})", order, frozen(one))
            for order, one in enumerate(values[: request.order + 1])
        ),
        marks=tuple(marks[:MOST_MARKS]),
        how=_how(samples, len(points)),
        notes=tuple(notes),
    )


def _field(expression: str, samples: Samples, request: PlotRequest) -> FieldPlot:
    side = request.points or FIELD_POINTS
    context.budget.ask((HELD, side, side))
    x, y = (np.linspace(one.low, one.high, side) for one in samples.ranges)
    grid = np.meshgrid(x, y)
    values, *gradient = (one.reshape(grid[0].shape) for one in samples.at(*(part.ravel() for part in grid)))
    return FieldPlot(
        expression=expression,
        variables=(samples.ranges[0].name, samples.ranges[1].name),
        points=(frozen(x), frozen(y)),
        values=frozen(values),
        gradient=(frozen(gradient[0]), frozen(gradient[1])),
        how=_how(samples, values.size),
        notes=tuple(_notes(samples, request)),
    )


def _how(samples: Samples, count: int) -> str:
    if samples.batched:
        return f"{count} points, all at once"
    return f"{count} points, one by one: the expression does not do the same at every point"


def _notes(samples: Samples, request: PlotRequest) -> list[str]:
    found = []
    if not samples.depends:
        names = ", ".join(one.name for one in samples.ranges)
        found.append(f"no derivative leads from the value to {names}: the gradient is zero")
    if samples.defaults:
        note = unbound(samples.defaults, request.what.default)
        found.append(f"{note}; -v {samples.defaults[0]}=... binds it")
    return found
