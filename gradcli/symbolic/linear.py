"""Linear records as assignments: combinations of what reaches each element of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.symbolic.element import AssignedArray
from gradcli.symbolic.noise import Copies
from gradcli.symbolic.scalar import Scalar
from gradcli.symbolic.structure import destinations, products, sources

if TYPE_CHECKING:
    from gradcli.ops.record import Params, Record
    from gradcli.symbolic.assigning import AssigningAlgebra

__all__ = ["LinearMaps", "carried"]

DYADIC = 2**20  # weights that are multiples of 1/DYADIC are taken to be exact, others to be rounded
Terms = list[dict[int, list[tuple[int | None, int]]]]  # per output: flat index -> (factor, value) each


class LinearMaps:
    """Applies linear records for an algebra."""

    def __init__(self, algebra: AssigningAlgebra) -> None:
        self._algebra = algebra

    def applied(
        self, record: Record, operands: list[Any], outs: list[AssignedArray], params: Params
    ) -> list[AssignedArray]:
        """The outputs with their assigned elements."""
        operands = [self._valued(record, i, x) for i, x in enumerate(operands)]
        if self._moved(record, operands, outs, params):
            return outs
        divisor = 1
        if record.name == "mean_dims":
            divisor = operands[0].number.size // max(1, outs[0].number.size)
        terms: Terms = [{} for _ in outs]
        for position, x in enumerate(operands):
            if x.entries:
                self._reach(record, operands, position, terms, params)
        self._combine(record, operands, outs, terms, params, divisor)
        return outs

    def _valued(self, record: Record, position: int, x: Any) -> AssignedArray:
        """An operand; whole numbers that the map moves beside floats are floats, and exact."""
        algebra = self._algebra
        if isinstance(x, Scalar):
            return algebra.array(x.number)
        found: AssignedArray = x
        if x.dtype.kind in "iu" and record.argument(position) not in record.discrete:
            found = algebra.made(x.number.astype(np.float64))
        return found

    def _moved(self, record: Record, operands: list[Any], outs: list[AssignedArray], params: Params) -> bool:
        """Whether the map only moves elements; then the assignments have been moved along."""
        floats = [i for i, x in enumerate(operands) if _is_value(record, i, x)]

        def run(parts: list[Any]) -> list[Any]:
            full = [x.number for x in operands]
            for i, part in zip(floats, parts, strict=True):
                full[i] = part
            found = record.numpy(*full, **params)  # type: ignore[misc] # linear records have one
            return list(found) if isinstance(found, (tuple, list)) else [found]

        moved = sources(record, [operands[i].shape for i in floats], run)
        if moved is None:
            return False
        entries: dict[int, int] = {}
        start = 0
        for i in floats:
            entries.update((start + index, entry) for index, entry in operands[i].entries.items())
            start += operands[i].number.size
        for out, index in zip(outs, moved, strict=True):
            out.entries = carried(self._algebra, entries, start, index)
        return True

    def _reach(
        self, record: Record, operands: list[Any], position: int, terms: Terms, params: Params
    ) -> None:
        """Adds the terms that the assigned elements of one argument have in the outputs."""
        x = operands[position]
        elements = np.array(sorted(x.entries))
        reached = destinations(record, x.shape, params, elements)
        if reached is not None:
            self._algebra.check(len({at for row in reached for at in row.tolist()}))
            for element, row in zip(elements.tolist(), reached, strict=True):
                for at in row.tolist():
                    terms[0].setdefault(at, []).append((None, x.entries[element]))
            return
        pairs = (
            products(record, [y.shape for y in operands], position, elements) if len(operands) > 1 else None
        )
        if pairs is None:
            self._probe(record, operands, position, terms, params)
            return
        self._algebra.check(len({at for row, _ in pairs for at in row.tolist()}))
        other = operands[1 - position]
        for element, (row, beside) in zip(elements.tolist(), pairs, strict=True):
            for at, factor in zip(row.tolist(), beside.tolist(), strict=True):
                if factor in other.entries and position == 1:
                    continue  # the pair has been counted from the other side
                if other.number.flat[factor] or factor in other.entries:
                    terms[0].setdefault(at, []).append((other.entry(factor), x.entries[element]))

    def _probe(
        self, record: Record, operands: list[Any], position: int, terms: Terms, params: Params
    ) -> None:
        """The same by the images of unit vectors."""
        algebra, x = self._algebra, operands[position]
        others = [self._beside(record, position, k, y) for k, y in enumerate(operands)]
        for index, entry in x.entries.items():
            algebra.assignments.look_at_the_clock()
            unit = np.zeros(x.shape)
            unit.flat[index] = 1
            probe = [AssignedArray(algebra, unit) if k == position else y for k, y in enumerate(others)]
            if any(y.entries for y in probe):
                found = algebra.apply(record, probe, params)
                images = list(found) if isinstance(found, tuple) else [found]
            else:
                images = algebra.numeric(record, probe, params)
            for collected, image in zip(terms, images, strict=True):
                for at in sorted(image.entries.keys() | set(np.flatnonzero(image.number).tolist())):
                    if at in image.entries and algebra.leaf(image.entries[at]) == 0:
                        continue
                    collected.setdefault(at, []).append((self._weight(record, image, at), entry))
        algebra.check(max(map(len, terms)))

    def _beside(self, record: Record, position: int, k: int, y: AssignedArray) -> AssignedArray:
        """What stands in argument k while another is probed: an assigned element counts in one pair only."""
        if not _is_value(record, k, y):
            return y
        if not record.multilinear:
            return AssignedArray(self._algebra, np.zeros(y.shape))
        return y if k > position else self._rest(y)

    def _weight(self, record: Record, image: AssignedArray, at: int) -> int | None:
        """A coefficient; one that the map itself had to round is taken to be off by half an ulp."""
        if at in image.entries:
            return image.entries[at]
        value = float(image.number.flat[at])
        if value == 1:
            return None
        if record.multilinear or (value * DYADIC).is_integer():
            return self._algebra.assignments.number(value) if image.copies is None else image.entry(at)
        ulp = float(np.spacing(value))
        return self._algebra.assignments.rounded((value, value + ulp, value - ulp))

    def _rest(self, x: AssignedArray) -> AssignedArray:
        """The array with zeros in the assigned places."""
        if not x.entries:
            return x
        places = list(x.entries)

        def cleared(part: Any) -> Any:
            part = np.array(part)
            part.flat[places] = 0
            return part

        held = x.copies
        copies = None
        if held is not None:
            copies = Copies(lambda: tuple(map(cleared, held.arrays())), held.depth + 1)
        return AssignedArray(self._algebra, cleared(x.number), None, copies)

    def _combine(  # noqa: PLR0913 - one call site
        self, record: Record, operands: list[Any], outs: list[AssignedArray], terms: Terms, params: Params,
        divisor: int,
    ) -> None:  # fmt: skip
        """Adds up the terms of each element and what no variable reaches."""
        algebra = self._algebra
        rest = [self._rest(x) if _is_value(record, i, x) else x for i, x in enumerate(operands)]
        plain = any(len(x.entries) < x.number.size for i, x in enumerate(operands) if _is_value(record, i, x))
        bases = algebra.numeric(record, rest, params) if plain else None
        for i, (out, found) in enumerate(zip(outs, terms, strict=True)):
            places = range(out.number.size) if algebra.dense else sorted(found)
            for at in places:
                base = bases[i].entry(at) if bases is not None and bases[i].number.flat[at] else None
                row = list(found.get(at, ()))
                if base is not None and divisor != 1:  # the numbers' part is a mean already
                    row.append((algebra.assignments.number(float(divisor)), base))
                    base = None
                if row or base is not None:
                    out.entries[at] = algebra.assignments.combine(row, base, divisor)
                else:
                    out.entries[at] = algebra.assignments.number(0.0)


def carried(algebra: AssigningAlgebra, entries: dict[int, int], size: int, index: Any) -> dict[int, int]:
    """Returns the assignments of elements that were moved.

    Args:
        algebra: whose assignments.
        entries: those of the `size` elements before.
        size: how many there were.
        index: per element now, which it was; -1 for a zero.
    """
    marked = np.zeros(size + 1, bool)
    marked[list(entries)] = True
    found = np.flatnonzero(marked[index])
    algebra.check(len(found))
    moved = {at: entries[source] for at, source in zip(found.tolist(), index[found].tolist(), strict=True)}
    if not algebra.dense:
        return moved
    zero = algebra.assignments.number(0.0)
    return {at: moved.get(at, zero) for at in range(len(index))}


def _is_value(record: Record, position: int, x: Any) -> bool:
    """Whether an argument is one that the map is linear in."""
    return x.dtype.kind == "f" and record.argument(position) not in record.discrete
