"""torch.autograd.forward_ad: tangents carried beside values, by hand."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import Any, Self

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.forward import tangent_of
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.ops.named import Named
from gradcli.ops.shapes import size_text

__all__ = [
    "UnpackedDualTensor",
    "dual_level",
    "enter_dual_level",
    "exit_dual_level",
    "make_dual",
    "unpack_dual",
]

OUTSIDE = (
    "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() "
    "first."
)
NESTED = (
    "Nested forward mode AD is not supported at the moment. If you would like this feature, please file an "
    "issue on GitHub."
)


class UnpackedDualTensor(Named):
    """A value and its tangent (None where it has none), as `primal` and `tangent`."""

    def __new__(cls, primal: Tensor, tangent: Tensor | None) -> Self:
        """Both under their names."""
        return super().__new__(cls, "UnpackedDualTensor", ("primal", "tangent"), (primal, tangent))  # type: ignore[return-value] # of this class

    @property
    def primal(self) -> Tensor:
        """The value."""
        return self[0]  # type: ignore[no-any-return] # a tensor

    @property
    def tangent(self) -> Tensor | None:
        """The tangent."""
        return self[1]  # type: ignore[no-any-return] # a tensor or None

    def __repr__(self) -> str:
        return f"UnpackedDualTensor(primal={self[0]!r}, tangent={self[1]!r})"


def enter_dual_level() -> int:
    """Starts forward mode.

    Raises:
        RuntimeFault: it is on already.
    """
    if context.dual:
        raise RuntimeFault("E408", NESTED, help="torch.func.jvp nests")
    context.dual = True
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """Ends forward mode."""
    del level
    context.dual = False


class dual_level:  # noqa: N801 - PyTorch's name
    """Forward mode inside a `with` block."""

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *error: object) -> None:
        exit_dual_level()


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """Returns a view of the tensor that carries a tangent.

    Raises:
        RuntimeFault: forward mode is off, or the shapes differ.
        ValueFault: the tensor is not of floating dtype.
    """
    del level
    if not context.dual:
        raise RuntimeFault("E408", OUTSIDE, help="write it inside `with dual_level():`")
    for value, name in ((tensor, "primal"), (tangent, "tangent")):
        if not isinstance(value, Tensor) or value._array.dtype.kind != "f":
            kind = value.dtype if isinstance(value, Tensor) else type(value)
            raise ValueFault("E408", f"Expected {name} to be floating point or complex, but got: {kind}")
    if tensor.shape != tangent.shape:
        raise RuntimeFault(
            "E408",
            "Trying to set a forward gradient that has a different size than that of the original Tensor, "
            f"this is not supported. Tensor is of size {size_text(tensor.shape)} while the given forward "
            f"gradient is of size {size_text(tangent.shape)}.",
        )
    context.dual = False
    try:
        dual: Tensor = TENSORS.view_as_self(tensor)
    finally:
        context.dual = True
    dual._tangent = tangent
    return dual


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """Returns the value of a tensor and its tangent."""
    del level
    if not context.dual:
        return UnpackedDualTensor(tensor, None)
    tangent = tangent_of(tensor)
    context.dual = False
    try:
        primal: Any = TENSORS.view_as_self(tensor)
    finally:
        context.dual = True
    return UnpackedDualTensor(primal, tangent)
