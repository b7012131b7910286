"""Scaled dot-product attention."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: PLR0913

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import NotImplementedFault, RuntimeFault
from gradcli.ops.operands import check_tensors
from gradcli.ops.record import composite

__all__: list[str] = []

FAMILY = "matmul"


def _bias(m: Any, mask: Any, scores: Any) -> Any:
    """A mask as something to add: a boolean one becomes 0 where it is true and -inf elsewhere."""
    if mask.dtype.kind != "b":
        return mask
    zero = m.array(np.zeros(()), like=scores)
    return m.where(mask, zero, m.array(np.array(-np.inf), like=scores))


@composite(
    "scaled_dot_product_attention",
    args=("query", "key", "value"),
    faces="F",
    family=FAMILY,
    example="F.scaled_dot_product_attention(x, x, x)",
    source="Vaswani et al., Attention is all you need (2017), equation 1",
    summary="softmax(Q K^T / sqrt(d) + mask) V.",
)
def scaled_dot_product_attention(
    m: Any,
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    check_tensors("scaled_dot_product_attention", ("query", query), ("key", key), ("value", value))
    if dropout_p:
        raise NotImplementedFault(
            "E303", "scaled_dot_product_attention with dropout_p > 0 is not implemented"
        )
    if enable_gqa:
        raise NotImplementedFault("E303", "scaled_dot_product_attention with enable_gqa is not implemented")
    if is_causal and attn_mask is not None:
        raise RuntimeFault(
            "E303", "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True"
        )
    # Half of the scale on either side, as in PyTorch: large keys overflow later.
    half = math.sqrt(1 / math.sqrt(query.shape[-1]) if scale is None else abs(scale))
    sign = -1 if scale is not None and scale < 0 else 1
    scores = m.matmul(query * (half * sign), m.mT(key) * half)
    if is_causal:
        attn_mask = m.array(np.triu(np.full(scores.shape[-2:], -np.inf), 1), like=scores)
    if attn_mask is not None:
        scores = scores + _bias(m, attn_mask, scores)
    return m.matmul(m.softmax(scores, -1), value)
