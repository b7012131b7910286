"""What methods of plain values work with: the budget, iteration, calls, order and texts of one program."""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from gradcli.language.limits import items_fault
from gradcli.language.values.faults import plain_fault
from gradcli.language.values.formatting import Formatter
from gradcli.language.values.plain import FAULTS, NESTING, PLAIN, POINTER, check_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language.host import Host
    from gradcli.language.values.faults import Caught
    from gradcli.language.values.items import Items
    from gradcli.language.values.meter import Meter
    from gradcli.language.values.template import Templates

__all__ = ["Tools"]

WALKED = NESTING | {str}


class Tools:
    """The tools of one program; hosts may use them for functions of their own (`sorted`, `list`, `print`).

    Attributes:
        meter, formatter: the budget, and what makes texts.
        foreign: the host's `attribute`.
        apply: calls a value of the program with arguments.
    """

    __slots__ = ("_convert", "_items", "_less", "_templates", "apply", "foreign", "formatter", "meter")

    def __init__(self, host: Host, items: Items, meter: Meter, apply: Any, less: Any) -> None:
        self._items = items
        self._less: Callable[[Any, Any], bool] = less
        self.apply: Callable[[Any, tuple[Any, ...], dict[str, Any]], Any] = apply
        self.meter = meter
        self.foreign: Callable[[Any, str], Any] = host.attribute
        self.formatter = Formatter(host, meter)
        self._convert = lambda name, value: apply(host.lookup(name), (value,), {})
        self._templates: Templates | None = None

    @property
    def templates(self) -> Templates:
        """What fills strings with fields."""
        if self._templates is None:
            from gradcli.language.values.template import Templates  # few programs have any

            self._templates = Templates(self.formatter, self.meter, self._convert)
        return self._templates

    def tell(self, error: Caught, args: tuple[Any, ...]) -> None:
        """Gives an error its arguments and their text, as `Exception.__init__` does."""
        quoted = len(args) > 1 or isinstance(error.fault, KeyError)
        error.tell(args, [self.formatter.text(argument, quoted) for argument in args])

    def walk(self, value: Any) -> None:
        """Charges a look at everything in a value; raises LimitFault."""
        kind = type(value)
        if kind is str:
            self.meter.charge(len(value))
        elif kind in NESTING:
            check_size(value, self.meter)

    def fits(self, count: int) -> None:
        """Raises LimitFault if a container would have too many items."""
        if count > self.meter.limits.items:
            raise items_fault(self.meter.limits)

    def text(self, size: int) -> None:
        """Charges a text of so many characters; raises LimitFault."""
        self.fits(size)
        self.meter.charge(size)

    def listed(self, values: Any) -> list[Any]:
        """Returns the items of a value as a list of its own."""
        if type(values) in (list, tuple):
            self.meter.charge(POINTER * len(values))
            return list(values)
        collected: list[Any] = []
        for item in self._items.iterate(values):
            self.meter.step()
            collected.append(item)
            if len(collected) > self.meter.limits.items:
                raise items_fault(self.meter.limits)
        return collected

    def ordered(self, values: list[Any], key: Any = None, reverse: Any = False) -> list[Any]:
        """Returns a list of the values in order, as `sorted` does.

        Raises:
            TypeFault: two of them cannot be compared.
        """
        keys = values if key is None else [self.apply(key, (value,), {}) for value in values]
        # Every key is compared about log2(n) times, each time with everything in it.
        turns = len(values).bit_length()
        self.meter.charge(2 * POINTER * len(values) * (1 + turns))
        for one in keys:
            for _ in range(turns if type(one) in WALKED else 0):
                self.walk(one)
        try:
            if all(type(one) in PLAIN for one in keys):
                places = sorted(range(len(values)), key=keys.__getitem__, reverse=bool(reverse))
            else:
                wrapped = [cmp_to_key(self._compare)(one) for one in keys]
                places = sorted(range(len(values)), key=wrapped.__getitem__, reverse=bool(reverse))
        except FAULTS as error:
            raise plain_fault(error, self.meter.limits) from None
        return [values[place] for place in places]

    def _compare(self, left: Any, right: Any) -> int:
        return -1 if self._less(left, right) else 1 if self._less(right, left) else 0
