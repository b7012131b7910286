"""Softmax and its logarithm, and the logarithm of sums of exponentials."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.ops.dims import Dims, along, check_float, in_dtype, numpy_names, reduced, reduction_samples
from gradcli.ops.record import composite, general
from gradcli.ops.shapes import dims_from_right
from gradcli.ops.sums import summed

__all__: list[str] = []

FAMILY = "softmax"


def _logsumexp(x: Any, *, dims: Dims, keepdim: Any = False) -> Any:
    if not x.size and 0 in (x.shape[dim] for dim in dims):
        return np.log(np.add.reduce(x, axis=dims, keepdims=keepdim))  # of nothing: log 0
    top = np.maximum.reduce(x, axis=dims, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    total = np.log(summed(np.exp(x - top), dims, keepdims=True)) + top
    return total if keepdim else np.squeeze(total, dims)


@numpy_names
def _logsumexp_front(m: Any, input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    return m.apply(logsumexp, (input,), {"dims": dims_from_right(dim, len(input.shape)), "keepdim": keepdim})


logsumexp = general(
    "logsumexp",
    node="LogsumexpBackward0",
    numpy=_logsumexp,
    complex=lambda x, *, dims, keepdim=False: np.log(np.add.reduce(np.exp(x), axis=dims, keepdims=keepdim)),
    definition=lambda m, x, dims, keepdim=False: m.log(m.sum_dims(m.exp(x), dims=dims, keepdim=keepdim)),
    vjps=(
        lambda m, g, x, y, x_shape, dims, keepdim: (
            m.spread(g, shape=x_shape, dims=dims, keepdim=keepdim)
            * m.exp(x - m.spread(y, shape=x_shape, dims=dims, keepdim=keepdim))
        ),
    ),
    jvps=(
        lambda m, t, x, y, x_shape, dims, keepdim: m.sum_dims(
            t * m.exp(x - m.spread(y, shape=x_shape, dims=dims, keepdim=keepdim)), dims=dims, keepdim=keepdim
        ),
    ),
    promote="float",
    infer=lambda x, *, dims, keepdim=False: reduced(x, dims, keepdim=keepdim),
    front=_logsumexp_front,
    aliases=("special.logsumexp",),
    family=FAMILY,
    samples=reduction_samples,
    summary="Logarithm of the sum of exponentials, without overflow.",
    source="Boyd and Vandenberghe, Convex Optimization, 3.1.5",
    example="logsumexp(x, dim=-1)",
)


def _softmax(x: Any, *, dims: Dims) -> Any:
    if not x.size:
        return np.array(x)
    scaled = np.exp(x - np.maximum.reduce(x, axis=dims, keepdims=True))
    return np.divide(scaled, summed(scaled, dims, keepdims=True), out=scaled if x.ndim else None)


def _log_softmax(x: Any, *, dims: Dims) -> Any:
    if not x.size:
        return np.array(x)
    moved = x - np.maximum.reduce(x, axis=dims, keepdims=True)
    return moved - np.log(summed(np.exp(moved), dims, keepdims=True))


def _samples(s: Any) -> Any:
    return [
        ((s.normal(2, 3),), {"dims": (-1,)}),
        ((s.normal(2, 3),), {"dims": (-2,)}),
        ((s.normal(),), {"dims": ()}),
    ]


def _softmax_rule(m: Any, g: Any, y: Any, dims: Dims) -> Any:
    """Both vjp and jvp: the Jacobian diag(y) - y y^T is symmetric."""
    weighted = g * y
    return weighted - y * m.sum_dims(weighted, dims=dims, keepdim=True)


softmax_dims = general(
    "softmax_dims",
    node="SoftmaxBackward0",
    numpy=_softmax,
    complex=lambda x, *, dims: np.exp(x) / np.add.reduce(np.exp(x), axis=dims, keepdims=True),
    definition=lambda m, x, dims: m.exp(x) / m.sum_dims(m.exp(x), dims=dims, keepdim=True),
    vjps=(_softmax_rule,),
    jvps=(_softmax_rule,),
    promote="keep",
    faces="",
    infer=lambda x, *, dims: x,
    family=FAMILY,
    samples=_samples,
    summary="exp(x) over its sum, without overflow.",
    source="Goodfellow, Bengio, Courville, Deep Learning, 4.1",
)

log_softmax_dims = general(
    "log_softmax_dims",
    node="LogSoftmaxBackward0",
    numpy=_log_softmax,
    complex=lambda x, *, dims: x - np.log(np.add.reduce(np.exp(x), axis=dims, keepdims=True)),
    definition=lambda m, x, dims: x - m.log(m.sum_dims(m.exp(x), dims=dims, keepdim=True)),
    vjps=(lambda m, g, y, dims: g - m.exp(y) * m.sum_dims(g, dims=dims, keepdim=True),),
    jvps=(lambda m, t, y, dims: t - m.sum_dims(m.exp(y) * t, dims=dims, keepdim=True),),
    promote="keep",
    faces="",
    infer=lambda x, *, dims: x,
    family=FAMILY,
    samples=_samples,
    summary="x minus its logsumexp.",
    source="Goodfellow, Bengio, Courville, Deep Learning, 6.2.2.3",
)


def _prepared(m: Any, name: str, x: Any, dim: Any, dtype: Any) -> tuple[Any, Dims]:
    """The input in its dtype, and the dim."""
    x = in_dtype(m, x, dtype)
    rank = len(x.shape)
    at = along(name, dim, rank)
    kernel = "lastdim_kernel" if at in {None, -1} else "kernel"
    check_float(x, f"\"{name}_{kernel}_impl\" not implemented for '{{}}'", missing=True)
    return x, () if at is None else (at,)


@composite(
    "softmax",
    faces="torch method",
    aliases=("special.softmax",),
    family=FAMILY,
    example="softmax(x, dim=-1)",
    summary="Softmax along a dim: exp(x) over its sum.",
    source="Goodfellow, Bengio, Courville, Deep Learning, 4.1",
)
@numpy_names
def softmax(m: Any, input: Any, dim: Any, _stacklevel: Any = 3, dtype: Any = None) -> Any:
    x, dims = _prepared(m, "softmax", input, dim, _named_dtype(_stacklevel, dtype))
    return m.apply(softmax_dims, (x,), {"dims": dims})


@composite(
    "log_softmax",
    faces="torch method",
    aliases=("special.log_softmax",),
    family=FAMILY,
    example="log_softmax(x, dim=-1)",
    summary="Logarithm of softmax along a dim.",
    source="Goodfellow, Bengio, Courville, Deep Learning, 6.2.2.3",
)
@numpy_names
def log_softmax(m: Any, input: Any, dim: Any, _stacklevel: Any = 3, dtype: Any = None) -> Any:
    x, dims = _prepared(m, "log_softmax", input, dim, _named_dtype(_stacklevel, dtype))
    return m.apply(log_softmax_dims, (x,), {"dims": dims})


def _named_dtype(third: Any, dtype: Any) -> Any:
    """The dtype, which torch.softmax takes as third argument where F.softmax has a stack level."""
    return dtype if isinstance(third, int) else third


def _chosen(name: str, x: Any, dim: Any) -> Any:
    """The dim, or what nn.functional chose for it before it asked for one."""
    if dim is not None:
        return dim
    import warnings  # only where a program relies on it

    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an "
        "argument.",
        UserWarning,
        stacklevel=4,
    )
    return 0 if len(x.shape) in {0, 1, 3} else 1


@composite(
    "softmax_layer",
    faces="",
    aliases=("nn.functional.softmax",),
    family=FAMILY,
    example="F.softmax(x, dim=-1)",
    summary="Softmax along a dim, which PyTorch still chooses where none is given.",
    source="Goodfellow, Bengio, Courville, Deep Learning, 4.1",
)
@numpy_names
def softmax_layer(m: Any, input: Any, dim: Any = None, _stacklevel: Any = 3, dtype: Any = None) -> Any:
    return softmax.front(m, input, _chosen("softmax", input, dim), dtype=dtype)  # type: ignore[misc] # it has one


@composite(
    "log_softmax_layer",
    faces="",
    aliases=("nn.functional.log_softmax",),
    family=FAMILY,
    example="F.log_softmax(x, dim=-1)",
    summary="Logarithm of softmax along a dim, which PyTorch still chooses where none is given.",
    source="Goodfellow, Bengio, Courville, Deep Learning, 6.2.2.3",
)
@numpy_names
def log_softmax_layer(m: Any, input: Any, dim: Any = None, _stacklevel: Any = 3, dtype: Any = None) -> Any:
    return log_softmax.front(m, input, _chosen("log_softmax", input, dim), dtype=dtype)  # type: ignore[misc] # it has one


@composite(
    "softmin",
    faces="F",
    family=FAMILY,
    example="F.softmin(x, dim=-1)",
    summary="Softmax of -x along a dim.",
    source="PyTorch reference, nn.functional.softmin",
)
def softmin(m: Any, input: Any, dim: Any = None, _stacklevel: Any = 3, dtype: Any = None) -> Any:
    return softmax.front(m, -input, _chosen("softmin", input, dim), dtype=dtype)  # type: ignore[misc] # it has one
