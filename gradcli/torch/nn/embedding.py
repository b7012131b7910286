"""Embedding: a table of vectors."""

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

__all__ = ["Embedding"]

MATRIX = 2


class Embedding(Module):
    """A row of a (num_embeddings, embedding_dim) table for each index.

    Raises:
        ValueFault: the padding index is no index of the table, or a given weight has another shape.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        check_device(device)
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueFault("E303", "Padding_idx must be within num_embeddings")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx % num_embeddings if padding_idx is not None else None
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        if _weight is None:
            table = empty((num_embeddings, embedding_dim), dtype=dtype)
            self.weight = Parameter(table, requires_grad=not _freeze)
            self.reset_parameters()
        else:
            if list(_weight.shape) != [num_embeddings, embedding_dim]:
                raise ValueFault("E301", "Shape of weight does not match num_embeddings and embedding_dim")
            self.weight = Parameter(_weight, requires_grad=not _freeze)

    @classmethod
    def from_pretrained(
        cls, embeddings: Any, freeze: bool = True, padding_idx: int | None = None, **settings: Any
    ) -> Embedding:
        """A layer around a table of vectors, which does not learn unless told so."""
        if len(embeddings.shape) != MATRIX:
            raise ValueFault("E301", "Embeddings parameter is expected to be 2-dimensional")
        rows, columns = embeddings.shape
        return cls(rows, columns, padding_idx, _weight=embeddings, _freeze=freeze, **settings)

    def reset_parameters(self) -> None:
        """Draws the table from standard normals, and zeros for the padding."""
        normal_(self.weight)
        if self.padding_idx is not None:
            table = self.weight.data
            overwrite(table[self.padding_idx], 0)

    def forward(self, input: Any) -> Any:
        """(...) indices to (..., embedding_dim)."""
        return F.embedding(
            input,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.sparse,
        )

    def extra_repr(self) -> str:
        """Its sizes, and what differs from the defaults."""
        shown = f"{self.num_embeddings}, {self.embedding_dim}"
        quiet = {
            "padding_idx": None,
            "max_norm": None,
            "norm_type": 2,
            "scale_grad_by_freq": False,
            "sparse": False,
        }
        for name, usual in quiet.items():
            if self.__dict__[name] != usual:
                shown += f", {name}={self.__dict__[name]}"
        return shown
