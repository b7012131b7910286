"""Tensor's methods that fill it in place with random numbers, PyTorch's for PyTorch's seeds.

Sources: PyTorch 2.13's ATen/core/TransformationHelper.h and ATen/native/cpu/DistributionTemplates.h.
"""

# ruff: noqa: SLF001 - Tensor's and Generator's fields are this package's own

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.writable import check_writable
from gradcli.autograd.written import write
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.dtypes import BOOL, FLOAT32, FLOAT64, INT64, scalar_type
from gradcli.ops.layout import memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.autograd.tensor import Tensor

__all__ = [
    "bernoulli_", "cauchy_", "exponential_", "geometric_", "log_normal_", "normal_", "random_", "uniform_",
]  # fmt: skip

PAIRED = 15  # normals up to this many come in pairs, from one more on in blocks
# Up to where random_() goes: what a float holds exactly, or all numbers of an integer that are not negative.
HIGHEST = {np.dtype(np.float16): 2**11, FLOAT32: 2**24, FLOAT64: 2**53}


def _filled(tensor: Tensor, node: str, draw: Callable[[tuple[int, ...]], Any]) -> Tensor:
    """The tensor with what is drawn for its shape, in the order of its memory, as PyTorch visits it."""
    check_writable(tensor)  # before anything is drawn
    array = tensor._array
    if array.flags.c_contiguous:
        return write(tensor, draw(array.shape), node)
    order = sorted(range(array.ndim), key=lambda dim: -abs(array.strides[dim]))
    drawn = draw(tuple(array.shape[dim] for dim in order))
    return write(tensor, np.transpose(drawn, np.argsort(order)), node)


def uniform_(
    tensor: Tensor, low: float = 0.0, high: float = 1.0, *, generator: Any = None, **ends: float
) -> Tensor:
    """Returns the tensor filled with uniforms in [low, high); `from` and `to` are PyTorch's names."""
    _only_ends("uniform_", (), ends)
    source = generator or context.generator
    low, high = ends.get("from", low), ends.get("to", high)
    dtype = tensor._array.dtype
    return _filled(tensor, "UniformBackward0", lambda shape: source.uniform(shape, dtype, low, high))


def _only_ends(name: str, bounds: tuple[Any, ...], ends: dict[str, Any]) -> None:
    """Returns if no other keywords are given than those two, which are words of Python's own."""
    unknown = [key for key in ends if key not in ("from", "to")]
    if unknown:
        from gradcli.autograd.wording import invalid_combination, overloads  # only when something went wrong

        if overloads(f"Tensor.{name}"):
            raise invalid_combination(name, bounds, ends, method=True)
        raise TypeFault("E303", f"{name}() got an unexpected keyword argument '{unknown[0]}'")


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Tensor:
    """Returns the tensor filled with normals."""
    source, whole = generator or context.generator, bool(tensor._array.flags.c_contiguous)
    dtype = tensor._array.dtype
    return _filled(
        tensor,
        "NormalBackward0",
        lambda shape: source.normal(shape, dtype, mean, std, contiguous=whole),
    )


def bernoulli_(tensor: Tensor, p: Any = 0.5, *, generator: Any = None) -> Tensor:
    """Returns the tensor filled with ones with probability p (a number, or a tensor of them), else zeros."""
    source = generator or context.generator
    chances = memory(p)
    node = "BernoulliBackward1" if chances is not p else "BernoulliBackward2"
    dtype = tensor._array.dtype
    if chances is not p:
        chances = np.broadcast_to(chances, tensor._array.shape)
    return _filled(tensor, node, lambda shape: source.bernoulli(chances, shape, dtype))


def exponential_(tensor: Tensor, lambd: float = 1.0, *, generator: Any = None) -> Tensor:
    """Returns the tensor filled with exponentials of mean 1 / lambd."""
    source, dtype = generator or context.generator, tensor._array.dtype
    return _filled(tensor, "ExponentialBackward0", lambda shape: source.exponential(shape, dtype, lambd))


