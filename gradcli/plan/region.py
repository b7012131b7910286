"""Which steps can run tile by tile over one shape, and how each value looks to a tile.

The elements of a shape are taken as rows and columns: its first `split` dims make the rows, the others the
columns. A tile is a few rows. A value has one element per row and column, per row, per column, or one
alone; elementwise steps give what their arguments have together.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.plan.facts import Fact
    from gradcli.plan.trace import Step

__all__ = ["COLUMN", "FULL", "ROW", "SCALAR", "How", "Region"]

SCALAR, COLUMN, ROW, FULL = 0, 1, 2, 3  # bits: one element per column, one per row

# Reductions: how two partial results become one, and whether the sum is divided by the count.
REDUCTIONS: dict[str, tuple[np.ufunc, bool]] = {
    "sum_dims": (np.add, False),
    "mean_dims": (np.add, True),
    "sum_to": (np.add, False),
    "amax": (np.maximum, False),
    "amin": (np.minimum, False),
    "max_all": (np.maximum, False),
    "min_all": (np.minimum, False),
}
# What works on each row alone, where its dims are columns.
ROWWISE = frozenset(("softmax_dims", "log_softmax_dims", "logsumexp", "norm_dims", "var_dims", "std_dims"))


class How(NamedTuple):
    """How a step runs in a tile.

    Attributes:
        what: "elementwise", "rowwise" (the record's own form on some rows), "alias" (the argument seen
            otherwise), or a reduction: "rows" (each row, inside the tile), "all", "columns" (over the tiles).
        kind: of the result.
        bare: the result is one element per row without dims of size 1 for the columns.
        reduce: for reductions the ufunc.
        terms: for a mean how many elements it is of; else 0.
    """

    what: str
    kind: int
    bare: bool = False
    reduce: Any = None
    terms: int = 0

    @property
    def late(self) -> bool:
        """Whether the result is known only when all tiles are done."""
        return self.what in ("all", "columns")


class Region:
    """The steps over one shape.

    Attributes:
        shape: of the values with an element per row and column.
        split: how many dims make the rows; None until something decides, and then all do.
        made: how each value of the region is made, by number.
    """

    def __init__(self, shape: tuple[int, ...], facts: Mapping[int, Fact]) -> None:
        self.shape = shape
        self.split: int | None = None
        self.made: dict[int, How] = {}
        self._facts = facts

    def accept(self, step: Step) -> How | None:
        """Returns how a step runs here; None if it cannot."""
        if len(step.results) != 1:
            return None
        name = step.record.name
        if step.record.kind == "elementwise" or name == "cast":
            return self._elementwise(step)
        if name in REDUCTIONS:
            return self._reduction(step)
        if name in ROWWISE:
            return self._rowwise(step)
        if name == "spread":
            return self._spread(step)
        return None

    def kind_of(self, number: int) -> int | None:
        """Returns how a value that is not made here, or has dims of size 1, looks to a tile."""
        if number in self.made:
            return None if self.made[number].bare else self.made[number].kind
        fact = self._facts[number]
        lead = len(self.shape) - len(fact.shape)
        if lead < 0:
            return None
        varies = [False] * lead + [
            size != 1 and stride != 0 for size, stride in zip(fact.shape, fact.strides, strict=True)
        ]
        if not any(varies):
            return SCALAR
        return self._kind(varies)

    def _kind(self, varies: list[bool]) -> int | None:
        """The kind of a value that differs along some dims."""
        wanted = [size != 1 for size in self.shape]
        if varies == wanted:
            return FULL
        last = len(varies) - 1 - varies[::-1].index(True)
        first = varies.index(True)
        if varies[: last + 1] == wanted[: last + 1] and self._divide(last + 1):
            return ROW
        if varies[first:] == wanted[first:] and self._divide(first):
            return COLUMN
        return None

    def _divide(self, split: int) -> bool:
        """Decides on the rows, if that is still possible or was decided so."""
        if self.split is None:
            self.split = split
        return self.split == split or not any(
            size != 1 for size in self.shape[min(split, self.split) : max(split, self.split)]
        )

    def _is_bare(self, number: int) -> bool:
        """Whether a value has one element per row and nothing for the columns."""
        if number in self.made:
            return self.made[number].bare
        return self.split is not None and self._facts[number].shape == self.shape[: self.split]

    def _elementwise(self, step: Step) -> How | None:
        shape = self._facts[step.results[0]].shape
        numbers = [x for x in step.arguments if x.__class__ is not Literal]
        kinds = [self.kind_of(number) for number in numbers]
        if shape == self.shape or (None not in kinds and len(shape) == len(self.shape)):
            if None in kinds:
                return None
            kind = 0
            for one in kinds:
                kind |= one or 0
            return How("elementwise", kind)
        if self.split is None or shape != self.shape[: self.split]:
            return None
        if all(self._is_bare(n) or math.prod(self._facts[n].shape) == 1 for n in numbers):
            return How("elementwise", ROW, bare=True)
        return None

    def _reduction(self, step: Step) -> How | None:
        (x,) = step.arguments
        before, after = self._facts[x].shape, self._facts[step.results[0]].shape
        if before != self.shape or self.kind_of(x) is None:
            return None
        reduce, mean = REDUCTIONS[step.record.name]
        terms = math.prod(before) // max(math.prod(after), 1) if mean else 0
        rank = len(self.shape)
        if math.prod(after) == 1:
            return How("all", SCALAR, reduce=reduce, terms=terms)
        kept = len(after) == rank
        if step.record.name == "sum_to":
            lead = rank - len(after)
            dims = [i for i in range(rank) if i < lead or (after[i - lead] == 1 and before[i] != 1)]
        else:
            dims = sorted(dim % rank for dim in step.params["dims"])
        if dims == list(range(dims[0], rank)) and self._divide(dims[0]) and self.split == dims[0]:
            kind = ROW if (self.kind_of(x) or 0) & ROW else SCALAR
            return How("rows", kind, bare=not kept, reduce=reduce, terms=terms)
        if dims == list(range(len(dims))) and self._divide(len(dims)):
            return How("columns", COLUMN, reduce=reduce, terms=terms)
        return None

    def _rowwise(self, step: Step) -> How | None:
        (x,) = step.arguments
        rank = len(self.shape)
        dims = step.params["dims"]
        if self._facts[x].shape != self.shape or self.kind_of(x) != FULL or not dims:
            return None
        first = min(dim % rank for dim in dims)
        if not first or not self._divide(first) or self.split != first:
            return None
        after = self._facts[step.results[0]].shape
        if after == self.shape:
            return How("rowwise", FULL)
        if math.prod(after) != math.prod(self.shape[:first]):
            return None
        return How("rowwise", ROW, bare=len(after) != rank)

    def _spread(self, step: Step) -> How | None:
        """A reduction's shape undone: what is repeated is seen by each tile as it is, never laid out."""
        (x,) = step.arguments
        if step.params["shape"] != self.shape:
            return None
        dims = {dim % len(self.shape) for dim in step.params["dims"]}
        if x in self.made and not self.made[x].late:
            kind = self.made[x].kind
            along_columns = self.split is not None and dims == set(range(self.split, len(self.shape)))
            return How("alias", kind) if along_columns and not kind & COLUMN else None
        if math.prod(self._facts[x].shape) == 1:
            return How("alias", SCALAR)
        return None
