"""Sums over everything, as calls: of few numbers by Python, of more by BLAS; of products without them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.dtypes import FLOAT32, FLOAT64
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.plan.trace import Step, Trace

__all__ = ["exact_sum_calls", "is_total", "sum_calls", "summed_products"]

FEW = 16  # elements that Python adds up sooner than NumPy begins
MANY = 2**16  # elements from which pairwise summation is worth more than BLAS's speed
SUMS = ("sum_dims", "mean_dims")
BLAS = (FLOAT32, FLOAT64)


def is_total(step: Step, shape: tuple[int, ...]) -> bool:
    """Returns whether a step sums over all dims of its argument's shape."""
    return step.record.name in SUMS and len(step.params["dims"]) == len(shape)


def summed_products(
    trace: Trace, values: Mapping[int, Any]
) -> tuple[tuple[Step, ...], dict[int, tuple[int, int]]]:
    """Returns the steps without products that are only summed, and by each such sum the two factors."""
    readers: dict[Any, int] = {}
    makers = {}
    for step in trace.steps:
        makers[step.results[0]] = step
        for number in (x for x in step.arguments if x.__class__ is int):
            readers[number] = readers.get(number, 0) + 1
    found, gone = {}, set()
    for step in trace.steps:
        if step.record.name not in SUMS:
            continue
        product = makers.get(step.arguments[0])
        if product is None or product.record.name != "mul" or readers[step.arguments[0]] > 1:
            continue
        number, factors = product.results[0], product.arguments
        if number in trace.outputs or any(x.__class__ is Literal for x in factors):
            continue
        shape, kinds = values[number].shape, {(values[x].shape, values[x].dtype) for x in factors}
        if (
            is_total(step, shape)
            and len(kinds) == 1
            and values[number].dtype in BLAS
            and 1 < values[number].size <= MANY
        ):
            found[step.results[0]] = factors
            gone.add(number)
    return tuple(step for step in trace.steps if step.results[0] not in gone), found


def sum_calls(step: Step, factors: Sequence[Any], out: Any) -> list[Callable[[], object]]:
    """Returns the calls that sum an array, or the product of two, into an array of one element.

    BLAS adds up in as many lanes as the processor has: the bound n u Σ|terms| holds.
    """
    count = factors[0].size
    dtype = out.dtype
    total = out.reshape(())
    flat = [factor.reshape(-1) for factor in factors]
    if not all(np.may_share_memory(one, factor) for one, factor in zip(flat, factors, strict=True)):
        return _strided(step, factors, total)  # a flat copy would show old values
    mean = step.record.name == "mean_dims"
    if len(flat) == 1 and count <= FEW and dtype == FLOAT64:
        return [_by_python(flat[0], total, count if mean else 1)]
    if 1 < count <= MANY:  # BLAS would leave a single -0 as it is, and a sum starts from 0
        other = flat[1] if len(flat) > 1 else np.ones(count, dtype)
        calls: list[Callable[[], object]] = [partial(flat[0].dot, other, total)]
    else:
        calls = [partial(np.add.reduce, flat[0], 0, None, total)]
    if mean:
        calls.append(partial(np.divide, total, np.asarray(count, dtype), total))
    return calls


def exact_sum_calls(step: Step, x: Any, out: Any) -> list[Callable[[], object]]:
    """Returns the calls that sum an array into one of one element in the order of the records' own forms."""
    params = step.params
    calls: list[Callable[[], object]] = [
        partial(np.add.reduce, x, params["dims"], None, out, params["keepdim"])
    ]
    if step.record.name == "mean_dims":
        calls.append(partial(np.divide, out, np.asarray(x.size, out.dtype), out))
    return calls


def _by_python(flat: Any, total: Any, divisor: int) -> Callable[[], object]:
    numbers = flat.tolist

    def call() -> None:
        total[()] = sum(numbers()) / divisor

    return call


def _strided(step: Step, factors: Sequence[Any], total: Any) -> list[Callable[[], object]]:
    numpy = step.record.numpy
    dims = tuple(range(-factors[0].ndim, 0))
    assert numpy is not None  # noqa: S101 - sums are no composites

    def call() -> None:
        total[()] = numpy(factors[0] if len(factors) == 1 else factors[0] * factors[1], dims=dims)

    return [call]