def _unit(source: Any, shape: tuple[int, ...]) -> Any:
    return source.uniform(shape, FLOAT64)


def cauchy_(tensor: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Any = None) -> Tensor:
    """Returns the tensor filled with Cauchy's distribution.

    Raises:
        RuntimeFault: sigma is not above 0, or the dtype is not floating.
    """
    _floating(tensor, "Cauchy distribution is a continuous probability distribution.")
    if not sigma > 0:
        raise RuntimeFault("E303", f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    source = generator or context.generator
    return _filled(
        tensor,
        "CauchyBackward0",
        lambda shape: median + sigma * np.tan(math.pi * (_unit(source, shape) - 0.5)),
    )


def log_normal_(tensor: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Any = None) -> Tensor:
    """Returns the tensor filled with exponentials of normals.

    Raises:
        RuntimeFault: std is not above 0, or the dtype is not floating.
    """
    if not std > 0:
        raise RuntimeFault("E303", f"log_normal_ expects std > 0.0, but found std={std:g}")
    _floating(tensor, "")
    source = generator or context.generator

    def draw(shape: tuple[int, ...]) -> Any:
        count = math.prod(shape)
        sizes = [min(PAIRED, count - start) for start in range(0, count, PAIRED)]
        parts = [source.normal((size,), FLOAT64, mean, std) for size in sizes]
        return np.exp(np.concatenate([np.empty(0), *parts])).reshape(shape)

    return _filled(tensor, "LogNormalBackward0", draw)


def geometric_(tensor: Tensor, p: float, *, generator: Any = None) -> Tensor:
    """Returns the tensor filled with the numbers of trials up to the first success of probability p.

    Raises:
        RuntimeFault: p is not between 0 and 1.
    """
    if not 0 < p < 1:
        raise RuntimeFault("E303", f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    source = generator or context.generator
    with np.errstate(divide="ignore"):
        return _filled(
            tensor,
            "GeometricBackward0",
            lambda shape: np.ceil(np.log(_unit(source, shape)) / math.log1p(-p)),
        )


def _floating(tensor: Tensor, why: str) -> None:
    if tensor._array.dtype.kind != "f":
        name = scalar_type(tensor._array.dtype)
        text = f"{why} dtype must be a floating point but you specified {name}" if why else name
        raise RuntimeFault("E304", text if why else f"log_normal_ not implemented for '{name}'")


def random_(tensor: Tensor, *bounds: int, generator: Any = None, **ends: int) -> Tensor:
    """Returns the tensor filled with whole numbers: `random_()`, `random_(to)` or `random_(from, to)`.

    From 0 to what the dtype holds exactly; below `to`; from `from` to below `to`.
    """
    _only_ends("random_", bounds, ends)
    source, dtype = generator or context.generator, tensor._array.dtype
    given = [*bounds, *[ends[name] for name in ("from", "to") if ends.get(name) is not None]]
    if not given:
        return _filled(tensor, "RandomBackward2", lambda shape: _all_numbers(source, shape, dtype))
    low, high = given if len(given) > 1 else (0, given[0])
    if low >= high:
        raise RuntimeFault(
            "E303", f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        )
    node = "RandomBackward0" if len(given) > 1 else "RandomBackward1"
    return _filled(tensor, node, lambda shape: source.randint(low, high, shape, dtype))


def _all_numbers(source: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Whole numbers of all sizes that a dtype holds: the remainder of one word, or of two."""
    count = math.prod(shape)
    if dtype == BOOL:
        return (source._words(count) & 1).astype(BOOL).reshape(shape)
    limit = HIGHEST[dtype] + 1 if dtype in HIGHEST else int(np.iinfo(dtype).max) + 1
    words = source._double_words(count) if dtype in (INT64, FLOAT64) else source._words(count)
    return (words % np.uint64(limit)).astype(dtype).reshape(shape)
