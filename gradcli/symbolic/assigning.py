"""Records evaluated as assignments: cost follows the elements that variables reach, not the tensors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diagnostics import LimitFault
from gradcli.ops.algebra import Algebra
from gradcli.ops.record import NO_PARAMS, Params, Record
from gradcli.symbolic.algebra import agree, as_tuple, imaged, missing
from gradcli.symbolic.assignments import Assignments, Leaf
from gradcli.symbolic.element import AssignedArray, Element, simple
from gradcli.symbolic.elementwise import Formulas
from gradcli.symbolic.linear import LinearMaps, carried
from gradcli.symbolic.noise import Noise
from gradcli.symbolic.scalar import DecidedNames, Scalar
from gradcli.symbolic.selection import selected, tied

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradcli.symbolic.noise import Copies

__all__ = ["AssigningAlgebra"]

RELATIONS = frozenset(("lt", "le", "gt", "ge", "eq", "ne"))


class AssigningAlgebra(Algebra):
    """Records on arrays of numbers, of which some elements are written down as assignments.

    The number of an element is what NumPy's form gives; it decides branches, order and rounding.

    Args:
        limit: past so many assigned elements in one array the algebra gives up.
        dense: whether every element of floats is assigned: then nothing at all is rounded to float64.
        deadline: on the clock of `time.monotonic`.
    """

    def __init__(self, limit: int = 10_000, *, dense: bool = False, deadline: float = float("inf")) -> None:
        self.limit = limit
        self.dense = dense
        self.assignments = Assignments(deadline)
        self.names = DecidedNames()
        self.pi, self.e = self.names.pi, self.names.E
        self.ties = 0
        self.spread = 0  # the number of elements that was over the limit
        self.mirrored: list[tuple[int, int]] = []  # assignments that can move only together
        self._noise = Noise()
        self._formulas = Formulas(self)
        self._maps = LinearMaps(self)

    def variable(self, values: Any, positions: Iterable[int] | None = None) -> AssignedArray:
        """An array whose elements at flat `positions` (None: all) are differentiated for.

        Raises:
            LimitFault: more of them than the limit.
        """
        number = np.array(values, dtype=np.float64)
        where = list(range(number.size) if positions is None else positions)
        self.check(len(where))
        found = {index: self.assignments.variable(float(number.flat[index])) for index in where}
        return self.made(number, found)

    def array(self, values: Any, like: Any = None) -> AssignedArray:  # noqa: ARG002 - numbers are float64
        """Plain numbers as an array; they are exact."""
        plain = np.asarray(values)
        return self.made(plain if plain.dtype.kind in "biu" else plain.astype(np.float64))

    def made(
        self, number: Any, entries: dict[int, int] | None = None, copies: Copies | None = None
    ) -> AssignedArray:
        """An array; a dense algebra assigns all its floats."""
        found = AssignedArray(self, number, entries, copies)
        if self.dense and number.dtype.kind == "f":
            self.check(number.size)
            found.entries = {index: found.entry(index) for index in range(number.size)}
        return found

    def zeros_like(self, x: AssignedArray) -> AssignedArray:
        """Zeros of the shape of x."""
        return self.array(np.zeros(x.shape))

    def zeros(self, shape: tuple[int, ...], like: Any = None) -> AssignedArray:  # noqa: ARG002 - as in array
        """Zeros of a shape."""
        return self.array(np.zeros(shape))

    def eps(self, x: Any) -> float:  # noqa: ARG002 - numbers are float64
        """That of float64."""
        return float(np.finfo(np.float64).eps)

    def log_number(self, value: Any) -> Any:
        """The logarithm of a parameter, exact above zero."""
        return self.names.log(self.names.nsimplify(value)) if value > 0 else super().log_number(value)

    def tie(self) -> None:
        """Told of a decision that a variable takes part in, between equal numbers."""
        self.ties += 1

    def leaf(self, entry: int) -> float | None:
        """The value of an exact constant among the assignments; None for all others."""
        found = self.assignments.entries[entry]
        return found.value if found.__class__ is Leaf and not self.assignments.active[entry] else None

    def check(self, count: int) -> None:
        """Returns if so many elements may be assigned.

        Raises:
            LimitFault: more than the limit.
        """
        if count > self.limit:
            self.spread = count
            raise LimitFault(
                "E605",
                f"{count} elements are symbolic, more than the limit of {self.limit}",
                help="give symbols to a sample of the elements, or leave these to the other witnesses",
            )

    def apply(self, record: Record, values: Sequence[Any], params: Params = NO_PARAMS) -> Any:
        """The record on assigned arrays, scalars (such as `m.pi`) and Python numbers.

        Raises:
            LimitFault: more assigned elements than the limit, or no time left.
            NotImplementedFault: the record has no symbolic form.
        """
        if record.kind == "composite":
            assert record.front is not None  # noqa: S101 - for the type checker
            return record.front(self, *values, **params)
        self.assignments.look_at_the_clock()
        operands: list[Any] = [x if isinstance(x, (AssignedArray, Scalar)) else self.array(x) for x in values]
        if record.name == "cast" and params["dtype"].kind == "f" and operands[0].number.dtype.kind == "f":
            return operands[0]
        with np.errstate(all="ignore"):
            outs = self.numeric(record, operands, params)
        found: Sequence[Any] = outs
        if all(out.dtype.kind != "f" for out in outs):
            self._note_ties(record, operands, outs)
        elif self.dense or any(isinstance(x, Scalar) or x.entries for x in operands):
            found = self._assigned(record, operands, outs, params)
        for out in found:
            self._settle(out)
        return found[0] if len(found) == 1 else tuple(found)

    def _settle(self, out: Any) -> None:
        """Lets go of copies that nobody will ask for."""
        if isinstance(out, Scalar) or out.copies is None:
            return
        if len(out.entries) == out.number.size:
            out.copies = None
        else:
            out.copies.settle()

    def numeric(self, record: Record, operands: Sequence[Any], params: Params) -> list[AssignedArray]:
        """The outputs as numbers, with their copies, by the NumPy form."""
        assert record.numpy is not None  # noqa: S101 - for the type checker

        def run(plain: list[Any]) -> list[Any]:
            found = record.numpy(*plain, **params)  # type: ignore[misc] # checked above
            return [np.asarray(x) for x in (found if isinstance(found, (tuple, list)) else (found,))]

        plain = [np.float64(x.number) if isinstance(x, Scalar) else x.number for x in operands]
        numbers = [x.astype(np.float64) if x.dtype == np.float32 else x for x in run(plain)]
        if self.dense:
            return [AssignedArray(self, number) for number in numbers]
        pairs = [(x, getattr(y, "copies", None)) for x, y in zip(plain, operands, strict=True)]
        copies = self._noise.copies(record, pairs, numbers, run)
        return [AssignedArray(self, *row) for row in zip(numbers, [None] * len(numbers), copies, strict=True)]

    def _assigned(
        self, record: Record, operands: list[Any], outs: list[AssignedArray], params: Params
    ) -> Sequence[Any]:
        """The outputs with what variables reach in them."""
        if record.kind != "elementwise" and not any(
            isinstance(x, Scalar) or x.dtype.kind == "f" for x in operands
        ):
            return [self._of_discrete(out) for out in outs]
        if record.sympy is None and record.definition is not None:
            return self._by_definition(record, operands, outs, params)
        if record.kind == "elementwise":
            return [self._formulas.applied(record, operands, outs[0], params)]
        if record.kind == "linear" and record.sympy is None:
            return self._maps.applied(record, operands, outs, params)
        return self._selected(record, operands, outs, params) or self._general(record, operands, outs, params)

    def _selected(
        self, record: Record, operands: list[Any], outs: list[AssignedArray], params: Params
    ) -> Sequence[AssignedArray] | None:
        """Results that are elements of the argument; None where they are not."""
        (x, *more) = operands
        if more or isinstance(x, Scalar):
            return None
        numbers = [out.number for out in outs]
        picked = selected(record, x.number, numbers, params)
        if picked is None:
            return None
        moving = [at for at, entry in x.entries.items() if self.assignments.active[entry]]
        self.ties += tied(record, x.number, numbers, params, moving)
        for out, index in zip(outs, picked, strict=True):
            if index is not None:
                out.entries = carried(self, x.entries, x.number.size, index)
        return outs

    def _of_discrete(self, out: AssignedArray) -> AssignedArray:
        """A dense algebra's array of floats made of whole numbers or masks: exact where it is whole."""
        if out.dtype.kind == "f":
            values = out.number.ravel().tolist()
            out.entries = {
                at: self.assignments.number(value)
                if not np.isfinite(value) or value.is_integer()
                else self.assignments.rounded(
                    (value, *(np.nextafter(value, end) for end in (-np.inf, np.inf)))
                )
                for at, value in enumerate(values)
            }
        return out

    def _note_ties(self, record: Record, operands: Sequence[Any], outs: Sequence[Any]) -> None:
        """Comparisons of equal numbers, one of which a variable reaches."""
        if record.name not in RELATIONS:
            return
        shape = outs[0].shape
        a, b = (np.broadcast_to(x.number, shape) for x in operands)
        reached = np.zeros(shape, bool)
        for x in operands:
            if isinstance(x, AssignedArray) and x.entries:
                mask = np.zeros(x.number.size, bool)
                mask[[index for index, entry in x.entries.items() if self.assignments.active[entry]]] = True
                reached |= mask.reshape(x.shape)
        self.ties += int(np.count_nonzero(reached & (a == b)))

    def _by_definition(
        self, record: Record, operands: list[Any], outs: list[AssignedArray], params: Params
    ) -> Sequence[AssignedArray]:
        """The plain formula, whose numbers may overflow where the stable form's do not.

        Then every element takes part as an assignment, at the cost of the whole array.
        """
        assert record.definition is not None  # noqa: S101 - for the type checker
        found = as_tuple(record.definition(self, *operands, **params))
        if not self.dense and not all(agree(x, out.number) for x, out in zip(found, outs, strict=True)):
            full = [self._full(x) for x in operands]
            found = as_tuple(record.definition(self, *full, **params))
        for x, out in zip(found, outs, strict=True):
            out.entries = x.entries
        return outs

    def _full(self, x: Any) -> Any:
        """An array all of whose elements are assigned."""
        if isinstance(x, Scalar) or x.dtype.kind != "f":
            return x
        self.check(x.number.size)
        return AssignedArray(self, x.number, {i: x.entry(i) for i in range(x.number.size)}, x.copies)

    def _general(
        self, record: Record, operands: list[Any], outs: list[AssignedArray], params: Params
    ) -> Sequence[AssignedArray]:
        """The `sympy=` or NumPy form on object arrays of elements."""
        for x in operands:
            self.check(0 if isinstance(x, Scalar) else x.number.size)
        dense = [
            x if isinstance(x, Scalar) else x.number if x.dtype.kind != "f" else x.elements()
            for x in operands
        ]
        function = record.numpy if record.sympy is None else self.form(record)
        for out, image in zip(outs, imaged(record, function, dense, params), strict=True):
            self._collect(out, image)
        return outs

    def _collect(self, out: AssignedArray, image: Any) -> None:
        """Puts the elements of an object array in their places."""
        if out.dtype.kind != "f":
            return
        for at, element in enumerate(np.asarray(image, dtype=object).ravel().tolist()):
            if isinstance(element, Element):
                if self.dense or self.assignments.active[element.entry]:
                    out.entries[at] = element.entry
            elif self.dense:
                out.entries[at] = self.assignments.number(float(element))
        self.check(len(out.entries))

    def form(self, record: Record) -> Any:
        """The record's `sympy=` form.

        Raises:
            NotImplementedFault: it has none.
        """
        if record.sympy is None:
            raise missing(record)
        if isinstance(record.sympy, str):
            return getattr(self.names, record.sympy)
        return partial(record.sympy, self.names)

    def embedded(self, entry: int) -> float | None:
        """The value of an exact constant that a formula may hold; None for what takes a place in it."""
        found = self.leaf(entry)
        return found if found is not None and simple(found) else None
