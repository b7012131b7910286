"""How near the vectors of two tensors are, pair by pair: by distance, by angle."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: PLR0913

from __future__ import annotations

from typing import Any

from gradcli.ops.norm import norm_dims
from gradcli.ops.record import composite
from gradcli.ops.shapes import broadcast, dim_from_right

__all__: list[str] = []

FAMILY = "distance"


@composite(
    "pairwise_distance",
    faces="F",
    aliases=("pairwise_distance",),
    family=FAMILY,
    summary="The p-norm of x1 - x2 + eps along the last dim.",
    source="PyTorch reference, nn.functional.pairwise_distance",
    example="pairwise_distance(x, 2 * x)",
)
def pairwise_distance(
    m: Any, x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Any:
    params = {"dims": (-1,), "keepdim": keepdim, "order": float(p), "form": "Norm"}
    return m.apply(norm_dims, ((x1 - x2) + eps,), params)


@composite(
    "cosine_similarity",
    faces="torch F",
    family=FAMILY,
    summary="The cosine of the angle between vectors along a dim; lengths are at least eps.",
    source="PyTorch reference, nn.functional.cosine_similarity",
    example="cosine_similarity(x, x + 1)",
)
def cosine_similarity(m: Any, x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    shape = broadcast(tuple(x1.shape), tuple(x2.shape))
    dims = (dim_from_right(dim, len(shape)),) if shape else ()
    units = []
    for x in (x1, x2):
        full = x if tuple(x.shape) == shape else m.expand(x, shape=shape, rank=len(x.shape))
        length = m.norm_dims(full, dims=dims, keepdim=True, order=2.0, form="Vector")
        units.append(full / m.clamp_min(length, min=eps))
    return m.sum_dims(units[0] * units[1], dims=dims, keepdim=False, full=False)
