"""Steps of a trace as calls without arguments, on operands that stay where they are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy import ndarray

from gradcli.ops.dtypes import FLOATS
from gradcli.ops.layout import along
from gradcli.ops.reduction import spread_view
from gradcli.plan.arrays import promoted
from gradcli.plan.bound_sums import BLAS, exact_sum_calls, is_total, sum_calls
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.plan.trace import Step

__all__ = ["PLACES", "Moved", "Operation", "call_of", "filling", "turns_of", "view_of"]


class Moved(Exception):
    """The shape of a result is not what it was when the trace was bound."""


class Operation(NamedTuple):
    """A step with its memory.

    Attributes:
        step: what is done.
        operands: an array or a Literal each.
        fixed: by operand, whether it is always the same.
        results: an array each.
        lasting: nothing else writes to the result, which was zeros in the beginning.
    """

    step: Step
    operands: Sequence[Any]
    fixed: Sequence[bool]
    results: Sequence[Any]
    lasting: bool = False


# Records whose NumPy form is ufuncs in other clothes: these, each with its operands and what it fills; None
# where it is not. A sigmoid goes operation by operation, as its record's own form does.
UFUNCS: dict[str, Callable[..., list[tuple[Any, ...]] | None]] = {
    "relu": lambda x, y: [(np.maximum, x, Literal(0), y)],
    "rsub": lambda a, b, y: [(np.subtract, b, a, y)],
    "rsub_number": lambda a, b, y: [(np.subtract, b, a, y)],
    "mv": lambda a, b, y: [(np.matmul, a, b, y)] if b.ndim == 1 else None,
    "sigmoid": lambda x, y: [
        (np.negative, x, y), (np.exp, y, y), (np.add, y, Literal(1), y), (np.divide, Literal(1), y, y),
    ],
}  # fmt: skip

# Where a record puts its argument into zeros.
PLACES: dict[str, Callable[..., Any]] = {
    "select_put": lambda dim, index, **_: along(dim, index),
    "slice_put": lambda dim, start, stop, step, **_: along(dim, slice(start, stop, step)),
}
NAMED = (np.maximum, np.minimum)  # which take no result by position


def view_of(step: Step, operands: Sequence[Any], result: Any, *, exact: bool = False) -> Any:
    """Returns a step's result where it is its argument's memory seen in another way; else None.

    If it shall be `exact`, where the engine's is, too.
    """
    record = step.record
    if record.kind != "linear" or len(operands) != 1 or len(step.results) != 1:
        return None
    (x,) = operands
    # The record's own form of a spread copies where that is quicker.
    numpy: Any = spread_view if record.name == "spread" and not exact else record.numpy
    found = numpy(x, **step.params)
    if not isinstance(found, ndarray) or not np.may_share_memory(found, x):
        return None
    return found if found.shape == result.shape and found.dtype == result.dtype else None


def call_of(
    operation: Operation, *, product: bool = False, exact: bool = False
) -> list[Callable[[], object]]:
    """Returns the calls that do a step; of a `product`, its sum over everything.

    If they shall be `exact`, sums are added up in the order of their records' own forms.
    """
    step, operands, _, results, _ = operation
    dtype = _float_of_all(operands)
    if product:
        return sum_calls(step, operands, results[0])
    if dtype is None:
        return [_copying(operation)]
    if dtype in BLAS and is_total(step, operands[0].shape) and operands[0].size:
        return exact_sum_calls(step, *operands, *results) if exact else sum_calls(step, operands, results[0])
    if step.record.name in SPECIAL:
        return SPECIAL[step.record.name](operation)
    turns = turns_of(step, operands, results)
    return [_copying(operation)] if turns is None else [filling(*turn) for turn in turns]


def turns_of(
    step: Step, operands: Sequence[Any], results: Sequence[Any]
) -> list[tuple[np.ufunc, list[Any]]] | None:
    """Returns the ufuncs that do a step one after the other, each with its operands and what it fills.

    None where there are none, or where they would compute in another dtype than the operands'.

    Args:
        step: what is done.
        operands: an array or a Literal each.
        results: an array each.
    """
    dtype = _float_of_all(operands)
    if dtype is None or step.params or len(results) > 1:
        return None
    numpy, clothed = step.record.numpy, UFUNCS.get(step.record.name)
    if clothed is not None:
        turns = clothed(*operands, *results)
    else:
        turns = [(numpy, *operands, *results)] if isinstance(numpy, np.ufunc) else None
    # A Python number would be looked at again in every run.
    return turns and [
        (function, [np.asarray(x.value, dtype) if x.__class__ is Literal else x for x in arrays])
        for function, *arrays in turns
    ]


def _float_of_all(operands: Sequence[Any]) -> Any:
    """The dtype that all arrays among the operands have, if it is one of floats; else None."""
    dtypes = {x.dtype for x in operands if x.__class__ is not Literal}
    return dtypes.pop() if len(dtypes) == 1 and not dtypes.isdisjoint(FLOATS) else None


def filling(function: Any, arrays: Sequence[Any]) -> Callable[[], object]:
    """Returns the call of a function on arrays that fills the last of them."""
    *given, out = arrays
    if function is np.copyto:
        return partial(np.copyto, out, *given)
    if function in NAMED:
        return partial(function, *given, out=out)
    return partial(function, *given, out)  # a keyword would cost a tenth


def _cat(operation: Operation) -> list[Callable[[], object]]:
    parts, (result,) = operation.operands, operation.results
    if len({part.ndim for part in parts}) > 1:  # an empty vector joins anything
        return [_copying(operation)]
    return [partial(np.concatenate, parts, operation.step.params["dim"], result)]


def _put_in(operation: Operation) -> list[Callable[[], object]]:
    step, (x,), (result,) = operation.step, operation.operands, operation.results
    if not operation.lasting:
        return [_copying(operation)]
    return [partial(np.copyto, result[PLACES[step.record.name](**step.params)], x)]


def _copied(operation: Operation) -> list[Callable[[], object]]:
    return [filling(np.copyto, [*operation.operands, *operation.results])]


SPECIAL: dict[str, Callable[[Operation], list[Callable[[], object]]]] = {
    "cat": _cat,
    "clone": _copied,
    "compact": _copied,
    **dict.fromkeys(PLACES, _put_in),
}


def _copying(operation: Operation) -> Callable[[], object]:
    """The record's own NumPy form, whose result is copied to its place."""
    step, operands, fixed, results, _ = operation
    record, params = step.record, step.params
    numpy: Any = record.numpy
    given = [x.value if x.__class__ is Literal else x for x in operands]
    cast = promoted(record, given)
    # Integers are looked at again each time: one may be divided by zero.
    whole = record.promote != "keep" and any(x.__class__ is ndarray and x.dtype not in FLOATS for x in given)
    if whole or any(new is not old and not still for new, old, still in zip(cast, given, fixed, strict=True)):

        def compute() -> Any:
            return numpy(*promoted(record, given), **params)

    else:
        compute = partial(numpy, *cast, **params)
    if len(results) > 1:

        def calls() -> None:
            for result, found in zip(results, compute(), strict=True):
                _put(result, found)

        return calls
    (result,) = results

    def call() -> None:
        found = compute()
        _put(result, found[0] if found.__class__ is tuple or found.__class__ is list else found)

    return call


def _put(result: Any, found: Any) -> None:
    if np.shape(found) != result.shape:
        raise Moved
    result[...] = found
