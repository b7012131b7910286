"""Which arguments of a function a transform differentiates, and what the function may return."""

from __future__ import annotations

from typing import Any

from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import RuntimeFault

__all__ = ["only_tensors", "replaced", "selected", "with_aux"]


def _positions(argnums: Any, count: int) -> tuple[int, ...]:
    """The positions that `argnums` names, counted from 0.

    Raises:
        RuntimeFault: it is neither a number nor a tuple of different numbers, or there is no such argument.
    """
    if isinstance(argnums, bool) or not isinstance(argnums, (int, tuple)):
        raise RuntimeFault("E408", f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    found = []
    for number in argnums if isinstance(argnums, tuple) else (argnums,):
        if not isinstance(number, int):
            raise RuntimeFault("E408", f"argnum must be int, got: {type(number)}")
        if not -count <= number < count:
            raise RuntimeFault("E408", f"Got argnum={number}, but only {count} positional inputs")
        found.append(number % count)
    if not found:
        raise RuntimeFault("E408", "argnums must be non-empty")
    if len(set(found)) != len(found):
        raise RuntimeFault("E408", f"argnums elements must be unique, got {argnums}")
    return tuple(found)


def selected(args: tuple[Any, ...], argnums: Any) -> Any:
    """Returns the arguments that `argnums` names: one, or a tuple."""
    places = _positions(argnums, len(args))
    return tuple(args[place] for place in places) if isinstance(argnums, tuple) else args[places[0]]


def replaced(args: tuple[Any, ...], argnums: Any, new: Any) -> tuple[Any, ...]:
    """Returns all arguments, with others in the place of those that `argnums` names."""
    places = _positions(argnums, len(args))
    values = dict(zip(places, new if isinstance(argnums, tuple) else (new,), strict=True))
    return tuple(values.get(place, arg) for place, arg in enumerate(args))


def with_aux(result: Any, has_aux: bool, call: str) -> tuple[Any, Any]:
    """Returns a function's output and what it gave beside it (None unless `has_aux`).

    Raises:
        RuntimeFault: there should be two values, and are not.
    """
    if not has_aux:
        return result, None
    if not isinstance(result, tuple) or len(result) != 2:  # noqa: PLR2004 - a pair
        raise RuntimeFault(
            "E408", f"{call}: output of function f should be a tuple: (output, aux) if has_aux is True"
        )
    return result


def only_tensors(outputs: list[Any], call: str) -> list[Tensor]:
    """Returns a function's outputs, which are tensors and at least one.

    Raises:
        RuntimeFault: they are not.
    """
    if not outputs or (len(outputs) == 1 and outputs[0] is None):
        raise RuntimeFault(
            "E408",
            f"{call}: Expected f to be a function that has non-empty output (got output = {outputs})",
            help="does the function return its result?",
        )
    for output in outputs:
        if not isinstance(output, Tensor):
            raise RuntimeFault(
                "E408",
                f"{call}: expected f(*primals) to return only tensors, got unsupported type {type(output)}",
            )
    return outputs
