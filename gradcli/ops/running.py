"""Running extremes and log-sums along a dim."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0124, PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.dims import along, along_samples, check_float, numpy_names
from gradcli.ops.record import Record, general
from gradcli.ops.scan import recurrence

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.ops.shapes import Shape

__all__: list[str] = []

FAMILY = "scan"


def _running(ufunc: Any) -> Callable[..., tuple[Any, Any]]:
    def run(x: Any, *, dim: int | None) -> tuple[Any, Any]:
        if dim is None:
            return np.array(x), np.zeros(x.shape, np.int64)
        values = ufunc.accumulate(x, axis=dim)
        # A tie moves the place on, and so does each nan; after a nan nothing else does.
        moves = (x == values) | (x != x)
        places = np.arange(x.shape[dim]).reshape((-1,) + (1,) * (-dim - 1))
        return values, np.maximum.accumulate(np.where(moves, places, 0), axis=dim)

    return run


def _front(name: str, record: Callable[[], Record]) -> Callable[..., Any]:
    @numpy_names
    def front(m: Any, input: Any, dim: Any) -> Any:
        found = m.apply(record(), (input,), {"dim": along(name, dim, len(input.shape))})
        return m.named(name, ("values", "indices"), found)

    return front


def _record(name: str, ufunc: Any, front: Any, **facts: Any) -> Record:
    return general(
        name,
        outputs=("values", "indices"),
        numpy=_running(ufunc),
        complex=False,
        vjps=(lambda m, g, indices, x_shape, dim: m.add_along(g, indices, shape=x_shape, dim=dim),),
        jvps=(lambda m, t, indices, dim: (m.pick_along(t, indices, dim=dim), None),),
        front=front,
        promote="keep",
        family=FAMILY,
        samples=along_samples,
        kinks=("of tied elements the last so far gets the cotangent",),
        **facts,
    )


cummax: Record = _record(
    "cummax",
    np.maximum,
    _front("cummax", lambda: cummax),
    node="CummaxBackward0",
    summary="Running maximum along a dim, and where it stands.",
    source="PyTorch derivatives.yaml, cummax",
    example="cummax(x, dim=0)",
)

cummin: Record = _record(
    "cummin",
    np.minimum,
    _front("cummin", lambda: cummin),
    node="CumminBackward0",
    summary="Running minimum along a dim, and where it stands.",
    source="PyTorch derivatives.yaml, cummin",
    example="cummin(x, dim=0)",
)


def _decay(m: Any, y: Any) -> Any:
    """exp(y_(j-1) - y_j) along the last dim: the share of the sum so far that came before j."""
    before = m.shift(y, by=1)
    return m.masked(m.exp(m.masked(before - y, m.le(before, y))), m.gt(before, -m.inf))


def _logcumsumexp_vjp(m: Any, g: Any, x: Any, y: Any, x_shape: Shape, dim: int | None) -> Any:
    # dx_i is the sum over j >= i of g_j exp(x_i - y_j). As y never falls, the recurrence
    # r_i = g_i + exp(y_i - y_(i+1)) r_(i+1) stays in range where exp(-y_j) would not.
    if dim is None or not x_shape[dim]:
        return g
    moved = m.transpose(y, dims=(dim, -1))
    factor = m.shift(_decay(m, moved), by=-1)
    upstream = recurrence(m, m.transpose(g, dims=(dim, -1)), factor, x_shape[dim], reverse=True)
    return m.exp(x - y) * m.transpose(upstream, dims=(dim, -1))


def _logcumsumexp_jvp(m: Any, t: Any, x: Any, y: Any, x_shape: Shape, dim: int | None) -> Any:
    if dim is None or not x_shape[dim]:
        return t
    moved = m.transpose(y, dims=(dim, -1))
    term = m.transpose(m.exp(x - y) * t, dims=(dim, -1))
    return m.transpose(recurrence(m, term, _decay(m, moved), x_shape[dim], reverse=False), dims=(dim, -1))


@numpy_names
def _logcumsumexp_front(m: Any, input: Any, dim: Any) -> Any:
    check_float(input, "\"logcumsumexp_out_cpu\" not implemented for '{}'", missing=True)
    return m.apply(logcumsumexp, (input,), {"dim": along("logcumsumexp", dim, len(input.shape))})


def _logcumsumexp_definition(m: Any, x: Any, dim: int | None) -> Any:
    return x if dim is None else m.log(m.cumsum(m.exp(x), dim=dim, reverse=False))


logcumsumexp: Record = general(
    "logcumsumexp",
    node="LogcumsumexpBackward0",
    numpy=lambda x, *, dim: np.array(x) if dim is None else np.logaddexp.accumulate(x, axis=dim),
    complex=lambda x, *, dim: x if dim is None else np.log(np.add.accumulate(np.exp(x), axis=dim)),
    definition=_logcumsumexp_definition,
    vjps=(_logcumsumexp_vjp,),
    jvps=(_logcumsumexp_jvp,),
    front=_logcumsumexp_front,
    promote="keep",
    infer=lambda x, *, dim: x,
    family=FAMILY,
    samples=along_samples,
    summary="Logarithm of the running sum of exponentials, without overflow.",
    source="Blelloch, Prefix Sums and Their Applications, 1.1 and 1.4",
    example="logcumsumexp(x, dim=0)",
)
