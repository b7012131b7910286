"""torch.autograd.functional: products of vectors with Jacobians and Hessians."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.custom import recording
from gradcli.autograd.tensor import Tensor
from gradcli.torch.functional_checks import (
    as_tensors,
    call,
    derivative,
    filled,
    finished,
    prepared,
    require_graph,
    scalar_output,
    unpacked,
    vector,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["hvp", "jvp", "vhp", "vjp"]


def _weights(like: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Zeros whose gradient is asked for: a vjp is linear in them, and its derivative is the jvp."""
    return tuple(Tensor(np.zeros_like(one._array), requires_grad=True) for one in like)


def vjp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """Returns the outputs of a function and the product of a vector with its Jacobian.

    Args:
        func: takes tensors, gives a tensor or a tuple of them.
        inputs: a tensor, or a tuple of them.
        v: the vector, shaped as the outputs; None stands for 1 where the output is a single number.
        create_graph: make both part of a graph.
        strict: refuse outputs that do not depend on an input, where zeros would do.

    Raises:
        TypeFault, RuntimeFault: what is given, or what the function gives, does not fit.
    """
    with recording(enabled=True):
        one_of_many, given = as_tensors(inputs, "inputs", "vjp")
        given = prepared(given, create_graph=create_graph, require=True)
        several, outputs = call(func, given, "vjp")
        require_graph(outputs, "outputs", strict=strict)
        weights = vector(v, outputs, several, "vjp", create_graph=create_graph, cotangent=True)
    with recording(enabled=create_graph or context.grad_enabled):
        found = derivative(outputs, given, weights, create_graph=create_graph)
        product = filled(found, given, "back", strict=strict, create_graph=create_graph)
    return (
        unpacked(finished(outputs, create_graph=create_graph), several),
        unpacked(finished(product, create_graph=create_graph), one_of_many),
    )


def jvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """Returns the outputs of a function and the product of its Jacobian with a vector, as two vjps.

    `v` is shaped as the inputs; for the rest see `vjp`.
    """
    with recording(enabled=True):
        one_of_many, given = as_tensors(inputs, "inputs", "jvp")
        given = prepared(given, create_graph=create_graph, require=True)
        along = vector(v, given, one_of_many, "jvp", create_graph=create_graph)
        several, outputs = call(func, given, "jvp")
        require_graph(outputs, "outputs", strict=strict)
        weights = _weights(outputs)
        back = derivative(outputs, given, weights, create_graph=True)
        require_graph(back, "grad_inputs", strict=strict)
    with recording(enabled=create_graph or context.grad_enabled):
        found = derivative(back, weights, along, create_graph=create_graph)
        product = filled(found, outputs, "back_trick", strict=strict, create_graph=create_graph)
    return (
        unpacked(finished(outputs, create_graph=create_graph), several),
        unpacked(finished(product, create_graph=create_graph), several),
    )


def vhp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """Returns the output of a scalar function and the product of a vector with its Hessian.

    `v` is shaped as the inputs; for the rest see `vjp`.
    """
    return _hessian_product("vhp", func, inputs, v, create_graph=create_graph, strict=strict)


def hvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """Returns the output of a scalar function and the product of its Hessian with a vector.

    The same numbers as `vhp`, by one more derivative; for the rest see `vjp`.
    """
    return _hessian_product("hvp", func, inputs, v, create_graph=create_graph, strict=strict)


def _hessian_product(  # noqa: PLR0913 - PyTorch's signature
    name: str, func: Callable[..., Any], inputs: Any, v: Any, *, create_graph: bool, strict: bool
) -> tuple[Any, Any]:
    with recording(enabled=True):
        one_of_many, given = as_tensors(inputs, "inputs", name)
        given = prepared(given, create_graph=create_graph, require=True)
        along = vector(v, given, one_of_many, name, create_graph=create_graph)
        several, outputs = call(func, given, name)
        require_graph(outputs, "outputs", strict=strict)
        scalar_output(several, outputs, name)
        first = derivative(outputs, given, create_graph=True)
        require_graph(first, "jacobian", strict=strict)
        targets, stage = given, "double_back"
        if name == "hvp":
            weights = _weights(given)
            first = derivative(first, given, weights, create_graph=True)
            targets, stage = weights, "double_back_trick"
    with recording(enabled=create_graph or context.grad_enabled):
        found = derivative(first, targets, along, create_graph=create_graph)
        product = filled(found, given, stage, strict=strict, create_graph=create_graph)
    return (
        unpacked(finished(outputs, create_graph=create_graph), several),
        unpacked(finished(product, create_graph=create_graph), one_of_many),
    )
