"""Activation functions of neural networks."""

from __future__ import annotations

import numpy as np

from gradcli.ops.record import elementwise

__all__: list[str] = []

FAMILY = "activation"

relu = elementwise(
    "relu",
    node="ReluBackward0",
    numpy=lambda x: np.maximum(x, 0),
    complex=lambda x: np.where(np.real(x) > 0, x, 0),
    sympy=lambda S, x: S.Max(x, 0),
    mpmath=lambda P, x: max(x, P.mpf(0)),
    # `not (y <= 0)` rather than `y > 0`: PyTorch passes the cotangent through a nan.
    partials=(lambda m, y: m.select(m.logical_not(m.le(y, 0)), 1),),
    inplace=True,
    faces="torch method F",
    family=FAMILY,
    kinks=("the derivative at 0 is 0; at nan it is 1",),
    summary="Rectified linear unit, max(x, 0).",
    source="Goodfellow, Bengio, Courville, Deep Learning, 6.3.1",
)
