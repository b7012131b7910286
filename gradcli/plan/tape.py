"""A tape: listens to the operations on tensors and writes them down as a trace.

In-place changes become new values: the tensor's name moves to another number. A change through a view
gives its base a new value (`where(the view's part, what was written, the old value)`), and other views of
that base are taken anew when they are next read.
"""

# ruff: noqa: SLF001 - Tensor's fields are read, as by everything beneath the graph

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.context import context
from gradcli.autograd.listener import Listener
from gradcli.autograd.tensor import Tensor
from gradcli.ops.algebra import NUMPY
from gradcli.ops.catalog import catalog
from gradcli.ops.dtypes import FLOATS
from gradcli.ops.rules import Facts, backward_rule
from gradcli.plan.trace import Literal, Step, Trace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradcli.ops.record import Params, Record

__all__ = ["Tape", "taped"]


class Tape(Listener):
    """What happened to tensors since it was installed."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._constants: dict[int, Any] = {}
        self._inputs: list[int] = []
        self._computed: set[int] = set()  # those of the inputs that steps lead to
        self._numbers: dict[int, int] = {}  # id(tensor) -> number
        self._alive: list[Tensor] = []  # so that no id is used twice
        self._count = 0
        self._versions: dict[int, int] = {}  # id(base) -> how often it was changed on the tape
        self._seen: dict[int, int] = {}  # id(view) -> the version of its base that its number shows
        self._shared: dict[int, list[int]] = {}  # id(base) -> constants that share its memory
        self._made: dict[tuple[Any, int], int] = {}  # (node, output) -> number
        self._disclosed: list[int] = []
        self._values: dict[int, Any] = {}  # what is known of them by number, but by tensors

    def input(self, tensor: Tensor) -> None:
        """Notes a variable of the trace: any time, as long as it was not changed in place.

        What led to a computed one is no part of the trace then: it is taken as independent.
        """
        number = self.number(tensor)
        if self._constants.pop(number, None) is None:
            self._computed.add(number)
        self._inputs.append(number)

    def step(self, record: Record, values: Sequence[Any], params: Params, outs: Sequence[Tensor]) -> None:
        """Told of an operation by `apply`."""
        arguments = tuple(
            [self.number(value) if isinstance(value, Tensor) else Literal(value) for value in values]
        )
        if record.promote == "float" and any(
            isinstance(value, Tensor) and value._array.dtype not in FLOATS for value in values
        ):
            arguments = self._floats(record, values, arguments)
        first = self._count
        # One output with a history is enough: indices beside values have none, and backward asks for them.
        node = next((out._edge[0] for out in outs if out._edge is not None), None)
        for place, out in enumerate(outs):
            number = self._name(out)
            if node is not None:
                self._made[node, place] = number
        self._note(record, arguments, params, first)

    def write(
        self, record: Record, arguments: tuple[Any, ...], params: Params, arrays: Sequence[Any]
    ) -> tuple[int, ...]:
        """Notes an operation that no tensor took part in; returns the numbers of its results."""
        first = self._count
        for array in arrays:
            self._values[self._count] = array
            self._count += 1
        return self._note(record, arguments, params, first)

    def _note(
        self, record: Record, arguments: tuple[Any, ...], params: Params, first: int
    ) -> tuple[int, ...]:
        """Adds a step that gave the values from a number on."""
        results = tuple(range(first, self._count))
        self._steps.append(Step(record, arguments, params, results, context.span, context.grad_enabled))
        return results

    def know(self, tensor: Tensor, number: int) -> None:
        """Notes that a new tensor has the value of a number."""
        self._numbers[id(tensor)] = number
        self._alive.append(tensor)

    def made(self, node: Any, output: int) -> int | None:
        """Returns the number of a node's result, as it was made; None for what was made off the tape."""
        return self._made.get((node, output))

    def _floats(self, record: Record, values: Sequence[Any], arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments with integers cast where all are (1 / int64 differs), and booleans beside floats."""
        moved = [
            i
            for i, value in enumerate(values)
            if isinstance(value, Tensor) and record.argument(i) not in record.discrete
        ]
        floats = [values[i]._array.dtype for i in moved if values[i]._array.dtype.kind == "f"]
        # Beside floats integers may stay as they are; booleans have no sign for the rules to change.
        cast = [i for i in moved if not floats or values[i]._array.dtype.kind == "b"]
        dtype = floats[0] if floats else context.default_dtype
        return tuple(self._cast(number, dtype) if i in cast else number for i, number in enumerate(arguments))

    def alias(self, new: Tensor, old: Tensor) -> None:
        """Told of a tensor with another's values but not its history (`detach`, `.data`)."""
        self.copied(new, old)

    def copied(self, new: Tensor, old: Tensor) -> None:
        """Told of a copy that no operation made."""
        # The old one may be new to the tape and become a variable later.
        identity = catalog()["clone"]
        step = Step(identity, (self.number(old),), {}, (self._name(new),), context.span, False)
        self._steps.append(step)

    def disclose(self, tensor: Tensor) -> None:
        """Told that the elements of a tensor became plain numbers, which may decide what the program does."""
        self._disclosed.append(self.number(tensor))

    def is_fixed(self) -> bool:
        """Returns whether nothing that depends on the variables became plain numbers."""
        found = Trace(tuple(self._inputs), {}, tuple(self._steps), ())
        return not self._disclosed or found.dependent().isdisjoint(self._disclosed)

    def values(self, trace: Trace) -> dict[int, Any] | None:
        """Returns arrays by number, among them all of a trace's; None where some are not known."""
        if self._versions:
            return None
        numbers, found = self._numbers, self._values.copy()
        for tensor in self._alive:
            found[numbers[id(tensor)]] = tensor._array
        wanted = {*trace.inputs, *trace.constants}
        for step in trace.steps:
            wanted.update(step.results)
        return found if found.keys() >= wanted else None

    def mark(self) -> int:
        """Returns a place on the tape, for `adopt`."""
        return len(self._steps)

    def adopt(self, mark: int) -> None:
        """Makes the steps since a mark tracked: what runs inside a Function, its backward stands for."""
        self._steps[mark:] = [step._replace(tracked=context.grad_enabled) for step in self._steps[mark:]]

    def overwrite(self, tensor: Tensor, result: Tensor) -> None:
        """Told, before it happens, that a tensor takes the values of another of its shape."""
        base = tensor if tensor._base is None else tensor._base
        number = self.number(result)
        if tensor._base is not None:
            number = self._written_through(base, tensor, result)
        elif result._array.dtype != tensor._array.dtype:
            number = self._cast(number, tensor._array.dtype)
        for shared in self._shared.pop(id(base), ()):
            self._constants[shared] = np.array(self._constants[shared])
        self.number(base)  # it may be new to the tape; then its old values stay a constant
        self._numbers[id(base)] = number
        self._versions[id(base)] = self._versions.get(id(base), 0) + 1

    def trace(self, outputs: Sequence[Tensor]) -> Trace:
        """Returns what led to the outputs."""
        found = tuple(self.number(output) for output in outputs)
        steps = self._steps
        if self._computed:
            inputs = self._computed
            steps = [s if inputs.isdisjoint(s.results) else self._detached(s, inputs) for s in steps]
        return Trace(tuple(self._inputs), self._constants, tuple(steps), found).pruned()

    def _detached(self, step: Step, inputs: set[int]) -> Step:
        """A step that made a variable, with another number for what it made."""
        self._count += len(step.results)
        fresh = range(self._count - len(step.results), self._count)
        pairs = zip(step.results, fresh, strict=True)
        return step._replace(results=tuple(new if old in inputs else old for old, new in pairs))

    def _name(self, tensor: Tensor) -> int:
        """Gives a tensor the next number."""
        number = self._numbers[id(tensor)] = self._count
        self._count += 1
        self._alive.append(tensor)
        if tensor._base is not None and self._versions:
            self._seen[id(tensor)] = self._versions.get(id(tensor._base), 0)
        return number

    def number(self, tensor: Tensor) -> int:
        """Returns the number of a tensor's present value; one that is new to the tape is a constant."""
        base = tensor._base
        known = self._numbers.get(id(tensor))
        if known is not None and (base is None or not self._versions):
            return known
        if base is not None and self._versions.get(id(base), 0) != self._seen.get(id(tensor), 0):
            return self._viewed_again(base, tensor)
        if known is not None:
            return known
        # A recorded backward pass makes saved results anew, as other tensors on the same node.
        made = None if base is not None or tensor._edge is None else self._made.get(tensor._edge)
        if made is not None:
            return made
        if base is not None and id(base) in self._numbers:
            return self._viewed_again(base, tensor)
        number = self._name(tensor)
        self._constants[number] = tensor._array
        self._shared.setdefault(id(tensor if base is None else base), []).append(number)
        return number

    def _viewed_again(self, base: Tensor, view: Tensor) -> int:
        """The number of a view of a base that was changed since, or that is on the tape where it is not."""
        number, array = self.number(base), base._array
        for record, params, output in _links(view._view):
            shown = _shown(record, params, array)
            results = tuple(range(self._count, self._count + len(shown)))
            self._count += len(shown)
            self._steps.append(Step(record, (number,), params, results, context.span))
            number, array = results[output], shown[output]
        if id(view) not in self._numbers:
            self._alive.append(view)
        self._numbers[id(view)] = number
        self._seen[id(view)] = self._versions.get(id(base), 0)
        return number

    def _written_through(self, base: Tensor, view: Tensor, part: Tensor) -> int:
        """The number of the base's new value: `part` where the view shows it, the old value elsewhere."""
        mark = self.mark()
        before, context.grad_enabled = context.grad_enabled, False
        try:
            links = list(_links(view._view))
            mask = _spread(NUMPY, base._array, links, np.ones(view._array.shape)) != 0
            spread = _spread(TENSORS, base._array, links, TENSORS.cast(part, dtype=view._array.dtype))
            old = Tensor(base._array)
            self._numbers[id(old)] = self.number(base)
            self._alive.append(old)
            new = TENSORS.where(Tensor(np.asarray(mask)), spread, old)
        finally:
            context.grad_enabled = before
        self.adopt(mark)
        return self.number(new)

    def _cast(self, number: int, dtype: Any) -> int:
        self._steps.append(Step(catalog()["cast"], (number,), {"dtype": dtype}, (self._count,), context.span))
        self._count += 1
        return self._count - 1


def _links(chain: Any) -> Iterator[tuple[Record, Params, int]]:
    """The views that lead from a base to a view, in order."""
    found: list[Any] = []
    while chain is not None:
        chain, *link = chain
        found.append(tuple(link))
    yield from reversed(found)


def _shown(record: Record, params: Params, array: Any) -> Sequence[Any]:
    """What a view shows of an array, per output."""
    found = record.numpy(array, **params)  # type: ignore[misc] # views have one
    return found if isinstance(found, (tuple, list)) else (found,)


def _spread(m: Any, base: Any, links: Sequence[tuple[Record, Params, int]], part: Any) -> Any:
    """A part back in the place of its base that the views show, zeros elsewhere."""
    arrays = [base]
    outputs = []
    for record, params, output in links:
        several = _shown(record, params, arrays[-1])
        outputs.append(several)
        arrays.append(several[output])
    for (record, params, output), array, several in zip(
        reversed(links), reversed(arrays[:-1]), reversed(outputs), strict=True
    ):
        rule = backward_rule(record, 1, 1)
        facts = Facts(params, [array.shape], [one.shape for one in several])
        filled = [part if i == output else m.zeros(one.shape, one) for i, one in enumerate(several)]
        part = rule.pulls[0](m, filled[0] if len(filled) == 1 else tuple(filled), [], facts)
    return part


@contextmanager
def taped(tape: Listener | None = None) -> Iterator[Any]:
    """Installs a tape (None: a new one), or another listener; inside, it hears every operation on tensors."""
    before = context.tape
    tape = context.tape = Tape() if tape is None else tape
    try:
        yield tape
    finally:
        context.tape = before
