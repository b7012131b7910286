"""Random tensors, drawn from the context's generator: PyTorch's numbers for PyTorch's seeds."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.ops.dtypes import INT64
from gradcli.ops.layout import memory
from gradcli.ops.shapes import broadcast
from gradcli.torch.creation import shape_of, template
from gradcli.torch.data import finish
from gradcli.torch.dtypes import unwrap
from gradcli.torch.makers import FACTORY, maker

__all__ = [
    "bernoulli", "initial_seed", "manual_seed", "multinomial", "normal", "rand", "rand_like", "randint",
    "randint_like", "randn", "randn_like", "randperm",
]  # fmt: skip


@maker(*FACTORY, "out")
def rand(
    *sizes: Any, size: Any = None, generator: Any = None, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Returns uniforms in [0, 1)."""
    shape = shape_of("rand", sizes, size)
    source = generator or context.generator
    return finish(source.uniform(shape, unwrap(dtype) or context.default_dtype), requires_grad)


@maker(*FACTORY, "out")
def randn(
    *sizes: Any, size: Any = None, generator: Any = None, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Returns standard normals."""
    shape = shape_of("randn", sizes, size)
    source = generator or context.generator
    return finish(source.normal(shape, unwrap(dtype) or context.default_dtype), requires_grad)


@maker(*FACTORY, "out")
def randint(  # noqa: PLR0913 - PyTorch's signature
    *bounds: Any,
    low: Any = None,
    high: Any = None,
    size: Any = None,
    generator: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Returns whole numbers from low (0) to high - 1: `randint(high, size)` or `randint(low, high, size)`."""
    given = list(bounds)
    if given and isinstance(given[-1], (tuple, list)):
        size = given.pop()
    given += [one for one in (low, high) if one is not None]
    if size is None or not 1 <= len(given) <= 2 or not all(isinstance(one, int) for one in given):  # noqa: PLR2004 - a number of dims
        from gradcli.autograd.wording import invalid_combination  # only when something went wrong

        raise invalid_combination("randint", bounds, {} if size is None or size in bounds else {"size": size})
    first, last = given if len(given) == 2 else (0, given[0])  # noqa: PLR2004 - a number of dims
    shape = shape_of("randint", (tuple(size),))
    source = generator or context.generator
    return finish(source.randint(first, last, shape, unwrap(dtype) or INT64), requires_grad)


@maker(*FACTORY, "out")
def randperm(
    n: int,
    *,
    generator: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Returns 0, 1, ..., n-1 in random order."""
    context.budget.ask((n,) if n > 0 else ())
    return finish((generator or context.generator).randperm(n).astype(unwrap(dtype) or INT64), requires_grad)


def _array(value: Any) -> Any:
    return memory(value)


@maker(*FACTORY, "out")
def normal(  # noqa: PLR0913 - PyTorch's signature
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Returns normals of a mean and a standard deviation, given as numbers with a size or as tensors."""
    source = generator or context.generator
    if size is not None:
        shape = shape_of("normal", (tuple(size),))
        return finish(
            source.normal(shape, unwrap(dtype) or context.default_dtype, float(mean), float(std)),
            requires_grad,
        )
    tensors = [value for value in (mean, std) if isinstance(value, Tensor)]
    if not tensors or requires_grad or dtype is not None:
        from gradcli.autograd.wording import invalid_combination  # only when something went wrong

        named = {"dtype": dtype} if dtype is not None else {}
        raise invalid_combination(
            "normal", (mean, std), named | ({"requires_grad": True} if requires_grad else {})
        )
    shape = broadcast(np.shape(_array(mean)), np.shape(_array(std)))
    of = np.result_type(*[tensor._array.dtype for tensor in tensors])  # noqa: SLF001 - one package
    drawn = source.normal(shape, of) * np.asarray(_array(std), of) + np.asarray(_array(mean), of)
    return finish(drawn, requires_grad=False)


@maker("out")
def bernoulli(input: Tensor, p: float | None = None, *, generator: Any = None) -> Tensor:  # noqa: A002 - PyTorch's name
    """Returns ones where chance has it, each with the probability at its place (or p), zeros elsewhere."""
    array = _array(input)
    source = generator or context.generator
    return finish(
        source.bernoulli(array if p is None else float(p), array.shape, array.dtype), requires_grad=False
    )


@maker("out")
def multinomial(
    input: Tensor,  # noqa: A002 - PyTorch's name
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Any = None,
) -> Tensor:
    """Returns category numbers drawn with the weights in the last dim."""
    source = generator or context.generator
    return finish(
        source.multinomial(_array(input), num_samples, replacement=replacement), requires_grad=False
    )


@maker(*FACTORY, "memory_format")
def rand_like(
    input: Tensor,  # noqa: A002 - PyTorch's name
    *,
    dtype: Any = None,
    generator: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Returns uniforms in [0, 1) of the shape and dtype of a tensor."""
    array = template("rand_like", input)
    return finish(
        (generator or context.generator).uniform(array.shape, unwrap(dtype) or array.dtype), requires_grad
    )


@maker(*FACTORY, "memory_format")
def randn_like(
    input: Tensor,  # noqa: A002 - PyTorch's name
    *,
    dtype: Any = None,
    generator: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Returns standard normals of the shape and dtype of a tensor."""
    array = template("randn_like", input)
    return finish(
        (generator or context.generator).normal(array.shape, unwrap(dtype) or array.dtype), requires_grad
    )


@maker(*FACTORY, "memory_format")
def randint_like(  # noqa: PLR0913 - PyTorch's signature
    input: Tensor,  # noqa: A002 - PyTorch's name
    *bounds: int,
    low: Any = None,
    high: Any = None,
    dtype: Any = None,
    generator: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Returns whole numbers from low (0) to high - 1 in the shape and dtype of a tensor."""
    array = template("randint_like", input)
    given = [*bounds, *[one for one in (low, high) if one is not None]]
    first, last = given if len(given) == 2 else (0, given[0])  # noqa: PLR2004 - a number of dims
    return finish(
        (generator or context.generator).randint(first, last, array.shape, unwrap(dtype) or array.dtype),
        requires_grad,
    )


def manual_seed(seed: int) -> Any:
    """Starts the stream of random numbers of a seed; returns the generator."""
    return context.generator.manual_seed(seed)


def initial_seed() -> int:
    """Returns the seed of the stream of random numbers."""
    return context.generator.initial_seed()
