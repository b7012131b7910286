"""Diagonals and triangles of matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.diagnostics import RuntimeFault
from gradcli.ops.record import Record, composite, linear
from gradcli.ops.refusals import check_kind
from gradcli.ops.shapes import Shape, dim_from_right

__all__: list[str] = []

FAMILY = "diagonals"


def _triangle(name: str, node: str, numpy: Any, summary: str) -> Record:
    def front(m: Any, input: Any, diagonal: int = 0) -> Any:  # noqa: A002 - PyTorch's name
        if len(input.shape) < 2:  # noqa: PLR2004 - a number of dims
            raise RuntimeFault("E301", f"{name}: input tensor must have at least 2 dimensions")
        return m.apply(record, (input,), {"diagonal": diagonal})

    record: Record = linear(
        name,
        node=node,
        numpy=lambda x, *, diagonal: numpy(x, diagonal),
        transposes=(lambda m, g, diagonal: m.apply(record, (g,), {"diagonal": diagonal}),),
        front=front,
        promote="keep",
        inplace=True,
        infer=lambda x, *, diagonal: x,
        family=FAMILY,
        samples=lambda s: [((s.normal(3, 4),), {"diagonal": 0}), ((s.normal(2, 3, 3),), {"diagonal": -1})],
        summary=summary,
        source=f"NumPy reference, numpy.{name}",
        example=f"{name}(x)",
    )
    return record


tril = _triangle("tril", "TrilBackward0", np.tril, "The lower triangle of a matrix, zeros above it.")
triu = _triangle("triu", "TriuBackward0", np.triu, "The upper triangle of a matrix, zeros below it.")


def _length(rows: int, columns: int, offset: int) -> int:
    return max(min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns), 0)


def _diagonal(x: Any, *, offset: int, dim1: int, dim2: int) -> Any:
    """A writable view; np.diagonal's is read-only."""
    count = _length(x.shape[dim1], x.shape[dim2], offset)
    moved = np.moveaxis(x, (dim1, dim2), (-2, -1))
    start = moved[..., max(-offset, 0) :, max(offset, 0) :] if count else moved[..., :0, :0]
    strides = (*start.strides[:-2], start.strides[-2] + start.strides[-1])
    return np.lib.stride_tricks.as_strided(start, (*start.shape[:-2], count), strides)


def _diagonal_infer(x: Shape, *, offset: int, dim1: int, dim2: int) -> Shape:
    rest = tuple(size for i, size in enumerate(x) if i - len(x) not in (dim1, dim2))
    return (*rest, _length(x[dim1], x[dim2], offset))


def _put(x: Any, *, shape: Shape, offset: int, dim1: int, dim2: int) -> Any:
    full = np.zeros(x.shape[: x.ndim - len(shape) + 1] + shape, x.dtype)
    _diagonal(full, offset=offset, dim1=dim1, dim2=dim2)[...] = x
    return full


