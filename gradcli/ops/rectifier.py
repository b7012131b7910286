"""Activation functions in pieces: rectifiers, and those with hard ends."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.kink import Kink
from gradcli.ops.record import composite, elementwise

__all__: list[str] = []

FAMILY = "rectifier"

_function = partial(elementwise, faces="F", inplace=True, family=FAMILY)


def _relu_front(m: Any, input: Any, inplace: bool = False) -> Any:  # noqa: A002 - PyTorch's name
    if input.dtype.kind == "b":
        raise RuntimeFault("E304", "Boolean inputs not supported for relu")
    return input.relu_() if inplace else m.apply(relu, (input,), {})


relu = _function(
    "relu",
    node="ReluBackward0",
    numpy=lambda x: np.maximum(x, 0),
    complex=lambda x: np.where(np.real(x) > 0, x, 0),
    sympy=lambda S, x: S.Max(x, 0),
    mpmath=lambda P, x: max(x, P.mpf(0)),
    front=_relu_front,
    # `not (y <= 0)` rather than `y > 0`: PyTorch passes the cotangent through a nan.
    partials=(lambda m, y: m.select(m.logical_not(m.le(y, 0)), 1),),
    faces="torch method F",
    kinks=(Kink("the derivative at 0 is 0; at nan it is 1", "left"),),
    summary="Rectified linear unit, max(x, 0).",
    source="Goodfellow, Bengio, Courville, Deep Learning, 6.3.1",
    example="relu(x)",
)


def _leaky_front(m: Any, input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:  # noqa: A002
    if inplace:
        return input.leaky_relu_(negative_slope)
    return m.apply(leaky_relu, (input,), {"slope": negative_slope})


leaky_relu = _function(
    "leaky_relu",
    node="LeakyReluBackward0",
    promote="float",
    numpy=lambda x, *, slope: np.where(np.real(x) > 0, x, x * slope),
    sympy=lambda S, x, *, slope: S.Piecewise((x, S.Gt(x, 0)), (x * slope, True)),
    mpmath=lambda P, x, *, slope: x if x > 0 else x * slope,
    front=_leaky_front,
    partials=(lambda m, x, slope: m.where(m.gt(x, 0), m.ones_like(x), slope),),
    samples=lambda s: [((s.normal(2, 3),), {"slope": 0.01}), ((s.normal(2, 3),), {"slope": -0.5})],
    kinks=(Kink("the derivative at 0 is the negative slope", "left"),),
    summary="x above 0, x times the negative slope below.",
    source="Goodfellow, Bengio, Courville, Deep Learning, 6.3.1",
    example="nn.functional.leaky_relu(x, 0.1)",
)


def _prelu_front(m: Any, input: Any, weight: Any) -> Any:  # noqa: A002 - PyTorch's name
    shape = tuple(weight.shape)
    if len(shape) > 1:
        raise RuntimeFault(
            "E301", f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {len(shape)}"
        )
    rank = len(input.shape)
    if shape not in ((), (1,)):
        if not rank:
            raise RuntimeFault("E301", "Not allow zero-dim input tensor.")
        channels = input.shape[1] if rank > 1 else 1
        if channels != shape[0]:
            raise RuntimeFault(
                "E301",
                "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{shape[0]} and channel size = {channels}.",
            )
    if shape and rank != 1:
        weight = m.reshape(weight, shape=(1, shape[0], *(1,) * (rank - 2))[:rank], rank=1)
    return m.apply(prelu, (input, weight), {})


prelu = _function(
    "prelu",
    node="PreluKernelBackward0",
    promote="float",
    numpy=lambda a, b: np.where(np.real(a) > 0, a, a * b),
    sympy=lambda S, a, b: S.Piecewise((a, S.Gt(a, 0)), (a * b, True)),
    mpmath=lambda P, a, b: a if a > 0 else a * b,
    front=_prelu_front,
    partials=(
        lambda m, a, b: m.where(m.gt(a, 0), m.ones_like(a), b),
        lambda m, a, b: m.select(m.logical_not(m.gt(a, 0)), a),
    ),
    faces="torch method F",
    inplace=False,
    kinks=(Kink("the derivative in x at 0 is the weight", "left", ""),),
    summary="x above 0, x times a learned weight (one, or one per channel) below.",
    source="He et al. 2015, arXiv 1502.01852, eq. (1)",
    example="prelu(x, ones(1) / 4)",
)


def _elu(x: Any, *, alpha: float, scale: float, input_scale: float) -> Any:
    # Limited, because the exponential of the other side may overflow.
    below = np.minimum(x, 0) if x.dtype.kind == "f" else np.where(np.real(x) > 0, 0, x)
    return np.where(np.real(x) <= 0, np.expm1(below * input_scale) * (alpha * scale), x * scale)


def _elu_partial(m: Any, x: Any, alpha: float, scale: float, input_scale: float) -> Any:
    below = m.exp(-m.relu(-x) * input_scale) * (alpha * scale * input_scale)
    return m.where(m.le(x, 0), below, m.ones_like(x) * scale)


def _elu_front(m: Any, input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:  # noqa: A002 - PyTorch's name
    if inplace:
        return input.elu_(alpha)
    return m.apply(elu, (input,), {"alpha": alpha, "scale": 1, "input_scale": 1})


elu = _function(
    "elu",
    node="EluBackward0",
    promote="float",
    numpy=_elu,
    sympy=lambda S, x, *, alpha, scale, input_scale: S.Piecewise(
        (scale * x, S.Gt(x, 0)), (alpha * scale * (S.exp(x * input_scale) - 1), True)
    ),
    mpmath=lambda P, x, *, alpha, scale, input_scale: (
        scale * x if x > 0 else P.mpf(alpha) * scale * P.expm1(x * input_scale)
    ),
    front=_elu_front,
    partials=(_elu_partial,),
    samples=lambda s: [
        ((s.normal(2, 3),), {"alpha": 1, "scale": 1, "input_scale": 1}),
        ((s.normal(2, 3),), {"alpha": 0.5, "scale": 2.0, "input_scale": 1.5}),
    ],
    kinks=(Kink("the derivative at 0 is alpha", "left"),),
    summary="Exponential linear unit: x above 0, alpha (e**x - 1) below.",
    source="Clevert, Unterthiner, Hochreiter 2015, arXiv 1511.07289, eq. (15)",
    example="nn.functional.elu(x - 2)",
)

SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


@composite("selu", faces="torch F", inplace=True, family=FAMILY, example="selu(x - 2)",
           summary="Self-normalising exponential linear unit.",
           source="Klambauer et al. 2017, arXiv 1706.02515, eq. (2)")  # fmt: skip
def selu(m: Any, input: Any, inplace: bool = False) -> Any:  # noqa: A002 - PyTorch's name
    if inplace:
        return input.selu_()
    return m.apply(elu, (input,), {"alpha": SELU_ALPHA, "scale": SELU_SCALE, "input_scale": 1})


def _celu_front(m: Any, input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:  # noqa: A002 - PyTorch's name
    if alpha == 0:
        raise RuntimeFault("E303", "ZeroDivisionError: alpha cannot be 0 for CELU")
    return input.celu_(alpha) if inplace else m.apply(celu, (input,), {"alpha": alpha})


celu = _function(
    "celu",
    node="CeluBackward0",
    promote="float",
    numpy=lambda x, *, alpha: _elu(x, alpha=alpha, scale=1, input_scale=1 / alpha),
    sympy=lambda S, x, *, alpha: S.Piecewise((x, S.Gt(x, 0)), (alpha * (S.exp(x / alpha) - 1), True)),
    mpmath=lambda P, x, *, alpha: x if x > 0 else alpha * P.expm1(x / alpha),
    front=_celu_front,
    partials=(lambda m, x, alpha: m.where(m.le(x, 0), m.exp(-m.relu(-x) / alpha), m.ones_like(x)),),
    samples=lambda s: [((s.normal(2, 3),), {"alpha": 1}), ((s.normal(2, 3),), {"alpha": 0.5})],
    faces="torch F",
    kinks=("the derivative at 0 is 1",),
    summary="Exponential linear unit without a kink: x above 0, alpha (e**(x / alpha) - 1) below.",
    source="Barron 2017, arXiv 1704.07483, eq. (2)",
    example="celu(x - 2, 0.5)",
)


def _threshold_front(m: Any, input: Any, threshold: Any, value: Any, inplace: bool = False) -> Any:  # noqa: A002
    if inplace:
        return input.threshold_(threshold, value)
    return m.apply(threshold_, (input,), {"threshold": threshold, "value": value})


threshold_ = _function(
    "threshold",
    node="ThresholdBackward0",
    numpy=lambda x, *, threshold, value: np.where(np.real(x) <= threshold, value, x),
    sympy=lambda S, x, *, threshold, value: S.Piecewise((x, S.Gt(x, threshold)), (value, True)),
    mpmath=lambda P, x, *, threshold, value: x if x > threshold else P.mpf(value),
    front=_threshold_front,
    partials=(lambda m, x, threshold: m.select(m.logical_not(m.le(x, threshold)), 1),),
    samples=lambda s: [((s.normal(2, 3),), {"threshold": 0.1, "value": -2.0})],
    faces="torch F",
    kinks=(Kink("the derivative at the threshold is 0; at nan it is 1", "left"),),
    summary="x above the threshold, a fixed value from there down.",
    source="PyTorch, nn.Threshold",
    example="threshold(x, 0.5, 0)",
)
