"""Several arithmetic steps in one operation: lerp, addcmul, addcdiv; and gating by halves, glu."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import NotImplementedFault, RuntimeFault
from gradcli.ops.activation import logistic
from gradcli.ops.domain import NONZERO, REAL
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.record import Record, elementwise, general
from gradcli.ops.shapes import Shape, dim_from_right

__all__: list[str] = []

FAMILY = "blending"


def _lerp(a: Any, b: Any, weight: Any) -> Any:
    """From the nearer end, so that both ends are met exactly."""
    gap = b - a
    return np.where(np.real(weight) < 0.5, a + weight * gap, b - gap * (1 - weight))  # noqa: PLR2004 - the middle


def _lerp_front(m: Any, input: Any, end: Any, weight: Any) -> Any:  # noqa: A002 - PyTorch's name
    if input.dtype != end.dtype:
        names = [scalar_type(value.dtype).lower() for value in (input, end)]
        raise RuntimeFault("E304", f"expected dtype {names[0]} for `end` but got dtype {names[1]}")
    if input.dtype.kind != "f":
        raise NotImplementedFault(
            "E304",
            f"\"lerp_kernel_scalar\" not implemented for '{scalar_type(input.dtype)}'",
            help="convert both ends first: .double()",
        )
    if hasattr(weight, "shape"):
        return m.apply(lerp_tensor, (input, end, weight), {})
    return m.apply(lerp, (input, end), {"weight": weight})


lerp = elementwise(
    "lerp",
    args=("a", "b"),
    node="LerpBackward0",
    numpy=lambda a, b, *, weight: a + weight * (b - a) if weight < 0.5 else b - (b - a) * (1 - weight),  # noqa: PLR2004
    sympy=lambda S, a, b, *, weight: a + weight * (b - a),
    front=_lerp_front,
    partials=(lambda m, weight: 1 - weight, lambda m, weight: weight),
    inplace=True,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal(2, 3)), {"weight": w}) for w in (0.25, 0.75)],
    summary="Linear interpolation a + weight (b - a).",
    source="DLMF 3.3.5",
    example="lerp(x, x + 1, 0.25)",
)

lerp_tensor = elementwise(
    "lerp_tensor",
    args=("a", "b", "weight"),
    node="LerpBackward1",
    numpy=_lerp,
    sympy=lambda S, a, b, weight: a + weight * (b - a),
    partials=(lambda m, weight: 1 - weight, lambda m, weight: weight, lambda m, a, b: b - a),
    faces="",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal(2, 3), s.unit(2, 3)), {})],
    summary="Linear interpolation with a weight per element.",
    source="DLMF 3.3.5",
)

addcmul: Record = elementwise(
    "addcmul",
    args=("x", "tensor1", "tensor2"),
    node="AddcmulBackward0",
    numpy=lambda x, tensor1, tensor2, *, value: x + value * tensor1 * tensor2,
    sympy=lambda S, x, tensor1, tensor2, *, value: x + value * tensor1 * tensor2,
    front=lambda m, input, tensor1, tensor2, *, value=1: m.apply(  # noqa: A006 - PyTorch's name
        addcmul, (input, tensor1, tensor2), {"value": value}
    ),
    partials=(1, lambda m, tensor2, value: tensor2 * value, lambda m, tensor1, value: tensor1 * value),
    inplace=True,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal(2, 3), s.normal(2, 3)), {"value": v}) for v in (1, -0.5)],
    summary="x + value tensor1 tensor2.",
    source="DLMF 1.4.7, 1.4.8",
    example="addcmul(x, x, x, value=2)",
)


def _addcdiv_front(m: Any, input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Any:  # noqa: A002
    if tensor1.dtype.kind != "f" and tensor2.dtype.kind != "f":
        raise RuntimeFault(
            "E304",
            "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will "
            "perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be "
            "implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer "
            "inputs and as (input + value * tensor1 / tensor2) for float inputs. The future addcdiv "
            "behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all "
            "dtypes.",
        )
    return m.apply(addcdiv, (input, tensor1, tensor2), {"value": value})


addcdiv = elementwise(
    "addcdiv",
    args=("x", "tensor1", "tensor2"),
    node="AddcdivBackward0",
    numpy=lambda x, tensor1, tensor2, *, value: x + value * (tensor1 / tensor2),
    sympy=lambda S, x, tensor1, tensor2, *, value: x + value * tensor1 / tensor2,
    front=_addcdiv_front,
    partials=(
        1,
        lambda m, tensor2, value: value / tensor2,
        lambda m, tensor1, tensor2, value: -(tensor1 / tensor2) / tensor2 * value,
    ),
    domain=(REAL, REAL, NONZERO),
    inplace=True,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3), s.normal(2, 3), s.positive(2, 3)), {"value": v}) for v in (1, -0.5)],
    summary="x + value tensor1 / tensor2.",
    source="DLMF 1.4.7, 1.4.9",
    example="addcdiv(x, x, x + 1, value=2)",
)


def _halves(m: Any, x: Any, x_shape: Shape, dim: int) -> tuple[Any, Any]:
    half = x_shape[dim] // 2
    return (
        m.slice(x, dim=dim, start=0, stop=half, step=1),
        m.slice(x, dim=dim, start=half, stop=2 * half, step=1),
    )


def _glu(x: Any, *, dim: int) -> Any:
    values, gates = np.split(x, 2, axis=dim)
    return values * logistic(gates)


def _glu_vjp(m: Any, g: Any, x: Any, x_shape: Shape, dim: int) -> Any:
    values, gates = _halves(m, x, x_shape, dim)
    open_ = m.sigmoid(gates)
    return m.cat(g * open_, g * values * open_ * (1 - open_), dim=dim)


def _glu_jvp(m: Any, t: Any, x: Any, x_shape: Shape, dim: int) -> Any:
    values, gates = _halves(m, x, x_shape, dim)
    moved, turned = _halves(m, t, x_shape, dim)
    open_ = m.sigmoid(gates)
    return moved * open_ + turned * values * open_ * (1 - open_)


def _glu_front(m: Any, input: Any, dim: int = -1) -> Any:  # noqa: A002 - PyTorch's name
    shape = input.shape
    if not len(shape):
        raise RuntimeFault("E301", "glu does not support scalars because halving size must be even")
    dim = dim_from_right(dim, len(shape))
    if shape[dim] % 2:
        raise RuntimeFault(
            "E301", f"Halving dimension must be even, but dimension {len(shape) + dim} is size {shape[dim]}"
        )
    return m.apply(glu, (input,), {"dim": dim})


glu = general(
    "glu",
    node="GluBackward0",
    numpy=_glu,
    definition=lambda m, x, dim: _halves(m, x, x.shape, dim)[0] * m.sigmoid(_halves(m, x, x.shape, dim)[1]),
    vjps=(_glu_vjp,),
    jvps=(_glu_jvp,),
    infer=lambda x, *, dim: (*x[: len(x) + dim], x[dim] // 2, *x[len(x) + dim + 1 :]),
    front=_glu_front,
    faces="F",
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 4),), {"dim": -1}), ((s.normal(2, 3),), {"dim": -2})],
    summary="Gated linear unit: the first half of a dim times the sigmoid of the second.",
    source="Dauphin et al. 2016, arXiv 1612.08083, eq. (1)",
    example="nn.functional.glu(x)",
)
