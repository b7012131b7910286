"""EmbeddingBag: sums, means or maxima of bags of vectors from a table."""

# ruff: noqa: A002, N812, PLR0913 - PyTorch's names and signatures; functional is F by custom

from __future__ import annotations

from typing import Any

from gradcli.diagnostics import ValueFault
from gradcli.ops.devices import check_device
from gradcli.torch.creation import empty
from gradcli.torch.nn import functional as F
from gradcli.torch.nn.init import normal_
from gradcli.torch.nn.module import Module
from gradcli.torch.nn.parameter import Parameter
from gradcli.torch.nn.state import overwrite

__all__ = ["EmbeddingBag"]


class EmbeddingBag(Module):
    """One vector for each bag of indices.

    Raises:
        ValueFault: the padding index is no index of the table, or a given weight has another shape.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_device(device)
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueFault("E303", "padding_idx must be within num_embeddings")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx % num_embeddings if padding_idx is not None else None
        self.max_norm, self.norm_type, self.mode = max_norm, norm_type, mode
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        self.include_last_offset = include_last_offset
        if _weight is None:
            self.weight = Parameter(empty((num_embeddings, embedding_dim), dtype=dtype))
            self.reset_parameters()
        else:
            if list(_weight.shape) != [num_embeddings, embedding_dim]:
                raise ValueFault("E301", "Shape of weight does not match num_embeddings and embedding_dim")
            self.weight = Parameter(_weight)

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, **settings: Any) -> EmbeddingBag:
        """A layer around a table of vectors, which does not learn unless told so."""
        rows, columns = embeddings.shape
        made = cls(rows, columns, _weight=embeddings, **settings)
        made.weight.requires_grad = not freeze
        return made

    def reset_parameters(self) -> None:
        """Draws the table from standard normals, and zeros for the padding."""
        normal_(self.weight)
        if self.padding_idx is not None:
            overwrite(self.weight.data[self.padding_idx], 0)

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Any:
        """(bags, size) indices, or (indices,) with the offset of each bag, to (bags, embedding_dim)."""
        return F.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    def extra_repr(self) -> str:
        """Its sizes and mode, and what differs from the defaults."""
        shown = f"{self.num_embeddings}, {self.embedding_dim}"
        for name, usual in (("max_norm", None), ("norm_type", 2), ("scale_grad_by_freq", False)):
            if self.__dict__[name] != usual:
                shown += f", {name}={self.__dict__[name]!r}"
        shown += f", mode={self.mode!r}"
        return shown if self.padding_idx is None else f"{shown}, padding_idx={self.padding_idx}"
