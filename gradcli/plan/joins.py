"""Steps that only put their arguments into places of their result: cat, and parts among zeros.

An argument that lies in its place from the beginning need not be copied there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.ops.layout import along
from gradcli.plan.bound_parts import PLACED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gradcli.plan.storages import Place
    from gradcli.plan.trace import Step

__all__ = ["Join", "move_in", "places_of_parts"]


class Join(NamedTuple):
    """A step, and by argument where that belongs in its result."""

    step: Step
    parts: Sequence[Place]


def places_of_parts(step: Step, values: Mapping[int, Any]) -> Sequence[Any] | None:
    """Returns by argument the index of its place in the result; None for a step that is no join.

    Args:
        step: any.
        values: by number something with a shape and a dtype.
    """
    if step.record is not PLACED and step.record.name != "cat":
        return None
    parts = [values[number] for number in step.arguments]
    # A cast is no copy, and an empty vector joins anything.
    if len({(part.dtype, part.ndim) for part in parts}) > 1:
        return None
    if step.record is PLACED:
        places: Sequence[Any] = step.params["places"]
        return places
    dim = step.params["dim"]
    found, end = [], 0
    for part in parts:
        start, end = end, end + part.shape[dim]
        found.append(along(dim, slice(start, end)))
    return found


def move_in(joins: Iterable[Join], at: Mapping[int, Place]) -> None:
    """Gives the storages of arguments their homes: in the first join of each, which copies to the others.

    Args:
        joins: the last of a trace first, so that each has its own home before its parts get theirs.
        at: by number the place of a value.
    """
    for join in joins:
        for argument, part in zip(join.step.arguments, join.parts, strict=True):
            storage, home = at[argument].storage, part.storage.home
            if _fits(at[argument], part, join.step):
                storage.home, storage.start = home, part.storage.start + part.offset
                home.lasting |= storage.lasting


def _fits(argument: Place, part: Place, step: Step) -> bool:
    """Whether an argument may be computed where it belongs."""
    storage, home = argument.storage, part.storage.home
    if storage.address:
        return False  # it is somewhere else
    if home.shared and storage.lasting:
        return False  # what is not written again would be lost where the caller may write
    if home.shared and step.record is PLACED:
        return False  # the zeros are written again when the parts are there already
    alone = storage.form.layouts == (argument.layout,) and not argument.offset
    return alone and argument.layout == part.layout  # so there are no gaps
