"""Derivatives in the form that books give them, where a record's own rule is written for exceptional points.

det's rule is right for singular matrices too, prod's where elements are zero: as formulas they say less than
`det(X)*inv(X).T` and `prod(x)/x`, which hold everywhere else. Like all formulas these are compared with
autograd at the point before they are shown.
"""

# Closed forms take their records' parameters:
# ruff: noqa: PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.explorer.diff.arithmetic import added, multiplied
from gradcli.explorer.diff.arrangement import expand, transpose, unsqueeze
from gradcli.explorer.diff.records import where
from gradcli.explorer.diff.reduction import mean, spread, total
from gradcli.explorer.diff.writing import formula
from gradcli.explorer.terms import exact

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.diff.formulas import Formulas
    from gradcli.explorer.diff.terms import Term

__all__ = ["CLOSED"]


def _det(m: Formulas, g: Term, y: Term, _i: int) -> Term:
    """Jacobi's formula."""
    (a,) = y.args
    scale = multiplied(m, [(g, 1), (y, 1)])
    return multiplied(m, [(unsqueeze(m, scale, (-2, -1)), 1), (transpose(m, m.inv(a)), 1)])


def _prod(m: Formulas, g: Term, y: Term, _i: int, *, dims: Any, keepdim: bool, full: bool = False) -> Term:
    del full
    (x,) = y.args
    whole = spread(m, multiplied(m, [(g, 1), (y, 1)]), x.shape, dims, keepdim=keepdim)
    return multiplied(m, [(whole, 1), (x, -1)])


def _norm(
    m: Formulas, g: Term, y: Term, _i: int, *, dims: Any, keepdim: bool, order: float, form: str
) -> Term | None:
    """Of the 2-norm and the p-norms that are smooth but at zero."""
    del form
    (x,) = y.args
    over = spread(m, multiplied(m, [(g, 1), (y, 1 - exact(order))]), x.shape, dims, keepdim=keepdim)
    if order == 2:  # noqa: PLR2004 - Euclid's
        return multiplied(m, [(over, 1), (x, 1)])
    if 1 < order < float("inf"):
        size = m.pow_scalar(m.abs(x), exponent=order - 1)
        return multiplied(m, [(over, 1), (m.sign(x), 1), (size, 1)])
    return None


def _centred(m: Formulas, x: Term, dims: Any) -> Term:
    return added(m, [(1, x), (-1, expand(m, mean(m, x, dims, keepdim=True), x.shape))])


def _freedom(m: Formulas, x: Term, dims: Any, correction: float) -> Term:
    return added(m, [(1, m.counted(x, dims)), (-exact(correction), m.number(1))])


def _var(m: Formulas, g: Term, y: Term, _i: int, *, dims: Any, keepdim: bool, correction: float) -> Term:
    (x,) = y.args
    share = multiplied(m, [(g, 1), (_freedom(m, x, dims, correction), -1)])
    return multiplied(
        m,
        [(spread(m, share, x.shape, dims, keepdim=keepdim), 1), (_centred(m, x, dims), 1)],
        exact(2),
    )


def _std(m: Formulas, g: Term, y: Term, _i: int, *, dims: Any, keepdim: bool, correction: float) -> Term:
    (x,) = y.args
    share = multiplied(m, [(g, 1), (y, -1), (_freedom(m, x, dims, correction), -1)])
    return multiplied(m, [(spread(m, share, x.shape, dims, keepdim=keepdim), 1), (_centred(m, x, dims), 1)])


def _logsumexp(m: Formulas, g: Term, y: Term, _i: int, *, dims: Any, keepdim: bool) -> Term | None:
    if len(dims) != 1:
        return None
    (x,) = y.args
    return multiplied(
        m, [(spread(m, g, x.shape, dims, keepdim=keepdim), 1), (m.softmax_dims(x, dims=dims), 1)]
    )


def _sinc(m: Formulas, g: Term, y: Term, _i: int) -> Term:
    """Of sin(pi x)/(pi x), by the quotient; not at 0."""
    (x,) = y.args
    cosine = m.cos(multiplied(m, [(m.pi, 1), (x, 1)]))
    return multiplied(m, [(g, 1), (added(m, [(1, cosine), (-1, y)]), 1), (x, -1)])


def _softplus(m: Formulas, g: Term, y: Term, _i: int, *, beta: Any, threshold: Any) -> Term | None:
    del threshold  # past it PyTorch takes 1, and the sigmoid is 1 but for 2e-9
    if not m.guards:
        return None
    return multiplied(m, [(g, 1), (m.sigmoid(multiplied(m, [(y.args[0], 1)], exact(beta))), 1)])


def _extremum(
    m: Formulas, g: Term, y: Term, _i: int, *, dims: Any, keepdim: bool = False, full: bool = False
) -> Term:
    """Where the extremum is; several share evenly."""
    del full
    (x,) = y.args
    hit = m.eq(x, spread(m, y, x.shape, dims, keepdim=keepdim))
    ones = where(m, hit, m.number(1), m.number(0))
    count = total(m, ones, dims, keepdim=keepdim)
    if m.guards and (m.value(count) == 1).all():
        m.assumed[f"{formula(y)} is attained once"] = None
    else:
        g = multiplied(m, [(g, 1), (count, -1)])
    return where(m, hit, spread(m, g, x.shape, dims, keepdim=keepdim), m.number(0))


CLOSED: dict[str, Callable[..., Term | None]] = {
    "det": _det,
    "prod_dims": _prod,
    "norm_dims": _norm,
    "var_dims": _var,
    "std_dims": _std,
    "logsumexp": _logsumexp,
    "softplus": _softplus,
    "sinc": _sinc,
    "amax": _extremum,
    "amin": _extremum,
    "median_all": lambda m, g, y, i, rank: _extremum(m, g, y, i, dims=tuple(range(-rank, 0))),
    "max_all": _extremum,
    "min_all": _extremum,
}
