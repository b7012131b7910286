"""Products made of other products: tensordot, inner, kron, vecdot, cross, chains and powers of matrices."""

# PyTorch's names and signatures, and formulas that name all they are given:
# ruff: noqa: A002, PLR2004

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.contraction import fold, permuted
from gradcli.ops.operands import check_square, check_tensors
from gradcli.ops.record import composite, linear
from gradcli.ops.shapes import Shape, broadcast, dim_from_right, size_text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__: list[str] = []

FAMILY = "contraction"


def _contracted(dims: Any, left: int, right: int) -> tuple[list[int], list[int]]:
    """The dims that tensordot sums over, of either side, counted from the left."""
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeFault("E303", f"tensordot expects dims >= 0, but got dims={dims}")
        pair: Any = (range(-dims, 0), range(dims))
    else:
        pair = dims.tolist() if hasattr(dims, "tolist") else dims
    first, second = (
        [dim_from_right(dim, rank) % max(rank, 1) for dim in ([one] if isinstance(one, int) else one)]
        for one, rank in zip(pair, (left, right), strict=True)
    )
    if len(first) != len(second):
        raise RuntimeFault("E303", "both dimension lists should have same length")
    return first, second


@composite(
    "tensordot",
    args=("a", "b"),
    faces="torch",
    family=FAMILY,
    example="tensordot(x, x, dims=1)",
    source="NumPy reference, numpy.tensordot",
    summary="Sum of products over dims of a and b: as many as `dims` says, or those it lists.",
)
def tensordot(m: Any, a: Any, b: Any, dims: Any = 2) -> Any:
    check_tensors("tensordot", ("a", a), ("b", b))
    first, second = _contracted(dims, len(a.shape), len(b.shape))
    for i, j in zip(first, second, strict=True):
        one, other = a.shape[i], b.shape[j]
        if one == other:
            continue
        if one == 1:
            b = m.sum_dims(b, dims=(j - len(b.shape),), keepdim=True)
        elif other == 1:
            a = m.sum_dims(a, dims=(i - len(a.shape),), keepdim=True)
        else:
            asked_i, asked_j = (i - len(a.shape), j) if isinstance(dims, int) else (i, j)
            raise RuntimeFault(
                "E301",
                f"contracted dimensions need to match, but first has size {one} in dim {asked_i} and "
                "second has size "
                f"{other} in dim {asked_j}",
            )
    free_a = [dim for dim in range(len(a.shape)) if dim not in first]
    free_b = [dim for dim in range(len(b.shape)) if dim not in second]
    inner = math.prod(a.shape[dim] for dim in first)
    shape = (*(a.shape[dim] for dim in free_a), *(b.shape[dim] for dim in free_b))
    rows = fold(m, permuted(m, a, free_a + first), (math.prod(a.shape[dim] for dim in free_a), inner))
    columns = fold(m, permuted(m, b, second + free_b), (inner, math.prod(b.shape[dim] for dim in free_b)))
    return fold(m, m.mm_matrix(rows, columns), shape)


@composite(
    "inner",
    args=("a", "b"),
    family=FAMILY,
    example="inner(x, x)",
    source="NumPy reference, numpy.inner",
    summary="Sum of products over the last dims of two tensors.",
)
def inner(m: Any, input: Any, other: Any) -> Any:
    check_tensors("inner", ("input", input), ("other", other))
    if not len(input.shape) or not len(other.shape):
        return input * other
    if input.shape[-1] != other.shape[-1]:
        raise RuntimeFault(
            "E301",
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{size_text(input.shape)} and {size_text(other.shape)}",
        )
    if len(input.shape) == len(other.shape) == 1:
        return fold(m, m.dot(input, other), ())
    return tensordot.front(m, input, other, ((-1,), (-1,)))  # type: ignore[misc] # it has one


