"""Which axes of the leaves a term runs along, so that a count is known for what it counts.

The number 4 in the gradient of a mean is the number of elements of x: the axes of a mean's argument are
followed back to those of the leaves, and two axes that an operation lays over each other are one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.explorer.diff.terms import Term

__all__ = ["Atoms", "Axes", "Origin"]

Atoms = tuple[tuple[str, int], ...]  # axes of leaves, by name and position
Origin = Atoms | None


class Axes:
    """The axes of the leaves, and which of them are one."""

    def __init__(self) -> None:
        self.sizes: dict[tuple[str, int], int] = {}
        self._same: dict[tuple[str, int], tuple[str, int]] = {}

    def leaf(self, name: str, shape: tuple[int, ...]) -> tuple[Origin, ...]:
        """Returns the axes of a leaf; one of size 1 broadcasts, and stands for no count."""
        for i, size in enumerate(shape):
            self.sizes[name, i] = size
        return tuple(((name, i),) if size != 1 else () for i, size in enumerate(shape))

    def first(self, atom: tuple[str, int]) -> tuple[str, int]:
        """Returns the axis that stands for all that are one with this one."""
        while atom in self._same:
            atom = self._same[atom]
        return atom

    def together(self, terms: list[Term], shape: tuple[int, ...]) -> tuple[Origin, ...]:
        """Returns the axes of what broadcasts several terms over one another."""
        found: list[Origin] = [() if size == 1 else None for size in shape]
        for term in terms:
            lead = len(shape) - term.ndim
            for i, (origin, size) in enumerate(zip(term.axes, term.shape, strict=True), lead):
                if i >= 0 and size != 1 and size == shape[i]:
                    found[i] = self.one(found[i], origin)
        return tuple(found)

    def one(self, left: Origin, right: Origin) -> Origin:
        """Returns the axis that two axes of the same size are from now on."""
        if left is None or right is None:
            return right if left is None else left
        if len(left) == len(right) == 1:
            a, b = self.first(left[0]), self.first(right[0])
            if a != b:
                self._same[max(a, b)] = min(a, b)
            return (min(a, b),)
        return left

    def reshaped(
        self, axes: tuple[Origin, ...], old: tuple[int, ...], new: tuple[int, ...]
    ) -> tuple[Origin, ...]:
        """Returns the axes of what a reshape lays out anew: dims that are merged are counted together."""
        found: list[Origin] = []
        at = 0
        for size in new:
            start, held = at, 1
            while at < len(old) and held < size:
                held *= old[at]
                at += 1
            group = axes[start:at]
            if held != size or any(origin is None for origin in group):
                return (None,) * len(new)
            found.append(tuple(atom for origin in group for atom in origin or ()))
            while at < len(old) and old[at] == 1:
                at += 1
        return tuple(found)

    def counted(self, origins: list[Origin]) -> Atoms | None:
        """Returns the axes that a count is the product of, in order; None where one is not known."""
        if any(origin is None for origin in origins):
            return None
        return tuple(sorted(self.first(atom) for origin in origins for atom in origin or ()))

    def value(self, atoms: Atoms) -> int:
        """Returns the number that a count is at the point."""
        return math.prod(self.sizes[atom] for atom in atoms)
