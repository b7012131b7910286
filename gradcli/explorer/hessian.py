"""`hessian`: what are the second derivatives of a number, and what do they say of the point?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.explorer.derivatives import said, warn_nonfinite, write_down
from gradcli.explorer.jacobian import matrix_of, mode_of
from gradcli.explorer.job import read_job
from gradcli.explorer.values import frozen
from gradcli.plan.derivatives_matrix import jacobian
from gradcli.reports.derivatives import Hessian

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.diagnostics import Diagnostic
    from gradcli.explorer.request import EvalRequest

__all__ = ["Spectrum", "explore_hessian", "spectrum"]

MOST_ROWS = 3000  # beyond, eigenvalues take minutes
NEAR = 1e-6  # a step of this size, relative to the point, may be what is left to a stationary one
ZERO = 64  # roundings, relative to the largest eigenvalue and the number of rows


class Spectrum(NamedTuple):
    """What the eigenvalues of a Hessian say; for the fields see `reports.Hessian`."""

    eigenvalues: Any | None
    condition: float | None
    point: str
    verdict: str


def explore_hessian(request: EvalRequest, mode: str | None, warn: Callable[[Diagnostic], None]) -> Hessian:
    """Returns the second derivatives of the root for all variables together.

    Args:
        request: the expression, its bindings and what it is differentiated for.
        mode: `forward` (over reverse) or `reverse` (over reverse); None: forward, where every operation can.
        warn: told of what stops nothing.

    Raises:
        GradcliError: a text cannot be read or run, its value is not one number, or it has no derivative.
    """
    with said(request, warn):
        job = read_job(request)
        written = write_down(job, "a Hessian", seconds=True)
        found, how = matrix_of(written.linear, mode, ("column", "row"))
        sizes = [gradient.size for gradient in written.gradient]
        matrix = np.block(
            [
                [block.reshape(rows, columns) for block, columns in zip(row, sizes, strict=True)]
                for row, rows in zip(found.blocks, sizes, strict=True)
            ]
        )
        gradient = np.concatenate([part.ravel() for part in written.gradient])
        point = np.concatenate([v.array.ravel() for v in written.shown_variables()])
        roots = written.shown_roots(job)
        notes = written.notes(job)
        if not written.roots[0].requires_grad:
            notes.append("the value depends on no variable")
        warn_nonfinite(
            job,
            roots,
            {
                name: np.concatenate([block.ravel() for block in row])
                for name, row in zip(written.variables, found.blocks, strict=True)
            },
            warn,
            lambda: jacobian(written.linear, mode_of(how)),
        )
    seen = spectrum(matrix, gradient, point)
    with np.errstate(all="ignore"):
        asymmetry = float(np.abs(matrix - matrix.T).max(initial=0.0))
        norm = float(np.linalg.norm(gradient.astype(np.float64)))
    if len(matrix) > MOST_ROWS:
        notes.append(f"eigenvalues are left out beyond {MOST_ROWS} rows")
    return Hessian(
        root=roots[0],
        variables=written.shown_variables(),
        gradient=frozen(gradient),
        matrix=frozen(matrix),
        mode=mode_of(how),
        how=how.replace(" mode:", " over reverse mode:", 1),
        eigenvalues=seen.eigenvalues,
        condition=seen.condition,
        asymmetry=asymmetry,
        gradient_norm=norm,
        point=seen.point,
        verdict=seen.verdict,
        notes=tuple(notes),
    )


def spectrum(matrix: Any, gradient: Any, point: Any) -> Spectrum:
    """Returns the eigenvalues of a Hessian and what kind of point they make.

    Only where the gradient vanishes is a point a minimum, a maximum or a saddle. It counts as vanished where
    a step of NEAR, relative to the point, would explain what is left of it. Source: Nocedal and Wright,
    Numerical Optimization (2006), theorems 2.2 to 2.4.
    """
    finite = np.isfinite(matrix).all() and np.isfinite(gradient).all()
    if not finite or not matrix.size or len(matrix) > MOST_ROWS:
        reason = "not every derivative is finite" if not finite else "the eigenvalues are not known"
        return Spectrum(None, None, "undefined", f"undefined: {reason}")
    symmetric = (matrix.astype(np.float64) + matrix.T) / 2
    values = np.linalg.eigvalsh(symmetric)
    largest, smallest = float(np.abs(values).max()), float(np.abs(values).min())
    zero = largest * len(values) * ZERO * float(np.finfo(matrix.dtype).eps)
    up, down = int((values > zero).sum()), int((values < -zero).sum())
    flat = len(values) - up - down
    condition = largest / smallest if smallest > zero else float("inf")
    norm = float(np.linalg.norm(gradient.astype(np.float64)))
    reach = NEAR * largest * (1 + float(np.linalg.norm(point.astype(np.float64))))
    kind, words = _kind(up, down, flat, stationary=norm <= reach)
    return Spectrum(frozen(values), condition, kind, f"{kind}: {words}")


def _kind(up: int, down: int, flat: int, *, stationary: bool) -> tuple[str, str]:
    """What a point is, and why, from the numbers of positive, negative and zero eigenvalues."""
    signs = ", ".join(
        f"{count} {word}" for count, word in ((up, "positive"), (down, "negative"), (flat, "zero")) if count
    )
    if not stationary:
        shape = {
            (True, False, False): "the function is convex here (every eigenvalue is positive)",
            (False, True, False): "the function is concave here (every eigenvalue is negative)",
        }.get((up > 0, down > 0, flat > 0), f"eigenvalues: {signs}")
        return "not stationary", f"the gradient is not zero; {shape}"
    if up and down:
        return "saddle", f"the gradient is zero, and the eigenvalues have both signs ({signs})"
    if flat:
        return (
            "degenerate",
            f"the gradient is zero, but so are eigenvalues ({signs}): second derivatives cannot tell",
        )
    if up:
        return "minimum", "the gradient is zero, and every eigenvalue is positive"
    return "maximum", "the gradient is zero, and every eigenvalue is negative"
