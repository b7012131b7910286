"""Variances, standard deviations, covariances and correlations."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR0913, PLR2004

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.dims import Dims, numpy_names, reduced
from gradcli.ops.record import composite, general
from gradcli.ops.shapes import Shape, dims_from_right

__all__: list[str] = []

FAMILY = "statistics"


def _freedom(shape: Shape, dims: Dims, correction: float) -> float:
    """By how much a sum of squares is divided; never negative, so that too few elements give nan or inf."""
    count = 1
    for dim in dims:
        count *= shape[dim]
    return max(count - correction, 0)


def _moments(x: Any, dims: Dims, keepdim: Any, correction: float) -> tuple[Any, Any]:
    """Variance and mean, in passes: the sum of squares is of deviations.

    These are measured from the first element: so those of constants are 0, whatever their mean rounds to.
    """
    count = _freedom(x.shape, dims, 0)
    average = np.true_divide(np.add.reduce(x, axis=dims, keepdims=True), count)
    moved = x - x[tuple([slice(1) if dim in dims else slice(None) for dim in range(-x.ndim, 0)])]
    deviation = moved - np.true_divide(np.add.reduce(moved, axis=dims, keepdims=True), count)
    squares = np.add.reduce(deviation * deviation, axis=dims, keepdims=keepdim)
    return (
        np.true_divide(squares, _freedom(x.shape, dims, correction)),
        average if keepdim else np.squeeze(average, dims),
    )


def _deviation(m: Any, x: Any, shape: Shape, dims: Dims, correction: float) -> Any:
    """(x - mean) / (n - correction), whose double is the derivative of the variance."""
    average = m.mean_dims(x, dims=dims, keepdim=True)
    # As a value, so that dividing by zero freedom gives nan and no error.
    return (x - average) / m.array(_freedom(shape, dims, correction), like=x)


def _wide(m: Any, g: Any, shape: Shape, dims: Dims, keepdim: bool) -> Any:
    return m.spread(g, shape=shape, dims=dims, keepdim=keepdim)


def _var_vjp(m: Any, g: Any, x: Any, x_shape: Shape, dims: Dims, keepdim: bool, correction: float) -> Any:
    return 2 * _wide(m, g, x_shape, dims, keepdim) * _deviation(m, x, x_shape, dims, correction)


def _var_jvp(m: Any, t: Any, x: Any, x_shape: Shape, dims: Dims, keepdim: bool, correction: float) -> Any:
    return 2 * m.sum_dims(t * _deviation(m, x, x_shape, dims, correction), dims=dims, keepdim=keepdim)


def _half_over(m: Any, g: Any, y: Any) -> Any:
    """G / (2 y), dropped where y is 0: constants have derivative 0."""
    positive = m.ne(y, 0)
    return m.masked(g / (2 * m.where(positive, y, 1)), positive)


def _std_vjp(
    m: Any, g: Any, x: Any, y: Any, x_shape: Shape, dims: Dims, keepdim: bool, correction: float
) -> Any:
    return _var_vjp(m, _half_over(m, g, y), x, x_shape, dims, keepdim, correction)


def _std_jvp(
    m: Any, t: Any, x: Any, y: Any, x_shape: Shape, dims: Dims, keepdim: bool, correction: float
) -> Any:
    return _half_over(m, _var_jvp(m, t, x, x_shape, dims, keepdim, correction), y)


def _mean_vjp(m: Any, g: Any, x_shape: Shape, dims: Dims, keepdim: bool) -> Any:
    return _wide(m, g / m.count(x_shape, dims), x_shape, dims, keepdim)


def _samples(s: Any) -> Any:
    return [
        ((s.normal(2, 3),), {"dims": (-1,), "keepdim": False, "correction": 1.0}),
        ((s.normal(2, 3),), {"dims": (-2,), "keepdim": True, "correction": 0.0}),
        ((s.normal(2, 3),), {"dims": (-2, -1), "keepdim": False, "correction": 1.0}),
    ]


def _plain_var(m: Any, x: Any, dims: Dims, keepdim: bool, correction: float) -> Any:
    average = m.mean_dims(x, dims=dims, keepdim=True)
    squares = m.sum_dims((x - average) * (x - average), dims=dims, keepdim=keepdim)
    return squares / _freedom(tuple(x.shape), dims, correction)


_FACTS: dict[str, Any] = {
    "promote": "keep",
    "faces": "",
    "family": FAMILY,
    "samples": _samples,
    "source": "Knuth, TAOCP 2, 4.2.2, eq. (14)",
}
_CONSTANT = ("of constants it is 0 and so is its derivative; of one element it is nan",)

var_dims = general(
    "var_dims",
    node="VarBackward0",
    numpy=lambda x, *, dims, keepdim, correction: _moments(x, dims, keepdim, correction)[0],
    definition=_plain_var,
    vjps=(_var_vjp,),
    jvps=(_var_jvp,),
    infer=lambda x, *, dims, keepdim, correction: reduced(x, dims, keepdim=keepdim),
    summary="Variance over dims.",
    **_FACTS,
)

std_dims = general(
    "std_dims",
    node="StdBackward0",
    numpy=lambda x, *, dims, keepdim, correction: np.sqrt(_moments(x, dims, keepdim, correction)[0]),
    definition=lambda m, x, dims, keepdim, correction: m.sqrt(_plain_var(m, x, dims, keepdim, correction)),
    vjps=(_std_vjp,),
    jvps=(_std_jvp,),
    infer=lambda x, *, dims, keepdim, correction: reduced(x, dims, keepdim=keepdim),
    summary="Standard deviation over dims.",
    kinks=_CONSTANT,
    **_FACTS,
)

var_mean_dims = general(
    "var_mean_dims",
    outputs=("spreading", "average"),
    node="VarMeanBackward0",
    numpy=lambda x, *, dims, keepdim, correction: _moments(x, dims, keepdim, correction),
    definition=lambda m, x, dims, keepdim, correction: (
        _plain_var(m, x, dims, keepdim, correction),
        m.mean_dims(x, dims=dims, keepdim=keepdim),
    ),
    vjps=(
        lambda m, gs, x, x_shape, dims, keepdim, correction: (
            _var_vjp(m, gs[0], x, x_shape, dims, keepdim, correction)
            + _mean_vjp(m, gs[1], x_shape, dims, keepdim)
        ),
    ),
    jvps=(
        lambda m, t, x, x_shape, dims, keepdim, correction: (
            _var_jvp(m, t, x, x_shape, dims, keepdim, correction),
            m.mean_dims(t, dims=dims, keepdim=keepdim),
        ),
    ),
    summary="Variance and mean over dims.",
    **_FACTS,
)


def _std_mean(x: Any, *, dims: Dims, keepdim: bool, correction: float) -> tuple[Any, Any]:
    variance, average = _moments(x, dims, keepdim, correction)
    return np.sqrt(variance), average


std_mean_dims = general(
    "std_mean_dims",
    outputs=("spreading", "average"),
    node="StdMeanBackward0",
    numpy=_std_mean,
    definition=lambda m, x, dims, keepdim, correction: (
        m.sqrt(_plain_var(m, x, dims, keepdim, correction)),
        m.mean_dims(x, dims=dims, keepdim=keepdim),
    ),
    vjps=(
        lambda m, gs, x, spreading, x_shape, dims, keepdim, correction: (
            _std_vjp(m, gs[0], x, spreading, x_shape, dims, keepdim, correction)
            + _mean_vjp(m, gs[1], x_shape, dims, keepdim)
        ),
    ),
    jvps=(
        lambda m, t, x, spreading, x_shape, dims, keepdim, correction: (
            _std_jvp(m, t, x, spreading, x_shape, dims, keepdim, correction),
            m.mean_dims(t, dims=dims, keepdim=keepdim),
        ),
    ),
    summary="Standard deviation and mean over dims.",
    kinks=_CONSTANT,
    **_FACTS,
)

_RECORDS = {"var": var_dims, "std": std_dims, "var_mean": var_mean_dims, "std_mean": std_mean_dims}


def _front(name: str) -> Any:
    stem = "std and var" if name in {"var", "std"} else name

    @numpy_names
    def front(
        m: Any,
        input: Any,
        dim: Any = None,
        unbiased: Any = None,
        keepdim: bool = False,
        *,
        correction: Any = None,
    ) -> Any:
        if isinstance(dim, bool):  # the overload var(x, unbiased)
            dim, unbiased = None, dim
        if input.dtype.kind not in "fc":
            raise RuntimeFault(
                "E304",
                f"{stem} only support floating point and complex dtypes",
                help="convert it first: x.double()",
            )
        if unbiased is not None and correction is not None:
            raise TypeFault("E303", f"{name}() takes unbiased or correction, not both")
        if correction is None:
            correction = 1 if unbiased is None else int(unbiased)
        params = {
            "dims": dims_from_right(dim, len(input.shape)),
            "keepdim": keepdim,
            "correction": float(correction),
        }
        return m.apply(_RECORDS[name], (input,), params)

    return front


def _public(name: str, summary: str) -> Any:
    return composite(
        name,
        family=FAMILY,
        summary=summary,
        source="Knuth, TAOCP 2, 4.2.2, eq. (14)",
        example=f"{name}(x, dim=0)",
        faces="torch" if name.endswith("mean") else "torch method",
    )(_front(name))


var = _public("var", "Variance of all elements, or over dims; divided by n - correction.")
std = _public("std", "Standard deviation of all elements, or over dims; divided by n - correction.")
var_mean = _public("var_mean", "Variance and mean of all elements, or over dims.")
std_mean = _public("std_mean", "Standard deviation and mean of all elements, or over dims.")


@composite(
    "cov",
    family=FAMILY,
    summary="Covariances of the variables in the rows, over observations in columns.",
    source="NumPy reference, numpy.cov",
    example="cov(x)",
)
def cov(m: Any, input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Any:
    rank = len(input.shape)
    if rank > 2:
        raise RuntimeFault(
            "E301",
            f"cov(): expected input to have two or fewer dimensions but got an input with {rank} dimensions",
        )
    rows = input if rank == 2 else m.reshape(input, shape=(1, -1) if rank else (1, 1), rank=rank)
    if rank < 2:
        rows = m.reshape(input, shape=(1, input.shape[0] if rank else 1), rank=rank)
    if rows.dtype.kind != "f":
        rows = rows / 1
    weights = fweights if aweights is None else aweights if fweights is None else fweights * aweights
    if weights is None:
        count: Any = rows.shape[-1]
        average = m.sum_dims(rows, dims=(-1,), keepdim=True) / count
        freedom = max(count - correction, 0)
        centred = rows - average
        product = m.mm_matrix(centred, m.mT(centred)) / m.array(freedom, like=rows)
    else:
        weights = m.cast_like(weights, rows)
        count = m.sum_dims(weights, dims=(-1,), keepdim=False)
        average = m.sum_dims(rows * weights, dims=(-1,), keepdim=True) / count
        freedom = count - correction
        if aweights is not None and correction:
            squares = m.sum_dims(weights * m.cast_like(aweights, rows), dims=(-1,), keepdim=False)
            freedom = count - correction * squares / count
        centred = rows - average
        product = m.mm_matrix(centred, m.mT(centred * weights)) / freedom
    size = product.shape
    return m.squeeze(product, dims=(-2, -1) if size[0] == 1 else (), form=0)


@composite(
    "corrcoef",
    family=FAMILY,
    summary="Correlations of the variables in the rows.",
    source="NumPy reference, numpy.corrcoef",
    example="corrcoef(cat([x, x * x + 1], dim=1))",
)
def corrcoef(m: Any, input: Any) -> Any:
    covariance = cov.front(m, input)  # type: ignore[misc] # a composite has a front
    if not len(covariance.shape):
        return covariance / covariance
    deviation = m.sqrt(m.diagonal(covariance, offset=0, dim1=-2, dim2=-1))
    rows = covariance / m.unsqueeze(deviation, dim=-1)
    return m.clamp(rows / m.unsqueeze(deviation, dim=-2), -1, 1)
