"""torch.autograd.functional: whole Jacobians and Hessians."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.custom import recording
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import NotImplementedFault, RuntimeFault
from gradcli.torch.functional_checks import (
    AssertionFault,
    as_tensors,
    call,
    derivative,
    finished,
    prepared,
    require_graph,
    scalar_output,
    unpacked,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["hessian", "jacobian"]

STRATEGIES = ("forward-mode", "reverse-mode")
NO_STRATEGY = 'Expected strategy to be either "forward-mode" or "reverse-mode".'
WHICH = (
    ' Hint: If your function has more outputs than inputs, "forward-mode" tends to be more performant. '
    'Otherwise, prefer to use "reverse-mode".'
)
JACOBIAN = "torch.autograd.functional.jacobian"
REVERSE = 'Please either set `{flag}=False` or `strategy="reverse-mode"`.'


def jacobian(  # noqa: PLR0913 - PyTorch's signature
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """Returns the Jacobian of a function: a tensor of the output's shape followed by the input's.

    A tuple of such for a tuple of inputs, and a tuple of those for a tuple of outputs.

    Args:
        func: takes tensors, gives a tensor or a tuple of them.
        inputs: a tensor, or a tuple of them.
        create_graph: make it part of a graph.
        strict: refuse outputs that do not depend on an input, where zeros would do.
        vectorize: changes nothing but PyTorch's speed, and what may be combined with it.
        strategy: "reverse-mode" takes one vjp per output element, "forward-mode" one jvp per input element.

    Raises:
        TypeFault, RuntimeFault: what is given, or what the function gives, does not fit.
        AssertionFault: there is no such strategy.
        NotImplementedFault: PyTorch does not combine these options.
    """
    if strategy not in STRATEGIES:
        raise AssertionFault("E409", NO_STRATEGY + WHICH)
    if strategy == "forward-mode":
        _check_forward(create_graph=create_graph, strict=strict, vectorize=vectorize)
        return _forward(func, inputs)
    with recording(enabled=True):
        one_of_many, given = as_tensors(inputs, "inputs", "jacobian")
        given = prepared(given, create_graph=create_graph, require=True)
        several, outputs = call(func, given, "jacobian")
        require_graph(outputs, "outputs", strict=strict)
        if vectorize and strict:
            raise RuntimeFault(
                "E409",
                f"{JACOBIAN}: `strict=True` and `vectorized=True` are not supported together. Please either "
                "set `strict=False` or `vectorize=False`.",
            )
        found = tuple(
            _blocks(place, output, given, create_graph=create_graph, strict=strict)
            for place, output in enumerate(outputs)
        )
    return unpacked(finished(found, create_graph=create_graph), several, one_of_many)


def _blocks(
    place: int, output: Tensor, inputs: tuple[Tensor, ...], *, create_graph: bool, strict: bool
) -> tuple[Tensor, ...]:
    """The derivatives of one output, for each input."""
    for one in inputs:
        context.budget.ask((*output.shape, *one.shape), one._array.itemsize)
    flat: Any = output.reshape(-1)
    columns: list[list[Tensor]] = [[] for _ in inputs]
    for index in range(output._array.size):
        row = derivative((flat[index],), inputs, create_graph=create_graph, retain_graph=True)
        for at, (found, one) in enumerate(zip(row, inputs, strict=True)):
            if found is None and strict:
                raise RuntimeFault(
                    "E409",
                    f"Output {place} of the user-provided function is independent of input {at}. This is "
                    "not allowed in strict mode.",
                )
            if strict and create_graph and found is not None and not found.requires_grad:
                raise RuntimeFault(
                    "E409",
                    f"The jacobian of the user-provided function is independent of input {place}. This is "
                    "not allowed in strict mode when create_graph=True.",
                )
            columns[at].append(make(np.zeros_like(one._array)) if found is None else found)
    return tuple(
        _stacked(rows, (*output.shape, *one.shape), one, dim=0)
        for rows, one in zip(columns, inputs, strict=True)
    )


def _stacked(parts: list[Tensor], shape: tuple[int, ...], like: Tensor, *, dim: int) -> Tensor:
    """Derivatives element by element, joined along the first dim or the last one."""
    if not parts:
        return make(np.zeros(shape, like._array.dtype))
    at = dim if dim < 0 else -parts[0].ndim - 1
    return TENSORS.stack(*parts, dim=at).reshape(shape)  # type: ignore[no-any-return] # a tensor


def _check_forward(*, create_graph: bool, strict: bool, vectorize: bool) -> None:
    """Raises PyTorch's errors for options that it does not combine with forward mode."""
    together = '`{flag}=True` and `strategy="forward-mode"` are not supported together (yet). ' + REVERSE
    if create_graph:
        raise NotImplementedFault("E409", f"{JACOBIAN}: " + together.format(flag="create_graph"))
    if strict:
        raise RuntimeFault("E409", f"{JACOBIAN}: " + together.format(flag="strict"))
    if not vectorize:
        raise NotImplementedFault(
            "E409",
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for "
            "`vectorize=True`.",
        )


def _forward(func: Callable[..., Any], inputs: Any) -> Any:
    """The Jacobian by one jvp per element of the inputs."""
    from gradcli.torch.func_forward import jvp  # reverse mode does without

    one_of_many, given = as_tensors(inputs, "inputs", "jacobian")
    several = False
    outputs: tuple[Tensor, ...] = ()
    columns: list[list[tuple[Tensor, ...]]] = []  # per input, per element, per output
    for place, one in enumerate(given):
        columns.append([])
        for index in range(one._array.size):
            basis = tuple(make(np.zeros_like(other._array)) for other in given)
            basis[place]._array.reshape(-1)[index] = 1
            value, moved = jvp(func, given, basis)
            several, outputs = as_tensors(value, "outputs", "jacobian")
            for output in outputs if not index else ():
                context.budget.ask((*output.shape, *one.shape), one._array.itemsize)
            columns[-1].append(moved if several else (moved,))
    found = [
        [
            _stacked([part[number] for part in columns[at]], (*output.shape, *one.shape), one, dim=-1)
            for at, one in enumerate(given)
        ]
        for number, output in enumerate(outputs)
    ]
    if one_of_many and several:
        return found  # lists, as PyTorch's forward mode gives them
    return unpacked(found, several, one_of_many) if several or not one_of_many else found[0]


def hessian(  # noqa: PLR0913 - PyTorch's signature
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """Returns the second derivatives of a function that gives one number.

    A tensor of the input's shape twice over; for a tuple of inputs a tuple of tuples, `[i][j]` for inputs
    i and j. The options are those of `jacobian`.
    """
    one_of_many, given = as_tensors(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in STRATEGIES:
        raise AssertionFault("E409", NO_STRATEGY)

    def value(*args: Tensor) -> Any:
        several, outputs = call(func, args, "hessian")
        require_graph(outputs, "outputs", strict=strict)
        scalar_output(several, outputs, "hessian")
        return outputs[0].reshape(())

    def gradient(*args: Tensor) -> Any:
        if outer_jacobian_strategy == "forward-mode":
            for arg in args:
                arg.requires_grad_()
        first = jacobian(value, args, create_graph=True)
        require_graph(first, "jacobian", strict=strict)
        return first

    found = jacobian(
        gradient,
        given,
        create_graph=create_graph,
        strict=strict,
        vectorize=vectorize,
        strategy=outer_jacobian_strategy,
    )
    return found if one_of_many else unpacked(found, one_of_many, one_of_many)
