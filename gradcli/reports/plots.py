"""Functions over one or two variables, sampled for a picture."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Curve", "CurvePlot", "FieldPlot", "Mark"]


class Mark(NamedTuple):
    """A place where a function is not smooth.

    Attributes:
        kind: `kink` (the slopes differ), `cusp` (they are infinite, of opposite signs), `vertical` (infinite,
            of one sign), `jump` (the values differ), `pole` (they grow without bound) or `edge` (of the
            domain).
        at: where.
        value: of the function there; nan or inf where it has none.
        left, right: the slope beside it; nan where there is none.
        taken: what autograd takes as the derivative there.
    """

    kind: str
    at: float
    value: float
    left: float
    right: float
    taken: float


class Curve(NamedTuple):
    """A function or one of its derivatives.

    Attributes:
        name: `f(x)`, `f'(x)` and so on.
        order: of the derivative; 0 is the function.
        values: one per point.
    """

    name: str
    order: int
    values: Any


class CurvePlot(NamedTuple):
    """A function of one variable.

    Attributes:
        expression: its text.
        variable: what is varied.
        points: its values, rising.
        curves: the function and its derivatives.
        marks: where the function is not smooth, from left to right.
        how: how the points were evaluated, in a sentence.
        notes: facts that the user should know, a sentence each.
    """

    expression: str
    variable: str
    points: Any
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...]
    how: str
    notes: tuple[str, ...] = ()


class FieldPlot(NamedTuple):
    """A function of two variables with its gradient.

    Attributes:
        expression: its text.
        variables: what is varied: the horizontal one, then the vertical one.
        points: the values of each, rising.
        values: of the function, a row per value of the second variable.
        gradient: the derivative for each variable, of the same shape.
        how: how the points were evaluated, in a sentence.
        notes: facts that the user should know, a sentence each.
    """

    expression: str
    variables: tuple[str, str]
    points: tuple[Any, Any]
    values: Any
    gradient: tuple[Any, Any]
    how: str
    notes: tuple[str, ...] = ()
