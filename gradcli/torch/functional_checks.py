"""What torch.autograd.functional asks of inputs, vectors and results, in PyTorch's words."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.functions import grad
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import GradcliError, RuntimeFault, TypeFault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "AssertionFault", "as_tensors", "call", "derivative", "filled", "finished", "prepared", "require_graph",
    "scalar_output", "unpacked", "vector",
]  # fmt: skip

OUTPUTS = "outputs of the user-provided function"
NO_GRAPH = {
    "outputs": (
        "Output {place} of the user-provided function does not require gradients. The outputs must be "
        "computed in a differentiable manner from the input when running in strict mode."
    ),
    "grad_inputs": (
        "The gradient with respect to input {place} is independent of the inputs of the user-provided "
        "function. This is not allowed in strict mode."
    ),
    "jacobian": (
        "While computing the hessian, found that the jacobian of the user-provided function with respect to "
        "input {place} is independent of the input. This is not allowed in strict mode. You should ensure "
        "that your function is twice differentiable and that the jacobian depends on the inputs (this would "
        "be violated by a linear function for example)."
    ),
    "hessian": (
        "The hessian of the user-provided function with respect to input {place} is independent of the "
        "input. This is not allowed in strict mode. You should ensure that your function is thrice "
        "differentiable and that the hessian depends on the inputs."
    ),
}
UNUSED = {
    "back": (
        "The output of the user-provided function is independent of input {place}. This is not allowed in "
        "strict mode."
    ),
    "back_trick": (
        "The gradient with respect to the input is independent of entry {place} in the grad_outputs when "
        "using the double backward trick to compute forward mode gradients. This is not allowed in strict "
        "mode."
    ),
    "double_back": (
        "The jacobian of the user-provided function is independent of input {place}. This is not allowed in "
        "strict mode."
    ),
    "double_back_trick": (
        "The hessian of the user-provided function is independent of entry {place} in the grad_jacobian. "
        "This is not allowed in strict mode as it prevents from using the double backward trick to replace "
        "forward mode AD."
    ),
}
NO_VECTOR = (
    "The vector v can only be None if the input to the user-provided function is a single Tensor with a "
    "single element."
)
NO_COTANGENT = (
    "The vector v can only be None if the user-provided function returns a single Tensor with a single "
    "element."
)


class AssertionFault(GradcliError, AssertionError):
    """PyTorch's AssertionError for a strategy that does not exist."""


def as_tensors(values: Any, what: str, name: str) -> tuple[bool, tuple[Tensor, ...]]:
    """Returns whether the values are a tuple, and the tuple of tensors that they are.

    Raises:
        TypeFault: something among them is no tensor.
    """
    several = isinstance(values, tuple)
    found = values if several else (values,)
    for index, value in enumerate(found):
        if not isinstance(value, Tensor):
            where = f"value at index {index}" if several else f"given {what}"
            raise TypeFault(
                "E409",
                f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but the "
                f"{where} has type {type(value)}.",
            )
    return several, found


def prepared(inputs: Sequence[Tensor], *, create_graph: bool, require: bool) -> tuple[Tensor, ...]:
    """Returns stand-ins for the inputs: with their history under `create_graph`, else leaves."""
    return tuple(
        TENSORS.view_as_self(one)
        if create_graph and one.requires_grad
        else one.detach().requires_grad_(require)
        for one in inputs
    )


def call(func: Callable[..., Any], inputs: Sequence[Tensor], name: str) -> tuple[bool, tuple[Tensor, ...]]:
    """Returns whether the function gives a tuple, and the tensors that it gives."""
    return as_tensors(func(*inputs), OUTPUTS, name)


def scalar_output(several: bool, outputs: Sequence[Tensor], name: str) -> None:
    """Returns if a function gave a single number.

    Raises:
        RuntimeFault: it gave a tuple, or a tensor of several elements.
    """
    if several:
        raise RuntimeFault("E409", f"The function given to {name} should return a single Tensor")
    if outputs[0]._array.size != 1:
        raise RuntimeFault(
            "E409", f"The Tensor returned by the function given to {name} should contain a single element"
        )


