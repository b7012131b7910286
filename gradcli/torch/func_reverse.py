"""torch.func in reverse mode: grad, grad_and_value, vjp and jacrev, transforms of functions."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.custom import recording
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.torch.func_arguments import only_tensors, replaced, selected, with_aux
from gradcli.torch.func_levels import Level
from gradcli.torch.func_trees import leaves, outline, rebuilt, structure

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["grad", "grad_and_value", "jacrev", "vjp"]

GRAD = "grad_and_value(f)(*args)"
VJP = "vjp(f, *primals)"


def grad(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Returns the function that gives the gradient of `func`, which gives a scalar.

    Args:
        func: takes and gives tensors, or tuples, lists and dicts of them.
        argnums: the argument, or the tuple of arguments, to differentiate.
        has_aux: `func` gives a pair, of which the second is handed through.
    """
    both = grad_and_value(func, argnums, has_aux)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        found, value = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def grad_and_value(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Returns the function that gives the pair of gradient and value of `func`; see `grad`."""

    def gradient_and_value(*args: Any, **kwargs: Any) -> Any:
        level = Level()
        with recording(enabled=True):
            inputs = level.enter(selected(args, argnums))
            result = func(*replaced(args, argnums, inputs), **kwargs)
            value, aux = with_aux(result, has_aux, GRAD)
            _check_scalar(value)
            found = level.pull([value], [None], keep=False, record=level.leads_outside([value]))
            gradient = rebuilt(inputs, [level.leave(one) for one in found])
            value, aux = level.leave(value), level.leave_all(aux)
            level.close()
            return (gradient, (value, aux)) if has_aux else (gradient, value)

    return gradient_and_value


def _check_scalar(value: Any) -> None:
    if not isinstance(value, Tensor):
        raise RuntimeFault("E408", f"{GRAD}: Expected f(*args) to return a Tensor, got {type(value)}")
    if value.ndim:
        raise RuntimeFault(
            "E408",
            f"{GRAD}: Expected f(*args) to return a scalar Tensor, got tensor with {value.ndim} dims. Maybe "
            "you wanted to use the vjp or jacrev APIs instead?",
        )


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """Returns the value of `func` at the primals and the function from cotangents to their tuple of vjps.

    With `has_aux` also the second value of the pair that `func` then gives.
    """
    value, pull, aux = _vjp(func, primals, None, has_aux=has_aux)
    return (value, pull, aux) if has_aux else (value, pull)


def _vjp(
    func: Callable[..., Any], args: tuple[Any, ...], argnums: Any, *, has_aux: bool
) -> tuple[Any, Callable[..., Any], Any]:
    """As `vjp`, with respect to the arguments that `argnums` names (None: all)."""
    level = Level()
    with recording(enabled=True):
        inputs = level.enter(args if argnums is None else selected(args, argnums))
        result = func(*(inputs if argnums is None else replaced(args, argnums, inputs)))
        value, aux = with_aux(result, has_aux, VJP)
        outputs = only_tensors(leaves(value), VJP)
        for output in outputs:
            if output._array.dtype.kind not in "fc":
                raise RuntimeFault(
                    "E408",
                    "vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor "
                    f"with dtype {output.dtype}",
                )
        outside = level.leads_outside(outputs)
        results = level.leave_all(value), level.leave_all(aux)
        level.close()
    shape = structure(value)

    def pull(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        if structure(cotangents) != shape:
            raise RuntimeFault(
                "E408",
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to "
                f"the function. cotangents: {outline(cotangents)}, primal output: {outline(value)}",
            )
        given = leaves(cotangents)
        record = context.grad_enabled if create_graph is None else create_graph
        record = record and (outside or any(one.requires_grad for one in given))
        found = level.pull(outputs, given, keep=retain_graph, record=record)
        return rebuilt(inputs, [level.leave(one) for one in found])

    return results[0], pull, results[1]


def jacrev(
    func: Callable[..., Any],
    argnums: Any = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """Returns the function that gives the Jacobian of `func`, row by row in reverse mode.

    The structure is that of the outputs; in the place of each stands that of the inputs (one, or a tuple
    for a tuple of `argnums`), and there a tensor of the output's shape followed by the input's.

    Raises:
        ValueFault: the chunk size is no positive number.
    """
    if chunk_size is not None and not chunk_size > 0:
        raise ValueFault("E408", "jacrev: `chunk_size` should be greater than 0.")

    def jacobian(*args: Any) -> Any:
        value, pull, aux = _vjp(func, args, argnums, has_aux=has_aux)
        inputs = selected(args, argnums)
        blocks = _rows(value, pull, leaves(inputs))
        found = rebuilt(value, [rebuilt(inputs, block) for block in blocks])
        return (found, aux) if has_aux else found

    return jacobian


def _rows(value: Any, pull: Callable[..., Any], inputs: list[Tensor]) -> list[list[Tensor]]:
    """Per output, the derivative for each input: one vjp per element."""
    outputs = leaves(value)
    blocks: list[list[Tensor]] = []
    for output in outputs:
        for one in inputs:
            context.budget.ask((*output.shape, *one.shape), one._array.itemsize)
    for place, output in enumerate(outputs):
        count = math.prod(output.shape)
        rows = []
        for index in range(count):
            basis = [make(np.zeros_like(one._array)) for one in outputs]
            basis[place]._array.reshape(-1)[index] = 1
            rows.append(leaves(pull(rebuilt(value, basis))))
        blocks.append(
            [
                _stacked([row[at] for row in rows], (*output.shape, *one.shape), one)
                for at, one in enumerate(inputs)
            ]
        )
    return blocks


def _stacked(rows: list[Tensor], shape: tuple[int, ...], like: Tensor) -> Tensor:
    if not rows:
        return make(np.zeros(shape, like._array.dtype))
    return TENSORS.stack(*rows, dim=-rows[0].ndim - 1).reshape(shape)  # type: ignore[no-any-return] # a tensor
