"""The encoder of a transformer. Source: Vaswani et al., Attention Is All You Need (2017)."""

# ruff: noqa: N812, PLR0913 - PyTorch's signatures; functional is F by custom

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.devices import check_device
from gradcli.torch.nn import functional as F
from gradcli.torch.nn.attention import MultiheadAttention
from gradcli.torch.nn.container import ModuleList
from gradcli.torch.nn.dropout import Dropout
from gradcli.torch.nn.linear import Linear
from gradcli.torch.nn.module import Module
from gradcli.torch.nn.normalization import LayerNorm

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TransformerEncoder", "TransformerEncoderLayer"]


def _function(activation: Any) -> Callable[[Any], Any]:
    if not isinstance(activation, str):
        return activation  # type: ignore[no-any-return] # a function
    if activation not in ("relu", "gelu"):
        raise RuntimeFault("E303", f"activation should be relu/gelu, not {activation}")
    return getattr(F, activation)  # type: ignore[no-any-return] # one of the two


class TransformerEncoderLayer(Module):
    """Self-attention and two linear maps, each with a sum and a normalisation around it."""

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_device(device)
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout=dropout, bias=bias, batch_first=batch_first, dtype=dtype
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias=bias, dtype=dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias=bias, dtype=dtype)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, eps=layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, eps=layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.activation = _function(activation)

    def forward(
        self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False
    ) -> Any:
        """A sequence of the same shape: (S, N, E), or (N, S, E) with batch_first, or (S, E)."""
        masks = (src_mask, src_key_padding_mask, is_causal)
        if self.norm_first:
            src = src + self._attended(self.norm1(src), *masks)
            return src + self._mapped(self.norm2(src))
        src = self.norm1(src + self._attended(src, *masks))
        return self.norm2(src + self._mapped(src))

    def _attended(self, x: Any, mask: Any, padding: Any, causal: bool) -> Any:
        found = self.self_attn(
            x, x, x, attn_mask=mask, key_padding_mask=padding, need_weights=False, is_causal=causal
        )
        return self.dropout1(found[0])

    def _mapped(self, x: Any) -> Any:
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerEncoder(Module):
    """Copies of a layer, one after the other."""

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        del enable_nested_tensor, mask_check
        self.layers = ModuleList([deepcopy(encoder_layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self, src: Any, mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool | None = None
    ) -> Any:
        """A sequence of the same shape."""
        for layer in self.layers:
            src = layer(
                src, src_mask=mask, src_key_padding_mask=src_key_padding_mask, is_causal=bool(is_causal)
            )
        return src if self.norm is None else self.norm(src)
