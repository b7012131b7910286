"""Permutations: dims in another order, and elements along dims in another order."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import IndexFault, RuntimeFault
from gradcli.ops.record import composite, linear
from gradcli.ops.shapes import dim_from_right, dims_from_right, flat_sizes

__all__: list[str] = []

FAMILY = "permutation"

Dims = tuple[int, ...]


def _transpose_front(m: Any, input: Any, dim0: int, dim1: int) -> Any:  # noqa: A002 - PyTorch's name
    rank = len(input.shape)
    dims = (dim_from_right(dim0, rank), dim_from_right(dim1, rank))
    return m.apply(transpose, (input,), {"dims": dims if rank else ()})


transpose = linear(
    "transpose",
    node="TransposeBackward0",
    numpy=lambda x, *, dims: np.swapaxes(x, *dims) if dims else x[...],
    transposes=(lambda m, g, dims: m.transpose(g, dims=dims),),
    front=_transpose_front,
    promote="keep",
    view=True,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3, 4),), {"dims": (-1, -3)})],
    aliases=("swapaxes", "swapdims", "Tensor.swapaxes", "Tensor.swapdims"),
    summary="Two dims exchanged.",
    source="NumPy reference, numpy.swapaxes",
    example="transpose(x, 0, 1)",
)


def _inverse(dims: Dims) -> Dims:
    rank = len(dims)
    return tuple(dims.index(dim) - rank for dim in range(-rank, 0))


def _permute_front(m: Any, input: Any, *dims: Any, **named: Any) -> Any:  # noqa: A002 - PyTorch's name
    rank = len(input.shape)
    asked = flat_sizes(dims or (named.get("dims", ()),))
    if len(asked) != rank:
        raise RuntimeFault(
            "E302",
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of "
            "the desired "
            f"ordering of dimensions i.e. input.dim() = {rank} is not equal to len(dims) = {len(asked)}",
        )
    order = tuple(dim_from_right(dim, rank) for dim in asked)
    if len(set(order)) != rank:
        raise RuntimeFault("E302", "permute(): duplicate dims are not allowed.")
    return m.apply(permute, (input,), {"dims": order})


permute = linear(
    "permute",
    node="PermuteBackward0",
    numpy=lambda x, *, dims: np.transpose(x, (*range(x.ndim - len(dims)), *(x.ndim + dim for dim in dims))),
    transposes=(lambda m, g, dims: m.permute(g, dims=_inverse(dims)),),
    front=_permute_front,
    promote="keep",
    view=True,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3, 4),), {"dims": (-1, -3, -2)}), ((s.normal(),), {"dims": ()})],
    summary="The dims in another order.",
    source="NumPy reference, numpy.transpose",
    example="permute(x, (1, 0))",
)


@composite(
    "movedim",
    aliases=("moveaxis", "Tensor.moveaxis"),
    family=FAMILY,
    summary="Dims moved to other places.",
    source="NumPy reference, numpy.moveaxis",
    example="movedim(x, 0, 1)",
)
def movedim(m: Any, input: Any, source: Any, destination: Any) -> Any:  # noqa: A002 - PyTorch's name
    rank = len(input.shape)
    places = [
        [dim_from_right(dim, rank) for dim in (dims if isinstance(dims, (tuple, list)) else (dims,))]
        for dims in (source, destination)
    ]
    if len(places[0]) != len(places[1]):
        raise RuntimeFault(
            "E302",
            "movedim: Invalid source or destination dims: source ("
            f"{list(source)} dims) should contain the same number of dims as destination "
            f"({list(destination)} dims)",
        )
    for name, dims, asked in (("source", places[0], source), ("destination", places[1], destination)):
        if len(set(dims)) != len(dims):
            raise RuntimeFault("E302", f"movedim: repeated dim in `{name}` ({list(asked)})")
    if not rank:
        return m.view_as_self(input)
    rest = iter(dim for dim in range(-rank, 0) if dim not in places[0])
    to = dict(zip(places[1], places[0], strict=True))
    return m.apply(
        permute, (input,), {"dims": tuple(to[dim] if dim in to else next(rest) for dim in range(-rank, 0))}
    )


@composite(
    "T",
    faces="method",
    family=FAMILY,
    summary="All dims in reverse order.",
    source="PyTorch reference, Tensor.T",
    example="x.T",
)
def reversed_dims(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    return m.apply(permute, (input,), {"dims": tuple(range(-1, -len(input.shape) - 1, -1))})


def _needs_matrices(name: str, rank: int) -> None:
    if rank < 2:  # noqa: PLR2004 - a number of dims
        raise RuntimeFault(
            "E302",
            f"tensor.{name} is only supported on matrices or batches of matrices. Got {rank}-D tensor.",
            help="unsqueeze makes a vector a matrix",
        )


@composite(
    "mT",
    faces="method",
    family=FAMILY,
    summary="The last two dims exchanged.",
    source="PyTorch reference, Tensor.mT",
    example="x.mT",
)
def matrix_transpose(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    _needs_matrices("mT", len(input.shape))
    return m.apply(transpose, (input,), {"dims": (-2, -1)})


@composite(
    "mH",
    faces="method",
    family=FAMILY,
    summary="The last two dims exchanged, and conjugated.",
    source="PyTorch reference, Tensor.mH",
    example="x.mH",
)
def matrix_adjoint(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    _needs_matrices("mH", len(input.shape))
    return m.apply(transpose, (input,), {"dims": (-2, -1)})


@composite(
    "adjoint",
    family=FAMILY,
    summary="The last two dims exchanged, and conjugated.",
    source="PyTorch reference, torch.adjoint",
    example="adjoint(x)",
)
def adjoint(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    rank = len(input.shape)
    if rank == 1:
        raise RuntimeFault(
            "E302", "tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor."
        )
    return m.apply(transpose, (input,), {"dims": (-2, -1)}) if rank else m.view_as_self(input)


@composite(
    "H",
    faces="method",
    family=FAMILY,
    summary="A matrix transposed and conjugated.",
    source="PyTorch reference, Tensor.H",
    example="x.H",
)
def hermitian(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    rank = len(input.shape)
    if rank not in (0, 2):
        raise RuntimeFault(
            "E302",
            f"tensor.H is only supported on matrices (2-D tensors). Got {rank}-D tensor."
            + (" For batches of matrices, consider using tensor.mH" if rank > 2 else ""),  # noqa: PLR2004 - a number of dims
        )
    return m.apply(transpose, (input,), {"dims": (-2, -1)}) if rank else m.view_as_self(input)


def _t_front(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    rank = len(input.shape)
    if rank > 2:  # noqa: PLR2004 - a number of dims
        raise RuntimeFault(
            "E302",
            f"t() expects a tensor with <= 2 dimensions, but self is {rank}D",
            help=".mT transposes the last two dims, .T reverses all",
        )
    return m.apply(t, (input,), {"rank": rank})


t = linear(
    "t",
    node="TBackward0",
    numpy=lambda x, *, rank: np.swapaxes(x, -2, -1) if rank == 2 else x[...],  # noqa: PLR2004 - a number of dims
    transposes=(lambda m, g, rank: m.t(g, rank=rank),),
    front=_t_front,
    promote="keep",
    view=True,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"rank": 2}), ((s.normal(3),), {"rank": 1})],
    summary="A matrix transposed; a vector as it is.",
    source="PyTorch reference, torch.t",
    example="t(x)",
)


def _flip_front(m: Any, input: Any, *dims: Any, **named: Any) -> Any:  # noqa: A002 - PyTorch's name
    asked = flat_sizes(dims or (named.get("dims", ()),))
    found = dims_from_right(asked, len(input.shape)) if asked else ()
    return m.apply(flip, (input,), {"dims": found})


flip = linear(
    "flip",
    node="FlipBackward0",
    numpy=lambda x, *, dims: np.flip(x, dims).copy(),  # np.flip is a view, torch.flip is none
    transposes=(lambda m, g, dims: m.flip(g, dims=dims),),
    front=_flip_front,
    promote="keep",
    infer=lambda x, *, dims: x,
    family=FAMILY,
    samples=lambda s: [((s.normal(2, 3),), {"dims": (-1,)}), ((s.normal(2, 3),), {"dims": (-2, -1)})],
    summary="The elements in reverse order along dims.",
    source="NumPy reference, numpy.flip",
    example="flip(x, dims=(0,))",
)


@composite(
    "fliplr",
    family=FAMILY,
    summary="The columns in reverse order.",
    source="NumPy reference, numpy.fliplr",
    example="fliplr(x)",
)
def fliplr(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    if len(input.shape) < 2:  # noqa: PLR2004 - a number of dims
        raise RuntimeFault("E302", "Input must be >= 2-d.")
    return m.apply(flip, (input,), {"dims": (1 - len(input.shape),)})


@composite(
    "flipud",
    family=FAMILY,
    summary="The rows in reverse order.",
    source="NumPy reference, numpy.flipud",
    example="flipud(x)",
)
def flipud(m: Any, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    if not len(input.shape):
        raise RuntimeFault("E302", "Input must be >= 1-d.")
    return m.apply(flip, (input,), {"dims": (-len(input.shape),)})


def _roll(x: Any, *, shifts: Dims, dims: Dims, rank: int) -> Any:
    if dims or not rank:
        return np.roll(x, shifts, dims) if rank else np.array(x)
    flat = np.reshape(x, (*x.shape[: x.ndim - rank], -1))
    return np.reshape(np.roll(flat, shifts[0], -1), x.shape)


def _roll_front(m: Any, input: Any, shifts: Any, dims: Any = ()) -> Any:  # noqa: A002 - PyTorch's name
    by = tuple(shifts) if isinstance(shifts, (tuple, list)) else (shifts,)
    over = tuple(dims) if isinstance(dims, (tuple, list)) else (dims,)
    if not by:
        raise RuntimeFault("E302", "`shifts` required")
    if len(by) != len(over) and (over or len(by) != 1):
        raise RuntimeFault("E302", f"shifts and dimensions must align. shifts: {len(by)}, dims:{len(over)}")
    rank = len(input.shape)
    if over and not rank:
        raise IndexFault("E302", f"Dimension specified as {over[0]} but tensor has no dimensions")
    return m.apply(
        roll, (input,), {"shifts": by, "dims": tuple(dim_from_right(d, rank) for d in over), "rank": rank}
    )


roll = linear(
    "roll",
    node="RollBackward0",
    numpy=_roll,
    transposes=(
        lambda m, g, shifts, dims, rank: m.roll(g, shifts=tuple(-by for by in shifts), dims=dims, rank=rank),
    ),
    front=_roll_front,
    promote="keep",
    infer=lambda x, *, shifts, dims, rank: x,
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3),), {"shifts": (1,), "dims": (), "rank": 2}),
        ((s.normal(2, 3),), {"shifts": (1, -2), "dims": (-2, -1), "rank": 2}),
    ],
    summary="The elements shifted along dims; what leaves at one end comes back at the other.",
    source="NumPy reference, numpy.roll",
    example="roll(x, 1, 0)",
)


def _rot90_front(m: Any, input: Any, k: int = 1, dims: Any = (0, 1)) -> Any:  # noqa: A002 - PyTorch's name
    rank = len(input.shape)
    if len(dims) != 2:  # noqa: PLR2004 - a number of dims
        raise RuntimeFault("E302", f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if rank < 2:  # noqa: PLR2004 - a number of dims
        raise RuntimeFault("E302", f"expected total dims >= 2, but got total dims = {rank}")
    if dims[0] == dims[1] or abs(dims[0] - dims[1]) == rank:
        raise RuntimeFault(
            "E302", f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}"
        )
    return m.apply(rot90, (input,), {"k": k, "dims": tuple(dim_from_right(dim, rank) for dim in dims)})


rot90 = linear(
    "rot90",
    node="Rot90Backward0",
    numpy=lambda x, *, k, dims: np.rot90(x, k, dims).copy(),  # a view in NumPy only
    transposes=(lambda m, g, k, dims: m.rot90(g, k=-k, dims=dims),),
    front=_rot90_front,
    promote="keep",
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3),), {"k": 1, "dims": (-2, -1)}),
        ((s.normal(2, 3),), {"k": 2, "dims": (-1, -2)}),
    ],
    summary="The elements turned by k quarter turns in the plane of two dims.",
    source="NumPy reference, numpy.rot90",
    example="rot90(x)",
)
