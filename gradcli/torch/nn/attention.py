"""Multi-head attention. Source: Vaswani et al., Attention is all you need (2017), section 3.2.2."""

# Pytorch's signatures; functional is F by custom; Tensor's and Module's fields are this package's own.
# ruff: noqa: N812, PLR0913, SLF001

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.tensor import make
from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.ops.devices import check_device
from gradcli.torch.creation import empty
from gradcli.torch.nn import functional as F
from gradcli.torch.nn.init import constant_, xavier_normal_, xavier_uniform_
from gradcli.torch.nn.linear import Linear
from gradcli.torch.nn.module import Module
from gradcli.torch.nn.parameter import Parameter

__all__ = ["MultiheadAttention"]

BATCHED = 3  # dims of a query with a batch dim


class NonDynamicallyQuantizableLinear(Linear):
    """A linear layer under the name that PyTorch prints for the last one of an attention."""


class MultiheadAttention(Module):
    """Attention in several heads between projections of queries, keys and values.

    Raises:
        ValueFault: the heads do not divide the embedding.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueFault(
                "E303",
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and "
                f"num_heads={num_heads} instead",
            )
        super().__init__()
        if embed_dim % num_heads:
            raise ValueFault("E303", "embed_dim must be divisible by num_heads")
        check_device(device)
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        packed = self.kdim == self.vdim == embed_dim
        shapes = {
            "q_proj_weight": None if packed else (embed_dim, embed_dim),
            "k_proj_weight": None if packed else (embed_dim, self.kdim),
            "v_proj_weight": None if packed else (embed_dim, self.vdim),
            "in_proj_weight": (3 * embed_dim, embed_dim) if packed else None,
            "in_proj_bias": (3 * embed_dim,) if bias else None,
        }
        first = ("in_proj_weight",) if packed else ()  # registered in PyTorch's order
        for name in (*first, *(name for name in shapes if name not in first)):
            shape = shapes[name]
            self.register_parameter(name, None if shape is None else Parameter(empty(shape, dtype=dtype)))
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias=bias, dtype=dtype)
        for name in ("bias_k", "bias_v"):
            extra = Parameter(empty((1, 1, embed_dim), dtype=dtype)) if add_bias_kv else None
            self.register_parameter(name, extra)
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        own = self._parameters
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            weight = own[name]
            if weight is not None:
                xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            constant_(self.in_proj_bias, 0.0)
            constant_(self.out_proj.bias, 0.0)
        for name in ("bias_k", "bias_v"):
            extra = own[name]
            if extra is not None:
                xavier_normal_(extra)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """The attended values, (L, N, embed_dim), and the weights (N, L, S) if they are needed.

        With `batch_first` (N, L, embed_dim); without a batch dim (L, embed_dim) and (L, S). A mask is
        true, or -inf, where not to look.

        Raises:
            RuntimeFault: a mask has the wrong shape, or is missing where `is_causal` speaks of it.
        """
        single = len(query.shape) < BATCHED
        if is_causal and attn_mask is None:
            raise RuntimeFault(
                "E303",
                "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
                "`generate_square_subsequent_mask` to create this mask.",
            )
        query, key, value = self._ordered(query, key, value, single=single)
        length, batch, _ = query.shape
        q, k, v = self._projected(query, key, value)
        k, v, extra = self._extended(k, v, batch)
        q, k, v = (self._heads(part, batch) for part in (q, k, v))
        if self.add_zero_attn:
            nothing = make(np.zeros((k.shape[0], 1, self.head_dim), k.dtype))
            k, v, extra = TENSORS.cat(k, nothing, dim=-2), TENSORS.cat(v, nothing, dim=-2), extra + 1
        scores = TENSORS.matmul(q * math.sqrt(1.0 / self.head_dim), TENSORS.mT(k))
        mask = self._mask(attn_mask, key_padding_mask, (batch, length, k.shape[1]), extra, scores.dtype)
        weights = F.softmax(scores if mask is None else scores + mask, -1)
        if self.dropout and self.training:
            weights = F.dropout(weights, self.dropout)
        found = TENSORS.matmul(weights, v).transpose(0, 1).reshape(length * batch, self.embed_dim)
        found = self.out_proj(found).view(length, batch, self.embed_dim)
        seen = None
        if need_weights:
            seen = weights.view(batch, self.num_heads, length, k.shape[1])
            seen = seen.mean(1) if average_attn_weights else seen
        if single:
            return found.squeeze(1), None if seen is None else seen.squeeze(0)
        return (found.transpose(1, 0) if self.batch_first else found), seen

    def _ordered(self, query: Any, key: Any, value: Any, *, single: bool) -> tuple[Any, Any, Any]:
        """Query, key and value as (length, batch, size)."""
        if single:
            return query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
        if self.batch_first:
            return query.transpose(1, 0), key.transpose(1, 0), value.transpose(1, 0)
        return query, key, value

    def _projected(self, query: Any, key: Any, value: Any) -> list[Any]:
        if query.shape[-1] != self.embed_dim:
            raise RuntimeFault(
                "E301", f"was expecting embedding dimension of {self.embed_dim}, but got {query.shape[-1]}"
            )
        biases = (None,) * 3 if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        if self.in_proj_weight is None:
            weights = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        else:
            weights = self.in_proj_weight.chunk(3)
        parts = zip((query, key, value), weights, biases, strict=True)
        return [F.linear(part, weight, bias) for part, weight, bias in parts]

    def _extended(self, k: Any, v: Any, batch: int) -> tuple[Any, Any, int]:
        """Keys and values with the learnt ones behind them, and how many those are."""
        if self.bias_k is None:
            return k, v, 0
        return (
            TENSORS.cat(k, self.bias_k.repeat(1, batch, 1), dim=-3),
            TENSORS.cat(v, self.bias_v.repeat(1, batch, 1), dim=-3),
            1,
        )

    def _heads(self, x: Any, batch: int) -> Any:
        """(length, batch, embed_dim) to (batch * heads, length, head_dim)."""
        return x.reshape(x.shape[0], batch * self.num_heads, self.head_dim).transpose(0, 1)

    def _mask(self, attn: Any, padding: Any, sizes: tuple[int, int, int], extra: int, dtype: Any) -> Any:
        """What is added to the scores, (batch * heads or 1, length, keys); None: nothing."""
        batch, length, keys = sizes
        total = None
        if attn is not None:
            allowed = {2: (length, keys - extra), 3: (batch * self.num_heads, length, keys - extra)}
            rank = len(attn.shape)
            if rank not in allowed:
                raise RuntimeFault("E301", f"attn_mask's dimension {rank} is not supported")
            if tuple(attn.shape) != allowed[rank]:
                raise RuntimeFault(
                    "E301",
                    f"The shape of the {rank}D attn_mask is {attn.shape}, but should be {allowed[rank]}.",
                )
            total = _added(attn, extra, dtype)
        if padding is not None:
            if len(padding.shape) == 1:
                padding = padding.unsqueeze(0)
            if tuple(padding.shape) != (batch, keys - extra):
                raise RuntimeFault(
                    "E301",
                    f"Expected key_padded_mask.shape[0] to be {batch}, and [1] {keys - extra}, but got "
                    f"{list(padding.shape)}",
                )
            hidden = np.repeat(_added(padding, extra, dtype)._disclosed, self.num_heads, axis=0)[:, None, :]
            total = make(hidden) if total is None else total + make(hidden)
        return total


def _added(mask: Any, extra: int, dtype: Any) -> Any:
    """A mask as something to add, with nothing masked in `extra` further columns."""
    if mask.dtype.kind == "b":
        mask = make(np.where(mask._disclosed, -np.inf, 0.0).astype(dtype.dtype))
    return F.pad(mask, (0, extra)) if extra else mask
