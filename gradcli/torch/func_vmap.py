"""torch.vmap: a function of one example applied to a batch of them.

Each example is run by itself, so that whatever a function does inside (grad, jvp, another vmap, branches
on shapes) means what it means for one example.
"""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.ops.shapes import dim_from_right
from gradcli.torch.func_trees import broadcast, leaves, rebuilt, structure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["vmap"]

RANDOM = (
    "vmap: called random operation while in randomness error mode. Please either use the 'same' or "
    "'different' randomness flags on vmap or perform the randomness operation out of vmap"
)


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """Returns the function that applies `func` along a dim of its arguments and stacks what it gives.

    Args:
        func: takes and gives tensors, or tuples, lists and dicts of them.
        in_dims: the dim of each argument that runs over the examples; None: all examples share it.
        out_dims: where that dim stands in the results; None: the result is the same for all.
        randomness: "error" refuses random numbers inside, "same" gives all examples the same ones,
            "different" each its own.
        chunk_size: changes nothing but PyTorch's memory.

    Raises:
        ValueFault, RuntimeFault: an option will not do, here; the arguments will not, when called.
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeFault(
            "E408",
            f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}",
        )
    if chunk_size is not None and not chunk_size > 0:
        raise ValueFault("E408", f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")

    def mapped(*args: Any, **kwargs: Any) -> Any:
        _check_out_dims(func, out_dims)
        flat = leaves(args)
        dims = _in_dims(func, in_dims, args, flat)
        size = _batch_size(dims, flat)
        results = []
        with _randomness(randomness) as restart:
            for index in range(max(size, 1)):
                restart()
                results.append(func(*rebuilt(args, _example(flat, dims, index, size)), **kwargs))
        return _stacked(func, out_dims, results, size)

    return mapped


def _name(func: Any) -> str:
    return str(getattr(func, "__name__", None) or getattr(func, "name", None) or type(func).__name__)


def _in_dims(func: Any, in_dims: Any, args: tuple[Any, ...], flat: list[Any]) -> list[int | None]:
    """For each leaf of the arguments the dim that runs over the examples, or None."""
    call = f"vmap({_name(func)}, in_dims={in_dims}, ...)(<inputs>)"
    if not isinstance(in_dims, (int, tuple)):
        raise ValueFault(
            "E408",
            f"{call}: expected `in_dims` to be int or a (potentially nested) tuple matching the structure of "
            f"inputs, got: {type(in_dims)}.",
        )
    if not args:
        raise ValueFault(
            "E408",
            f"vmap({_name(func)})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are "
            "trying to vmap over a function with no inputs. The latter is unsupported.",
        )
    dims = broadcast(in_dims, args)
    if dims is None:
        raise ValueFault(
            "E408",
            f"{call}: in_dims is not compatible with the structure of `inputs`. in_dims has structure "
            f"{structure(in_dims)} but inputs has structure {structure(args)}.",
        )
    return [_in_dim(call, dim, leaf) for dim, leaf in zip(dims, flat, strict=True)]


def _in_dim(call: str, dim: Any, leaf: Any) -> int | None:
    if dim is None:
        return None
    if not isinstance(dim, int):
        raise ValueFault(
            "E408",
            f"{call}: Got in_dim={dim} for an input but in_dim must be either an integer dimension or None.",
        )
    if not isinstance(leaf, Tensor):
        raise ValueFault(
            "E408",
            f"{call}: Got in_dim={dim} for an input but the input is of type {type(leaf)}. We cannot vmap "
            "over non-Tensor arguments, please use None as the respective in_dim",
        )
    if not -leaf.ndim <= dim < leaf.ndim:
        raise ValueFault(
            "E408",
            f"{call}: Got in_dim={dim} for some input, but that input is a Tensor of dimensionality "
            f"{leaf.ndim} so expected in_dim to satisfy -{leaf.ndim} <= in_dim < {leaf.ndim}.",
        )
    return dim_from_right(dim, leaf.ndim)


def _batch_size(dims: list[int | None], flat: list[Any]) -> int:
    sizes = [leaf.shape[dim] for dim, leaf in zip(dims, flat, strict=True) if dim is not None]
    if not sizes:
        raise ValueFault("E408", "vmap: Expected at least one Tensor to vmap over")
    if any(size != sizes[0] for size in sizes):
        raise ValueFault(
            "E408",
            "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            f"{sizes} for the mapped dimension",
        )
    return int(sizes[0])


def _example(flat: list[Any], dims: list[int | None], index: int, size: int) -> list[Any]:
    """The leaves that one example sees; of an empty batch zeros, from which the results' shapes show."""
    if not size:
        return [
            leaf if dim is None else make(np.zeros(np.delete(leaf.shape, dim), leaf._array.dtype))
            for leaf, dim in zip(flat, dims, strict=True)
        ]
    return [
        leaf if dim is None else TENSORS.select_at(leaf, dim=dim, index=index)
        for leaf, dim in zip(flat, dims, strict=True)
    ]


