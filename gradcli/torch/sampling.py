"""Random tensors, drawn from the context's generator: PyTorch's numbers for PyTorch's seeds."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import TypeFault
from gradcli.ops.dtypes import INT64
from gradcli.ops.shapes import Shape, broadcast
from gradcli.torch.data import finish
from gradcli.torch.dtypes import unwrap

__all__ = [
    "bernoulli", "initial_seed", "manual_seed", "multinomial", "normal", "rand", "rand_like", "randint",
    "randint_like", "randn", "randn_like", "randperm",
]  # fmt: skip


def _asked(name: str, size: tuple[Any, ...], named: Any) -> Shape:
    from gradcli.torch.creation import sizes  # it imports this module

    return sizes(name, size, named)


def rand(
    *size: Any,
    generator: Any = None,
    dtype: Any = None,
    device: Any = None,  # noqa: ARG001 - part of the signature
    requires_grad: bool = False,
    **named: Any,
) -> Tensor:
    """Returns uniforms in [0, 1)."""
    shape = _asked("rand", size, named)
    source = generator or context.generator
    return finish(source.uniform(shape, unwrap(dtype) or context.default_dtype), requires_grad)


def randn(
    *size: Any,
    generator: Any = None,
    dtype: Any = None,
    device: Any = None,  # noqa: ARG001 - part of the signature
    requires_grad: bool = False,
    **named: Any,
) -> Tensor:
    """Returns standard normals."""
    shape = _asked("randn", size, named)
    source = generator or context.generator
    return finish(source.normal(shape, unwrap(dtype) or context.default_dtype), requires_grad)


def randint(  # noqa: PLR0913 - PyTorch's signature
    *bounds: Any,
    low: Any = None,
    high: Any = None,
    size: Any = None,
    generator: Any = None,
    dtype: Any = None,
    device: Any = None,  # noqa: ARG001 - part of the signature
    requires_grad: bool = False,
) -> Tensor:
    """Returns whole numbers from low (0) to high - 1: `randint(high, size)` or `randint(low, high, size)`."""
    given = list(bounds)
    if given and isinstance(given[-1], (tuple, list)):
        size = given.pop()
    given += [one for one in (low, high) if one is not None]
    if size is None or not 1 <= len(given) <= 2 or not all(isinstance(one, int) for one in given):  # noqa: PLR2004 - a number of dims
        raise TypeFault(
            "E303",
            "randint() received an invalid combination of arguments",
            help="write randint(low, high, (2, 3))",
        )
    first, last = given if len(given) == 2 else (0, given[0])  # noqa: PLR2004 - a number of dims
    shape = _asked("randint", (tuple(size),), {})
    source = generator or context.generator
    return finish(source.randint(first, last, shape, unwrap(dtype) or INT64), requires_grad)


def randperm(
    n: int,
    *,
    generator: Any = None,
    dtype: Any = None,
    device: Any = None,  # noqa: ARG001 - part of the signature
    requires_grad: bool = False,
) -> Tensor:
    """Returns 0, 1, ..., n-1 in random order."""
    context.budget.ask((n,) if n > 0 else ())
    return finish((generator or context.generator).randperm(n).astype(unwrap(dtype) or INT64), requires_grad)


def _array(value: Any) -> Any:
    return value._array if isinstance(value, Tensor) else value  # noqa: SLF001 - one package


def normal(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Any = None, dtype: Any = None, **_: Any
) -> Tensor:
    """Returns normals of a mean and a standard deviation, given as numbers with a size or as tensors."""
    source = generator or context.generator
    if size is not None:
        shape = _asked("normal", (tuple(size),), {})
        return finish(
            source.normal(shape, unwrap(dtype) or context.default_dtype, float(mean), float(std)), False
        )
    tensors = [value for value in (mean, std) if isinstance(value, Tensor)]
    if not tensors:
        raise TypeFault(
            "E303",
            "normal() received an invalid combination of arguments",
            help="write normal(0.0, 1.0, (2, 3))",
        )
    shape = broadcast(np.shape(_array(mean)), np.shape(_array(std)))
    of = np.result_type(*[tensor._array.dtype for tensor in tensors])  # noqa: SLF001 - one package
    drawn = source.normal(shape, of) * np.asarray(_array(std), of) + np.asarray(_array(mean), of)
    return finish(drawn, requires_grad=False)


def bernoulli(input: Tensor, p: float | None = None, *, generator: Any = None) -> Tensor:  # noqa: A002 - PyTorch's name
    """Returns ones where chance has it, each with the probability at its place (or p), zeros elsewhere."""
    array = _array(input)
    source = generator or context.generator
    return finish(
        source.bernoulli(array if p is None else float(p), array.shape, array.dtype), requires_grad=False
    )


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


def _like(name: str, input: Any) -> Any:  # noqa: A002 - PyTorch's name
    from gradcli.torch.creation import template  # it imports this module

    return template(name, input)


def rand_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:  # noqa: A002 - PyTorch's name
    """Returns uniforms in [0, 1) of the shape and dtype of a tensor."""
    array = _like("rand_like", input)
    return finish(context.generator.uniform(array.shape, unwrap(dtype) or array.dtype), requires_grad)


def randn_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:  # noqa: A002 - PyTorch's name
    """Returns standard normals of the shape and dtype of a tensor."""
    array = _like("randn_like", input)
    return finish(context.generator.normal(array.shape, unwrap(dtype) or array.dtype), requires_grad)


def randint_like(
    input: Tensor,  # noqa: A002 - PyTorch's name
    *bounds: int,
    dtype: Any = None,
    requires_grad: bool = False,
    **named: Any,
) -> Tensor:
    """Returns whole numbers from low (0) to high - 1 in the shape and dtype of a tensor."""
    array = _like("randint_like", input)
    given = [*bounds, *[named[name] for name in ("low", "high") if name in named]]
    first, last = given if len(given) == 2 else (0, given[0])  # noqa: PLR2004 - a number of dims
    return finish(
        context.generator.randint(first, last, array.shape, unwrap(dtype) or array.dtype), requires_grad
    )


def manual_seed(seed: int) -> Any:
    """Starts the stream of random numbers of a seed; returns the generator."""
    return context.generator.manual_seed(seed)


def initial_seed() -> int:
    """Returns the seed of the stream of random numbers."""
    return context.generator.initial_seed()