def _diagonal_front(m: Any, input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:  # noqa: A002 - PyTorch's name
    rank = len(input.shape)
    first, second = dim_from_right(dim1, rank), dim_from_right(dim2, rank)
    if first == second:
        raise RuntimeFault("E302", f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return m.apply(diagonal, (input,), {"offset": offset, "dim1": first, "dim2": second})


def _diagonal_samples(s: Any) -> Any:
    return [
        ((s.normal(3, 4),), {"offset": 1, "dim1": -2, "dim2": -1}),
        ((s.normal(3, 2, 3),), {"offset": -1, "dim1": -1, "dim2": -3}),
    ]


def _diagonal_transpose(m: Any, g: Any, x_shape: Shape, offset: int, dim1: int, dim2: int) -> Any:  # noqa: PLR0913 - PyTorch's signature
    return m.diagonal_put(g, shape=x_shape, offset=offset, dim1=dim1, dim2=dim2)


diagonal = linear(
    "diagonal",
    node="DiagonalBackward0",
    numpy=_diagonal,
    transposes=(_diagonal_transpose,),
    front=_diagonal_front,
    promote="keep",
    view=True,
    infer=_diagonal_infer,
    family=FAMILY,
    samples=_diagonal_samples,
    summary="A diagonal of the matrices in two dims, as the last dim; a view.",
    source="NumPy reference, numpy.diagonal",
    example="diagonal(x)",
)

diagonal_copy = linear(
    "diagonal_copy",
    node="DiagonalBackward0_copy",
    numpy=lambda x, *, offset, dim1, dim2: np.array(_diagonal(x, offset=offset, dim1=dim1, dim2=dim2)),
    transposes=(_diagonal_transpose,),
    promote="keep",
    faces="",
    infer=_diagonal_infer,
    family=FAMILY,
    samples=_diagonal_samples,
    summary="A copy of a diagonal.",
    source="PyTorch derivatives.yaml, diagonal",
)

diagonal_put = linear(
    "diagonal_put",
    node="DiagEmbedBackward0",
    numpy=_put,
    transposes=(lambda m, g, offset, dim1, dim2: m.diagonal(g, offset=offset, dim1=dim1, dim2=dim2),),
    promote="keep",
    grows=True,
    faces="",
    infer=lambda x, *, shape, offset, dim1, dim2: shape,
    family=FAMILY,
    samples=lambda s: [((s.normal(3),), {"shape": (3, 4), "offset": 1, "dim1": -2, "dim2": -1})],
    summary="Zeros with a diagonal set: the transpose of diagonal.",
    source="NumPy reference, numpy.diagonal",
)


@composite(
    "diag_embed",
    family=FAMILY,
    summary="Matrices in two new dims with the last dim on a diagonal.",
    source="PyTorch reference, torch.diag_embed",
    example="diag_embed(x)",
)
def diag_embed(m: Any, input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:  # noqa: A002 - PyTorch's name
    shape = tuple(input.shape)
    rank = len(shape) + 1
    first, second = dim_from_right(dim1, rank), dim_from_right(dim2, rank)
    if first == second:
        raise RuntimeFault("E302", f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    side, rest = shape[-1] + abs(offset), iter(shape[:-1])
    full = tuple(side if dim in (first, second) else next(rest) for dim in range(-rank, 0))
    params = {"shape": full, "offset": offset, "dim1": first, "dim2": second}
    return m.apply(diagonal_put, (input,), params)


@composite(
    "diag",
    family=FAMILY,
    summary="The diagonal of a matrix, or the matrix with a vector on its diagonal.",
    source="NumPy reference, numpy.diag",
    example="diag(x)",
)
def diag(m: Any, input: Any, diagonal: int = 0) -> Any:  # noqa: A002 - PyTorch's name
    rank = len(input.shape)
    if rank == 1:
        return m.diag_embed(input, diagonal)
    if rank == 2:  # noqa: PLR2004 - a number of dims
        return m.diagonal_copy(input, offset=diagonal, dim1=-2, dim2=-1)
    raise RuntimeFault("E301", f"diag(): Supports 1D or 2D tensors. Got {rank}D")


@composite(
    "diagflat",
    family=FAMILY,
    summary="The matrix with all elements on its diagonal.",
    source="NumPy reference, numpy.diagflat",
    example="diagflat(x)",
)
def diagflat(m: Any, input: Any, offset: int = 0) -> Any:  # noqa: A002 - PyTorch's name
    return m.diag_embed(m.ravel(input), offset)


def _trace_front(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    if len(input.shape) != 2:  # noqa: PLR2004 - a number of dims
        raise RuntimeFault("E301", f"trace: expected a matrix, but got tensor with dim {len(input.shape)}")
    if input.dtype.kind == "b":
        check_kind("trace", input.dtype, [])
    return m.apply(trace, (input,), {})


def _trace_transpose(m: Any, g: Any, x_shape: Shape) -> Any:
    count = min(x_shape)
    along = m.expand(g, shape=(count,), rank=0)
    return m.diagonal_put(along, shape=x_shape, offset=0, dim1=-2, dim2=-1)


trace = linear(
    "trace",
    node="TraceBackward0",
    numpy=lambda x: np.trace(x, axis1=-2, axis2=-1),
    transposes=(_trace_transpose,),
    front=_trace_front,
    promote="keep",
    infer=lambda x: (),
    family=FAMILY,
    samples=lambda s: [((s.normal(3, 3),), {}), ((s.normal(2, 3),), {})],
    summary="The sum of the diagonal of a matrix.",
    source="DLMF 1.3.4",
    example="trace(x)",
)


@composite(
    "vander",
    faces="torch",
    family=FAMILY,
    summary="The Vandermonde matrix: powers of a vector as columns.",
    source="NumPy reference, numpy.vander",
    example="vander(tensor([1.0, 2.0, 3.0]))",
)
def vander(m: Any, x: Any, N: int | None = None, increasing: bool = False) -> Any:
    if len(x.shape) != 1:
        raise RuntimeFault("E301", "x must be a one-dimensional tensor.")
    columns = x.shape[0] if N is None else N
    if columns < 0:
        raise RuntimeFault("E303", "N must be non-negative.")
    if math.prod((*x.shape, columns)) == 0:
        return m.zeros((x.shape[0], columns), x)
    ones = m.unsqueeze(m.ones_like(x), dim=-1)
    powers = ones
    if columns > 1:
        repeated = m.expand(m.unsqueeze(x, dim=-1), shape=(x.shape[0], columns - 1), rank=2)
        powers = m.cat(ones, m.cumprod(repeated, dim=-1), dim=-1)
    return powers if increasing else m.flip(powers, dims=(-1,))