@composite(
    "kron",
    args=("a", "b"),
    family=FAMILY,
    example="kron(x, x)",
    source="Golub and Van Loan, 1.3.6",
    summary="Kronecker product: every element of a times the whole of b.",
)
def kron(m: Any, input: Any, other: Any) -> Any:
    check_tensors("kron", ("input", input), ("other", other))
    rank = max(len(input.shape), len(other.shape))
    a, b = ((1,) * (rank - len(x.shape)) + tuple(x.shape) for x in (input, other))
    left = m.unsafe_view(input, shape=tuple(size for i in a for size in (i, 1)), rank=len(input.shape))
    right = m.unsafe_view(other, shape=tuple(size for j in b for size in (1, j)), rank=len(other.shape))
    shape = tuple(i * j for i, j in zip(a, b, strict=True))
    return m.unsafe_view(m.mul_grown(left, right), shape=shape, rank=2 * rank)


@composite(
    "vecdot",
    args=("x", "y"),
    faces="linalg",
    family=FAMILY,
    example="linalg.vecdot(x, x)",
    source="Python array API standard, linalg.vecdot",
    summary="Inner products along a dim.",
)
def vecdot(m: Any, x: Any, y: Any, *, dim: int = -1) -> Any:
    check_tensors("linalg.vecdot", ("x", x), ("y", y))
    shape = broadcast(tuple(x.shape), tuple(y.shape))
    return m.sum_dims(x * y, dims=(dim_from_right(dim, len(shape)),), keepdim=False)


def _cross(a: Any, b: Any, *, dim: int) -> Any:
    if a.ndim != b.ndim:  # a batch on one side alone
        a, b = np.broadcast_arrays(a, b)
    return np.roll(a, -1, dim) * np.roll(b, -2, dim) - np.roll(a, -2, dim) * np.roll(b, -1, dim)


def _cross_shape(a: Shape, b: Shape, *, dim: int) -> Shape:
    if len(a) != len(b):
        raise RuntimeFault("E301", "linalg.cross: inputs must have the same number of dimensions.")
    if a[dim] != 3 or b[dim] != 3:
        raise RuntimeFault(
            "E301", f"linalg.cross: inputs dimension {dim} must have length 3. Got {a[dim]} and {b[dim]}"
        )
    return broadcast(a, b)


def _cross_front(m: Any, input: Any, other: Any, *, dim: int = -1) -> Any:
    check_tensors("linalg.cross", ("input", input), ("other", other))
    if len(input.shape) != len(other.shape):
        _cross_shape(tuple(input.shape), tuple(other.shape), dim=-1)
    at = dim_from_right(dim, len(input.shape))
    _cross_shape(tuple(input.shape), tuple(other.shape), dim=at)
    return m.apply(linalg_cross, (input, other), {"dim": at})


linalg_cross = linear(
    "linalg_cross",
    args=("a", "b"),
    node="LinalgCrossBackward0",
    numpy=_cross,
    transposes=(
        lambda m, g, b, dim: m.linalg_cross(b, g, dim=dim),
        lambda m, g, a, dim: m.linalg_cross(g, a, dim=dim),
    ),
    multilinear=True,
    infer=_cross_shape,
    front=_cross_front,
    faces="",
    aliases=("linalg.cross",),
    family=FAMILY,
    samples=lambda s: [
        ((s.normal(2, 3), s.normal(2, 3)), {"dim": -1}),
        ((s.normal(3, 2), s.normal(3, 1)), {"dim": -2}),
    ],
    summary="Cross product of vectors along a dim of size 3.",
    source="DLMF 1.6.9",
    example="linalg.cross(ones(3), arange(3.))",
)


@composite(
    "cross",
    args=("a", "b"),
    family=FAMILY,
    example="cross(ones(3), arange(3.))",
    source="DLMF 1.6.9",
    summary="Cross product along a dim of size 3; the first such dim unless one is named.",
)
def cross(m: Any, input: Any, other: Any, dim: int | None = None) -> Any:
    check_tensors("cross", ("input", input), ("other", other))
    if dim is None:
        dims = [i for i, size in enumerate(input.shape) if size == 3]
        if not dims:
            raise RuntimeFault("E301", "no dimension of size 3 in input")
        dim = dims[0]
    return _cross_front(m, input, other, dim=dim)


