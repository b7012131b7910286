"""Fields that few tensors have, kept apart: a program makes many tensors, and each is small without them."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcli.autograd.tensor import Tensor

__all__ = ["USUAL", "Rare", "own", "rare"]


class Rare:
    """What is set of these fields for one tensor; of the others it has what all tensors begin with.

    Attributes:
        grad: the accumulated gradient.
        accumulator: a weak reference to its AccumulateGrad.
        retained: it keeps its gradient though it is no leaf.
        tangent: in forward mode.
        view: the operations that lead from the base to a view, each with what was before it.
        view_version: the count of changes that the view's node knows of.
        origin: where a view was made that must not be changed in place.
    """

    grad: Tensor | None = None
    accumulator: Any = None
    retained = False
    tangent: Any = None
    view: Any = None
    view_version: int | None = None
    origin: str | None = None


USUAL = Rare()  # of all tensors for which none was set


def own(tensor: Tensor) -> Rare:
    """Returns the fields of a tensor, to be set."""
    fields = tensor._rare  # noqa: SLF001 - a part of Tensor
    if fields is USUAL:
        fields = tensor._rare = Rare()  # noqa: SLF001 - as above
    return fields


def rare(name: str) -> Any:
    """Returns the property of a tensor that is one of these fields."""

    def put(tensor: Tensor, value: Any) -> None:
        setattr(own(tensor), name, value)

    return property(attrgetter(f"_rare.{name}"), put)