def vector(  # noqa: PLR0913 - what is known of it
    v: Any, like: Sequence[Tensor], several: bool, name: str, *, create_graph: bool, cotangent: bool = False
) -> tuple[Tensor, ...] | None:
    """Returns the tensors of a vector, one per entry of `like` and of its shape; None for a single number.

    Raises:
        TypeFault, RuntimeFault: the vector does not fit, or is missing.
    """
    if v is None:
        if len(like) != 1 or like[0]._array.size != 1:
            raise RuntimeFault("E409", NO_COTANGENT if cotangent else NO_VECTOR)
        return None
    found = prepared(as_tensors(v, "v", name)[1], create_graph=create_graph, require=False)
    if len(found) != len(like):
        if several:
            raise RuntimeFault(
                "E409", f"v is a tuple of invalid length: should be {len(like)} but got {len(found)}."
            )
        raise RuntimeFault("E409", "The given v should contain a single Tensor.")
    for place, (one, other) in enumerate(zip(found, like, strict=True)):
        if one.shape != other.shape:
            start = f"Entry {place} in " if several else ""
            raise RuntimeFault(
                "E409", f"{start}v has invalid size: should be {other.shape} but got {one.shape}."
            )
    return found


def require_graph(values: Sequence[Tensor | None], what: str, *, strict: bool) -> None:
    """Returns if (in strict mode) all values depend on the inputs.

    Raises:
        RuntimeFault: one does not.
    """
    for place, value in enumerate(values if strict else ()):
        if value is None:
            raise RuntimeFault("E409", UNUSED["back"].format(place=place))
        if not value.requires_grad:
            raise RuntimeFault("E409", NO_GRAPH[what].format(place=place))


def derivative(
    outputs: Sequence[Tensor | None],
    inputs: Sequence[Tensor],
    weights: Sequence[Tensor] | None = None,
    *,
    create_graph: bool = False,
    retain_graph: bool | None = None,
) -> tuple[Tensor | None, ...]:
    """Returns the gradient of those outputs that have one, for each input; None where it is independent."""
    given = weights or (None,) * len(outputs)
    pairs = [
        (one, weight)
        for one, weight in zip(outputs, given, strict=True)
        if one is not None and one.requires_grad
    ]
    if not pairs:
        return (None,) * len(inputs)
    return grad(
        [one for one, _ in pairs],
        inputs,
        [weight for _, weight in pairs],
        allow_unused=True,
        create_graph=create_graph,
        retain_graph=retain_graph,
    )


def filled(
    found: Sequence[Tensor | None], like: Sequence[Tensor], stage: str, *, strict: bool, create_graph: bool
) -> tuple[Tensor, ...]:
    """Returns gradients with zeros in the place of None.

    Raises:
        RuntimeFault: (strict) there is a None, or a gradient that no further derivative can be taken of.
    """
    results = []
    for place, (one, other) in enumerate(zip(found, like, strict=True)):
        if strict and one is None:
            raise RuntimeFault("E409", UNUSED[stage].format(place=place))
        if strict and create_graph and one is not None and not one.requires_grad:
            order = "hessian" if "double" in stage else "jacobian"
            raise RuntimeFault(
                "E409",
                f"The {order} of the user-provided function is independent of input {place}. This is not "
                "allowed in strict mode when create_graph=True.",
            )
        results.append(make(np.zeros_like(other._array)) if one is None else one)
    return tuple(results)


def finished(results: Any, *, create_graph: bool) -> Any:
    """Returns tensors in nested tuples, detached unless they are to be part of a graph."""
    if create_graph:
        return results
    if isinstance(results, Tensor):
        return results.detach()
    return tuple(finished(one, create_graph=False) for one in results)


def unpacked(results: Sequence[Any], *several: bool) -> Any:
    """Returns the tuple, or its one entry where there were not several; likewise each entry inside."""
    first, *inner = several
    entries = tuple(unpacked(one, *inner) for one in results) if inner else tuple(results)
    return entries if first else entries[0]
