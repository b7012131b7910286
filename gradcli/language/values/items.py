"""Items of plain values: subscripts read, written and deleted, membership, iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.language.limits import items_fault
from gradcli.language.values.faults import plain_fault
from gradcli.language.values.plain import FAULTS, ITERABLE, NESTING, PLAIN, POINTER, VIEWS, check_size, hashed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.language.host import Host
    from gradcli.language.values.meter import Meter

__all__ = ["Items", "Lazy"]

CHANGING = VIEWS | {dict, set}
INDEXED = frozenset({list, tuple, str, range, dict})


class Lazy:
    """The values of a generator expression, one after the other; a program sees nothing else of it."""

    __slots__ = ("_values",)

    def __init__(self, values: Iterator[Any]) -> None:
        self._values = values

    def __iter__(self) -> Iterator[Any]:
        return self._values

    def __next__(self) -> Any:
        return next(self._values)

    def __repr__(self) -> str:
        return "<generator object>"


class Items:
    """Subscripts, membership and iteration for one program: plain values here, others by the host."""

    __slots__ = ("_host", "_meter")

    def __init__(self, host: Host, meter: Meter) -> None:
        self._host = host
        self._meter = meter

    def get(self, value: Any, key: Any) -> Any:
        """Returns `value[key]`."""
        if type(value) not in PLAIN or type(key) not in PLAIN:
            return self._host.index(value, key)
        self._check(value, key, "is not subscriptable")
        try:
            item = value[key]
        except FAULTS as error:
            raise plain_fault(error, self._meter.limits) from None
        if type(key) is slice and type(value) is not range:
            self._meter.charge(len(item) * POINTER)
        return item

    def set(self, value: Any, key: Any, new: Any) -> None:
        """Does `value[key] = new`."""
        if type(value) not in PLAIN or type(key) not in PLAIN:
            self._host.set_index(value, key, new)
            return
        self._check(value, key, "does not support item assignment")
        if type(key) is slice and type(value) is list:
            new = list(self.iterate(new))
            if len(value) + len(new) > self._meter.limits.items:
                raise items_fault(self._meter.limits)
        try:
            value[key] = new
        except FAULTS as error:
            raise plain_fault(error, self._meter.limits) from None

    def delete(self, value: Any, key: Any) -> None:
        """Does `del value[key]`."""
        if type(value) not in PLAIN or type(key) not in PLAIN:
            self._host.del_index(value, key)
            return
        does_not = "doesn't" if type(value) in NESTING else "does not"  # as Python has it
        self._check(value, key, f"{does_not} support item deletion")
        try:
            del value[key]
        except FAULTS as error:
            raise plain_fault(error, self._meter.limits) from None

    def contains(self, item: Any, container: Any) -> bool:
        """Returns `item in container`."""
        kind = type(container)
        if kind not in PLAIN:
            return self._host.contains(container, item)
        check_size(item, self._meter)
        check_size(container, self._meter)
        if kind is dict or kind is set:
            return hashed(item, self._meter) in container
        if kind is range and type(item) not in (int, bool):
            # Python would look at every number of the range.
            return type(item) is float and item.is_integer() and int(item) in container
        try:
            return item in container
        except FAULTS as error:
            raise plain_fault(error, self._meter.limits) from None

    def iterate(self, value: Any) -> Iterator[Any]:
        """Returns an iterator over a value."""
        kind = type(value)
        if kind in ITERABLE:
            return self._guarded(value) if kind in CHANGING else iter(value)
        if kind is Lazy:
            return iter(value)
        if kind in PLAIN:
            raise TypeFault("E380", f"'{kind.__name__}' object is not iterable")
        return self._host.iterate(value)

    def _guarded(self, value: Any) -> Iterator[Any]:
        """Yields the items of what may not change its size meanwhile."""
        values = iter(value)
        while True:
            try:
                item = next(values)
            except StopIteration:
                return
            except RuntimeError as error:
                raise RuntimeFault("E380", str(error)) from None
            yield item

    def _check(self, value: Any, key: Any, refusal: str) -> None:
        if type(value) is dict:
            hashed(key, self._meter)
        elif type(value) not in INDEXED:
            raise TypeFault("E380", f"'{type(value).__name__}' object {refusal}")