class _Refused:
    """The generator where random numbers are not allowed."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeFault(
            "E408", RANDOM, help="write vmap(f, randomness='different'), or draw the numbers before"
        )


@contextmanager
def _randomness(mode: str) -> Iterator[Callable[[], None]]:
    """The generator that a mode allows; what is given starts the numbers of an example."""
    if mode == "different":
        yield lambda: None
        return
    generator: Any = context.generator
    if mode == "same":
        state = generator.get_state()
        yield lambda: generator.set_state(state)
        return
    context.generator = _Refused()  # type: ignore[assignment] # whatever is asked of it is refused
    try:
        yield lambda: None
    finally:
        context.generator = generator


def _check_out_dims(func: Any, out_dims: Any) -> None:
    for dim in leaves(out_dims):
        if dim is not None and not isinstance(dim, int):
            raise ValueFault(
                "E408",
                f"vmap({_name(func)}, ..., out_dims={out_dims}): `out_dims` must be an int, None or a python "
                "collection of ints representing where in the outputs the vmapped dimension should appear.",
            )


def _stacked(func: Any, out_dims: Any, results: list[Any], size: int) -> Any:
    """What the examples gave, leaf by leaf with the dim of the examples in its place."""
    first = results[0]
    alone = isinstance(first, Tensor) and isinstance(out_dims, tuple) and len(out_dims) == 1
    dims = list(out_dims) if alone else broadcast(out_dims, first)
    if dims is None:
        raise ValueFault(
            "E408",
            f"vmap({_name(func)}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the "
            f"structure of `outputs`. out_dims has structure {structure(out_dims)} but outputs has structure "
            f"{structure(first)}.",
        )
    columns = zip(*[leaves(result) for result in results], strict=True)
    return rebuilt(
        first, [_joined(func, column, dim, size) for column, dim in zip(columns, dims, strict=True)]
    )


def _joined(func: Any, column: tuple[Any, ...], dim: int | None, size: int) -> Any:
    first, name = column[0], _name(func)
    if dim is None:
        return _shared(name, column)
    if not isinstance(first, Tensor):
        raise ValueFault(
            "E408",
            f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(first)}. Did you mean to "
            "set out_dims= to None for output?",
        )
    at = dim_from_right(dim, first.ndim + 1)
    if not size:
        shape = np.insert(np.array(first.shape, int), first.ndim + 1 + at, 0)
        return make(np.zeros(shape, first._array.dtype))
    return TENSORS.stack(*column, dim=at)


def _shared(name: str, column: tuple[Any, ...]) -> Any:
    """The one result of all examples.

    Raises:
        ValueFault: they differ.
    """
    first = column[0]
    for other in column[1:]:
        if isinstance(first, Tensor) and not np.array_equal(
            first._disclosed, other._disclosed, equal_nan=True
        ):
            raise ValueFault(
                "E408", f"vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None"
            )
    return first
