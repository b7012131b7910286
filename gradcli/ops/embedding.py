"""Indices turned into vectors: rows of a table, and unit vectors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import IndexFault, RuntimeFault
from gradcli.ops.dtypes import INT64, scalar_type
from gradcli.ops.layout import along, memory
from gradcli.ops.record import composite, linear

if TYPE_CHECKING:
    from gradcli.ops.shapes import Shape

__all__: list[str] = []

FAMILY = "embedding"


def _rows(weight: Any, index: Any, *, padding: int) -> Any:  # noqa: ARG001 - part of the signature
    return np.take(weight, index, axis=-2)


def _rows_put(g: Any, index: Any, *, shape: Shape, padding: int) -> Any:
    flat = np.reshape(g, (*g.shape[: g.ndim - 1 - index.ndim], index.size, g.shape[-1]))
    full = np.zeros((*flat.shape[:-2], *shape), g.dtype)
    places = np.ravel(index)
    if padding >= 0:
        kept = places != padding
        places, flat = places[kept], flat[..., kept, :]
    np.add.at(full, along(-2, places), flat)
    return full


def _without(x: Any, index: Any, *, padding: int) -> Any:
    found = _rows(x, index, padding=padding)
    if padding >= 0:
        found[(..., index == padding, slice(None))] = 0
    return found


table_rows = linear(
    "table_rows",
    args=("weight", "index"),
    discrete=("index",),
    node="EmbeddingBackward0",
    numpy=_rows,
    transposes=(
        lambda m, g, index, weight_shape, padding: m.table_rows_put(
            g, index, shape=weight_shape, padding=padding
        ),
        None,
    ),
    promote="keep",
    grows=True,
    faces="",
    infer=lambda weight, index, *, padding: (*index, weight[-1]),
    family=FAMILY,
    samples=lambda s: [((s.normal(4, 3), s.integers(4, 2, 2)), {"padding": -1})],
    summary="Rows of a table.",
    source="PyTorch derivatives.yaml, embedding",
)

table_rows_put = linear(
    "table_rows_put",
    args=("x", "index"),
    discrete=("index",),
    node="EmbeddingDenseBackwardBackward0",
    numpy=_rows_put,
    transposes=(lambda m, g, index, padding: m.table_rows_kept(g, index, padding=padding), None),
    promote="keep",
    faces="",
    infer=lambda x, index, *, shape, padding: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 2, 3), np.array([[1, 0], [3, 1]])), {"shape": (4, 3), "padding": 1})],
    summary="Zeros to which rows are added, those of the padding left out.",
    source="PyTorch derivatives.yaml, embedding_dense_backward",
)

table_rows_kept = linear(
    "table_rows_kept",
    args=("weight", "index"),
    discrete=("index",),
    node="EmbeddingBackward0",
    numpy=_without,
    transposes=(
        lambda m, g, index, weight_shape, padding: m.table_rows_put(
            g, index, shape=weight_shape, padding=padding
        ),
        None,
    ),
    promote="keep",
    faces="",
    infer=lambda weight, index, *, padding: (*index, weight[-1]),
    family=FAMILY,
    samples=lambda s: [((s.normal(4, 3), np.array([[1, 0], [3, 1]])), {"padding": 1})],
    summary="Rows of a table, zeros for those of the padding: the transpose of table_rows_put.",
    source="PyTorch derivatives.yaml, embedding_dense_backward",
)


def _renorm(table: Any, rows: Any, most: float, p: float) -> None:
    """Shrinks the rows of a table that are longer than a norm, in place as PyTorch does."""
    norms = np.linalg.norm(table[rows], p, axis=1)
    factors = np.where(norms > most, most / (norms + 1e-7), 1)
    table[rows] *= factors[:, None].astype(table.dtype)


@composite(
    "embedding",
    faces="F",
    family=FAMILY,
    summary="Rows of a table, one for each index.",
    source="PyTorch reference, torch.nn.functional.embedding",
    example="nn.functional.embedding(tensor([0, 1, 0]), x)",
)
def embedding(  # noqa: PLR0913 - PyTorch's signature
    m: Any,
    input: Any,  # noqa: A002 - PyTorch's name
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,  # noqa: ARG001 - part of the signature
) -> Any:
    if scale_grad_by_freq:
        from gradcli.diagnostics import NotImplementedFault  # only when something went wrong

        raise NotImplementedFault("E303", "embedding: scale_grad_by_freq is not implemented")
    array = memory(input)
    if len(weight.shape) != 2:  # noqa: PLR2004 - a number of dims
        raise RuntimeFault("E301", "'weight' must be 2-D")
    if array.dtype.kind != "i":
        raise RuntimeFault(
            "E304",
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, "
            "Int; but got "
            f"torch.{scalar_type(array.dtype)}Tensor instead (while checking arguments for embedding)",
        )
    rows = weight.shape[0]
    if array.size and not (int(array.min()) >= 0 and int(array.max()) < rows):
        raise IndexFault("E302", "index out of range in self", help=f"the indices run from 0 to {rows - 1}")
    padding = -1
    if padding_idx is not None:
        if not -rows <= padding_idx < rows:
            raise RuntimeFault("E303", "Padding_idx must be within num_embeddings")
        padding = padding_idx % rows
    if max_norm is not None:
        _renorm(memory(weight), np.unique(array), max_norm, norm_type)
    return m.apply(table_rows, (weight, input), {"padding": padding})


one_hot_of = linear(
    "one_hot_of",
    numpy=lambda x, *, classes: (np.expand_dims(x, -1) == np.arange(classes)).astype(INT64),
    transposes=(None,),
    promote="keep",
    grows=True,
    faces="",
    infer=lambda x, *, classes: (*x, classes),
    family=FAMILY,
    samples=lambda s: [((s.integers(3, 4),), {"classes": 3})],
    summary="Unit vectors for class numbers.",
    source="Goodfellow, Bengio, Courville, Deep Learning, 5.3.1",
)


@composite(
    "one_hot",
    faces="F",
    family=FAMILY,
    summary="A unit vector for each class number.",
    source="PyTorch reference, torch.nn.functional.one_hot",
    example="nn.functional.one_hot(tensor([0, 2]), 3)",
)
def one_hot(m: Any, tensor: Any, num_classes: int = -1) -> Any:
    array = memory(tensor)
    if array.dtype != INT64:
        raise RuntimeFault("E304", "one_hot is only applicable to index tensor of type LongTensor.")
    if not math.prod(array.shape):
        if num_classes <= 0:
            raise RuntimeFault("E303", "Can not infer total number of classes from empty tensor.")
        return m.one_hot_of(tensor, classes=num_classes)
    if int(array.min()) < 0:
        raise RuntimeFault("E302", "Class values must be non-negative.")
    if num_classes == -1:
        num_classes = int(array.max()) + 1
    elif num_classes < 1:
        raise RuntimeFault("E303", "num_classes should be positive")
    elif num_classes <= int(array.max()):
        raise RuntimeFault("E302", "Class values must be smaller than num_classes.")
    return m.one_hot_of(tensor, classes=num_classes)
