"""Where each value of a trace lies, as far as that can be told before there are addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plan.bound_calls import PLACES, view_of
from gradcli.plan.bound_parts import PLACED
from gradcli.plan.joins import Join, move_in, places_of_parts
from gradcli.plan.operands import address_of
from gradcli.plan.storages import Form, Place, Storage
from gradcli.plan.trace import Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.plan.operands import Operands
    from gradcli.plan.trace import Step, Trace

__all__ = ["Places"]

FEW = 2**14  # bytes of a constant that is worth a copy


class Places:
    """The places of the values of a trace.

    Attributes:
        at: by the number of a value its place.
        storages: each behind those that it reads.
        joins: by the numbers of their results, in order.
        own: the outputs in memory that no other output is in.
    """

    def __init__(
        self,
        trace: Trace,
        inputs: Sequence[Any],
        into: Mapping[int, Any],
        values: Mapping[int, Any],
        operands: Operands,
    ) -> None:
        """Places the values.

        Args:
            trace: whose.
            inputs: their arrays, which stay where they are.
            into: arrays for results of steps, by number, which stay too.
            values: by number something with a shape and a dtype.
            operands: where layouts have their numbers.
        """
        self.at: dict[int, Place] = {}
        self.storages: list[Storage] = []
        self.joins: dict[int, Join] = {}
        self._into, self._values, self._operands = into, values, operands
        self._samples: dict[int, Any] = {}  # by layout, an array that lies so, to look at parts and views of
        self._forms: dict[Any, Form] = {}  # by the shapes and dtypes of results
        self._looks: dict[Any, int] = {}
        self._views: dict[Any, tuple[int, int] | None] = {}
        for number, array in (*zip(trace.inputs, inputs, strict=True), *trace.constants.items()):
            self._give(number, array, constant=number in trace.constants)
        for step in trace.steps:
            if not self._show(step):
                self._fill(step)
        self.own = {number for number in trace.outputs if self._is_computed(number)}
        for number in trace.outputs:
            self.at[number].storage.lasting = True
        for number in self.own:
            self.at[number].storage.shared = True
        move_in(reversed(self.joins.values()), self.at)

    def reads(self, storage: Storage) -> tuple[int, ...]:
        """Returns which storages are read to fill one, by their places among all."""
        arguments = () if storage.step is None else storage.step.arguments
        return tuple([self.at[x].storage.index for x in arguments if x.__class__ is not Literal])

    def _give(self, number: int, array: Any, *, constant: bool) -> None:
        """Places what no step computes: it stays where it is, or is a small constant that gets a copy."""
        form = self._form([array])
        storage = self._add(form, None)
        storage.lasting = True
        if constant and array.nbytes <= FEW:
            self.at[number] = Place(storage, 0, form.layouts[0])
        else:
            self._keep(number, storage, array)

    def _keep(self, number: int, storage: Storage, array: Any) -> None:
        """Places a value where an array is."""
        storage.memory, storage.address, layout = self._operands.of(array)
        self._samples[layout] = array
        self.at[number] = Place(storage, 0, layout)

    def _show(self, step: Step) -> bool:
        """Places a step's result if that is its argument's memory seen in another way, or says no."""
        if len(step.arguments) != 1 or step.arguments[0].__class__ is Literal:
            return False
        storage, start, layout = self.at[step.arguments[0]]
        key = step.record, layout, *step.params.items()
        try:
            view = self._views[key]
        except KeyError:
            view = self._views[key] = self._seen(step, layout)
        except TypeError:  # a list among the parameters
            view = self._seen(step, layout)
        if view is None:
            return False
        offset, seen = view
        self.at[step.results[0]] = Place(storage, start + offset, seen)
        return True

    def _seen(self, step: Step, layout: int) -> tuple[int, int] | None:
        """How far behind its argument a view begins, and its layout."""
        sample = self._samples[layout]
        array = view_of(step, [sample], self._values[step.results[0]])
        if array is None:
            return None
        seen = self._operands.layout_of(array)
        self._samples.setdefault(seen, array)
        return address_of(array) - address_of(sample), seen

    def _fill(self, step: Step) -> None:
        """Places the results of a step in memory of their own, one behind the other."""
        form = self._form([self._values[number] for number in step.results])
        storage = self._add(form, step)
        storage.lasting = step.record.name in PLACES or step.record is PLACED  # the zeros stay
        if len(step.results) == 1 and step.results[0] in self._into:
            self._keep(step.results[0], storage, self._into[step.results[0]])
        else:
            for number, offset, layout in zip(step.results, form.offsets, form.layouts, strict=True):
                self.at[number] = Place(storage, offset, layout)
        places = places_of_parts(step, self._values)
        if places is not None:
            self.joins[step.results[0]] = Join(step, self._parts(self.at[step.results[0]], places))

    def _parts(self, whole: Place, indices: Sequence[Any]) -> list[Place]:
        """The places of parts of a value."""
        storage, _, layout = whole
        sample = self._samples[layout]
        start = address_of(sample)
        parts = [sample[index] for index in indices]
        return [Place(storage, address_of(part) - start, self._operands.layout_of(part)) for part in parts]

    def _add(self, form: Form, step: Step | None) -> Storage:
        record = None if step is None else step.record
        look = self._looks.setdefault((record, form.layouts), len(self._looks))
        storage = Storage(len(self.storages), look, form, step)
        self.storages.append(storage)
        return storage

    def _form(self, arrays: Sequence[Any]) -> Form:
        """How arrays of such shapes and dtypes lie one behind the other, each without gaps."""
        key = tuple([(array.shape, array.dtype) for array in arrays])
        found = self._forms.get(key)
        if found is None:
            rows = [np.empty(shape, dtype) for shape, dtype in key]
            layouts = tuple(map(self._operands.layout_of, rows))
            self._samples.update(zip(layouts, rows, strict=True))
            found = self._forms[key] = Form(layouts, *_behind(rows))
        return found

    def _is_computed(self, number: int) -> bool:
        """Whether a value is what a step gives, and no view of it."""
        step = self.at[number].storage.step
        return step is not None and number in step.results


def _behind(arrays: Sequence[Any]) -> tuple[tuple[int, ...], int]:
    """How far behind the beginning each of several arrays is, and the size of all, as of a struct in C."""
    offsets, end = [], 0
    for array in arrays:
        offsets.append(_up(end, array.dtype.alignment))
        end = offsets[-1] + array.nbytes
    return tuple(offsets), _up(end, max(array.dtype.alignment for array in arrays))


def _up(size: int, unit: int) -> int:
    return -(-size // unit) * unit
