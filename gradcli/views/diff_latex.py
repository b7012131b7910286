"""Gradients as LaTeX: one aligned environment, to be set by amsmath."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.views.diff import definitions
from gradcli.views.explanation_latex import formula_latex

if TYPE_CHECKING:
    from gradcli.reports.diff import Derivative, Diff

__all__ = ["diff_latex"]

LEFT = {
    "gradient": r"\nabla_{{{0}}} f",
    "second derivative": r"\frac{{\partial^2 f}}{{\partial {0}\,\partial {1}}}",
    "elementwise": r"\frac{{\partial^2 f}}{{\partial {0}_i\,\partial {1}_i}}",
    "hessian": r"\nabla^2_{{{0}{1}}} f",
    "product": r"\nabla^2_{{{0}{1}}} f\,{2}",
}


def diff_latex(report: Diff) -> str:
    """Returns the value, its derivatives and the names that they use, a line each."""
    lines = [f"f &= {formula_latex(text)}" for text in report.expressions if _plain(text)]
    lines += [f"{_left(one)} &= {formula_latex(one.formula)}" for one in report.derivatives]
    lines += [f"{formula_latex(one.name)} &= {formula_latex(one.formula)}" for one in definitions(report)]
    rows = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"


def _left(one: Derivative) -> str:
    names = [formula_latex(name) for name in one.variables]
    return LEFT[one.kind].format(names[0], names[-1], formula_latex(one.direction))


def _plain(text: str) -> bool:
    """Whether an expression is a formula, and no program of several lines."""
    return not any(mark in text for mark in ";\n=")