def _best_split(sizes: Sequence[int]) -> list[list[int]]:
    """For each run of matrices i..j the place to split it with the fewest multiplications."""
    count = len(sizes) - 1
    cost = [[0] * count for _ in range(count)]
    split = [[0] * count for _ in range(count)]
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            options = [
                (cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)
            ]
            cost[i][j], split[i][j] = min(options)
    return split


@composite(
    "multi_dot",
    args=("*tensors",),
    faces="linalg",
    family=FAMILY,
    example="linalg.multi_dot([x, x, x])",
    source="Cormen et al., Introduction to Algorithms, 15.2",
    summary="Product of a chain of matrices in the cheapest order; the ends may be vectors.",
)
def multi_dot(m: Any, tensors: Any) -> Any:
    if len(tensors) < 2:
        raise RuntimeFault("E303", f"multi_dot(): expected at least 2 tensors but got {len(tensors)}")
    for i, tensor in enumerate(tensors):
        ends = i in (0, len(tensors) - 1)
        if len(tensor.shape) != 2 and not (ends and len(tensor.shape) == 1):
            what = "1D or 2D" if ends else "2D"
            place = "the first" if not i else "the last" if ends else f"tensor {i}"
            name = f"{place} tensor" if ends else place
            raise RuntimeFault("E301", f"multi_dot(): {name} must be {what} but got {len(tensor.shape)}D")
    first, last = len(tensors[0].shape) == 1, len(tensors[-1].shape) == 1
    chain = list(tensors)
    if first:
        chain[0] = m.as_row(chain[0])
    if last:
        chain[-1] = m.unsqueeze_last(chain[-1])
    for i in range(len(chain) - 1):
        if chain[i].shape[1] != chain[i + 1].shape[0]:
            raise RuntimeFault(
                "E301",
                f"multi_dot(): tensors {i} and {i + 1} with shapes {size_text(chain[i].shape)} and "
                f"{size_text(chain[i + 1].shape)} cannot be multiplied",
            )
    product = _chained(m, chain)
    return fold(m, product, tuple(product.shape[int(first) : 2 - int(last)]))


def _chained(m: Any, chain: Sequence[Any]) -> Any:
    split = _best_split([chain[0].shape[0], *(matrix.shape[1] for matrix in chain)])

    def product(i: int, j: int) -> Any:
        return chain[i] if i == j else m.mm_matrix(product(i, split[i][j]), product(split[i][j] + 1, j))

    return product(0, len(chain) - 1)


@composite(
    "chain_matmul",
    args=("*matrices",),
    faces="torch",
    family=FAMILY,
    example="chain_matmul(x, x, x)",
    source="Cormen et al., 15.2",
    summary="Product of a chain of matrices in the cheapest order.",
)
def chain_matmul(m: Any, *matrices: Any) -> Any:
    return matrices[0] if len(matrices) == 1 else multi_dot.front(m, matrices)  # type: ignore[misc] # it has one


@composite(
    "matrix_power",
    faces="torch method linalg",
    family=FAMILY,
    example="matrix_power(x, 3)",
    source="Knuth, The Art of Computer Programming 2, 4.6.3",
    summary="A square matrix multiplied by itself n times; the inverse for negative n.",
)
def matrix_power(m: Any, input: Any, n: int) -> Any:
    check_square("linalg.matrix_power", input)
    if not isinstance(n, int):
        raise TypeFault(
            "E303",
            f"linalg_matrix_power(): argument 'n' must be int, not {type(n).__name__}",
            help="write matrix_power(x, 3)",
        )
    if not n:
        return m.copy(m.clone(input), m.array(np.eye(input.shape[-1]), like=input))
    if n == 1:
        return m.clone(input)
    power, exponent = (input, n) if n > 0 else (m.inv(input), -n)
    if exponent == 3:
        return m.matmul(m.matmul(power, power), power)
    result = None
    while exponent:
        exponent, odd = divmod(exponent, 2)
        if odd:
            result = power if result is None else m.matmul(result, power)
        if exponent:
            power = m.matmul(power, power)
    return result
