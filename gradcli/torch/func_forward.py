"""torch.func's derivatives along tangents: jvp, jacfwd, hessian and linearize, transforms of functions.

A vjp is linear in its cotangents, so its own vjp is the jvp. That takes two passes where tangents
carried beside the values would take one, but tangents have a single level, and transforms nest.
"""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.custom import recording
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import RuntimeFault
from gradcli.ops.shapes import size_text
from gradcli.torch.func_arguments import only_tensors, replaced, selected, with_aux
from gradcli.torch.func_levels import Level
from gradcli.torch.func_reverse import jacrev
from gradcli.torch.func_trees import leaves, rebuilt, structure

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["hessian", "jacfwd", "jvp", "linearize"]

JVP = "jvp(f, primals, tangents)"
INDEPENDENT = (
    "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. This is not "
    "allowed with strict=True."
)


def jvp(
    func: Callable[..., Any], primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False
) -> Any:
    """Returns the value of `func` at the primals and its derivative along the tangents.

    With `has_aux` also the second value of the pair that `func` then gives.

    Raises:
        RuntimeFault: primals and tangents differ in structure or shape; or (strict) an output does not
            depend on the primals.
    """
    if not isinstance(primals, tuple):
        raise RuntimeFault(
            "E408",
            f"{JVP}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals).",
            help="write (x,) for one argument",
        )
    _check_tangents(primals, tangents)
    line = _Linear(func, primals, None, strict=strict, has_aux=has_aux)
    moved = line.along(leaves(tangents))
    return (line.value, moved, line.aux) if has_aux else (line.value, moved)


def _check_tangents(primals: Any, tangents: Any) -> None:
    if structure(primals) != structure(tangents):
        raise RuntimeFault(
            "E408",
            f"{JVP}: Expected primals and tangents to have the same python structure. For example, if "
            "primals is a tuple of 3 tensors, tangents also must be. Got primals with structure "
            f"{structure(primals)} and tangents with structure {structure(tangents)}",
        )
    pairs = zip(_tensors(primals, "primals"), _tensors(tangents, "tangents"), strict=True)
    for primal, tangent in pairs:
        if primal.shape != tangent.shape:
            raise RuntimeFault(
                "E408",
                "Trying to set a forward gradient that has a different size than that of the original "
                f"Tensor, this is not supported. Tensor is of size {size_text(primal.shape)} while the given "
                f"forward gradient is of size {size_text(tangent.shape)}.",
            )


def _tensors(tree: Any, name: str) -> list[Tensor]:
    found = leaves(tree)
    if not found:
        raise RuntimeFault("E408", f"{JVP}: Expected {name} to contain at least one Tensor.")
    for one in found:
        if not isinstance(one, Tensor):
            raise RuntimeFault("E408", f"{JVP}: Expected {name} to only contain Tensors, got {type(one)}")
    return found


class _Linear:
    """A function at a point: its value there, and its derivative along any tangents."""

    def __init__(
        self, func: Callable[..., Any], args: tuple[Any, ...], argnums: Any, *, strict: bool, has_aux: bool
    ) -> None:
        self._level, self._weights = Level(), Level()
        with recording(enabled=True):
            inputs = self._level.enter(args if argnums is None else selected(args, argnums))
            result = func(*(inputs if argnums is None else replaced(args, argnums, inputs)))
            value, aux = with_aux(result, has_aux, JVP)
            outputs = only_tensors(leaves(value), JVP)
            if strict and not all(output.requires_grad for output in outputs):
                raise RuntimeFault("E408", INDEPENDENT)
            weights = self._weights.enter([make(np.zeros(one.shape, _floating(one))) for one in outputs])
            self._weights.close()
            self._back = self._level.pull(outputs, weights, keep=True, record=True)
            self.value, self.aux = self._level.leave_all(value), self._level.leave_all(aux)
            self.outside = self._level.leads_outside(self._back)
        self._level.close()

    def along(self, tangents: list[Tensor]) -> Any:
        """The derivative along one tangent per input, in the structure of the value."""
        record = self.outside or any(tangent.requires_grad for tangent in tangents)
        with recording(enabled=True):
            found = self._weights.pull(self._back, tangents, keep=True, record=record)
            return rebuilt(self.value, [self._level.leave(one) for one in found])


def _floating(output: Tensor) -> Any:
    dtype = output._array.dtype
    return dtype if dtype.kind == "f" else np.float32


def jacfwd(
    func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Callable[..., Any]:
    """Returns the function that gives the Jacobian of `func`, column by column.

    The structure is as `jacrev` has it.
    """
    del randomness  # the function runs once

    def jacobian(*args: Any) -> Any:
        inputs = selected(args, argnums)
        at = leaves(inputs)
        line = _Linear(func, args, argnums, strict=False, has_aux=has_aux)
        for output in leaves(line.value):
            for primal in at:
                context.budget.ask((*output.shape, *primal.shape), output._array.itemsize)
        columns: list[list[list[Tensor]]] = []  # per input, per element, per output
        for place, primal in enumerate(at):
            columns.append([])
            for index in range(primal._array.size):
                basis = [make(np.zeros_like(one._array)) for one in at]
                basis[place]._array.reshape(-1)[index] = 1
                columns[-1].append(leaves(line.along(basis)))
        blocks = [
            [
                _joined([column[number] for column in columns[place]], (*output.shape, *primal.shape), output)
                for place, primal in enumerate(at)
            ]
            for number, output in enumerate(leaves(line.value))
        ]
        found = rebuilt(line.value, [rebuilt(inputs, block) for block in blocks])
        return (found, line.aux) if has_aux else found

    return jacobian


def _joined(columns: list[Tensor], shape: tuple[int, ...], like: Tensor) -> Tensor:
    if not columns:
        return make(np.zeros(shape, like._array.dtype))
    return TENSORS.stack(*columns, dim=-1).reshape(shape)  # type: ignore[no-any-return] # a tensor


def hessian(func: Callable[..., Any], argnums: Any = 0) -> Callable[..., Any]:
    """Returns the function that gives the second derivatives of `func`, from those of its gradient."""
    return jacfwd(jacrev(func, argnums), argnums)


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """Returns the value of `func` at the primals, and the linear map from tangents to its derivative."""
    line = _Linear(func, primals, None, strict=False, has_aux=False)

    def along(*tangents: Any) -> Any:
        _check_tangents(primals, tangents)
        return line.along(leaves(tangents))

    return line.value, along
