"""Python's own functions as a script finds them: what they walk is counted, what they make is bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.diagnostics import AttributeFault, TypeFault, ValueFault
from gradcli.explorer.scripts.admission import ORDERED_VIEWS, has
from gradcli.explorer.scripts.arrays import Array
from gradcli.explorer.scripts.callables import Kind, Library, Routine
from gradcli.explorer.scripts.classes import ClassMethod, Property, ScriptClass, StaticMethod
from gradcli.explorer.scripts.conversions import LONGEST_DIGITS, conversions
from gradcli.explorer.scripts.instances import Instance, iterate_script, special
from gradcli.explorer.scripts.kinds import OBJECT, is_instance, is_subclass, kind_name, type_of
from gradcli.explorer.scripts.walking import NOTHING, Walking
from gradcli.language import PLAIN, ErrorKind, Function, Lazy
from gradcli.language.values.faults import StopFault
from gradcli.language.values.methods import OWN, attribute
from gradcli.language.values.plain import guarded_binary, hashed
from gradcli.torch.nn.module import Module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.explorer.scripts.host import ScriptHost

__all__ = ["Builtins"]


class Builtins(Walking):
    """The builtins of one running script.

    Attributes:
        table: them by name.
    """

    def __init__(self, host: ScriptHost) -> None:
        super().__init__(host)
        own: dict[str, Any] = {
            "print": self.print, "len": self.len, "enumerate": self.enumerate,
            "zip": self.zip, "sorted": self.sorted, "reversed": self.reversed, "sum": self.sum,
            "min": self.min, "max": self.max, "any": self.any, "all": self.all, "abs": abs,
            "round": self.round, "pow": self.pow, "divmod": self.divmod, "isinstance": is_instance,
            "issubclass": is_subclass, "repr": self.repr, "format": self.format, "map": self.map,
            "filter": self.filter, "iter": self.iter, "next": self.next, "hasattr": self.hasattr,
            "getattr": self.getattr, "setattr": self.setattr, "callable": self.callable, "id": self.id,
            "chr": chr, "ord": ord, "hex": hex, "bin": bin, "vars": self.vars, "hash": self.hash,
        }  # fmt: skip
        self.table: dict[str, Any] = {name: Routine(name, run) for name, run in own.items()}
        self.table |= conversions(self)
        self.table["range"], self.table["slice"] = Kind("range", range, range), Kind("slice", slice, slice)
        self._kinds = {kind.cls: kind for kind in self.table.values() if isinstance(kind, Kind)}
        self.table["type"] = Kind("type", type, self.type)
        self.table["object"] = OBJECT
        for name, cls in {
            "staticmethod": StaticMethod,
            "classmethod": ClassMethod,
            "property": Property,
        }.items():
            self.table[name] = Kind(name, cls, cls)

    def text(self, value: Any, *, quoted: bool = False) -> str:
        """Returns `str(value)`, or `repr(value)` where quoted."""
        return self._host.formatter.text(value, quoted)

    # What a script calls.

    def print(
        self, *values: Any, sep: Any = None, end: Any = None, file: Any = None, flush: Any = False
    ) -> None:
        """Writes the texts of the values at once."""
        del flush
        if file is not None:
            raise ValueFault("E207", "print(file=...) is not available", help="it prints to standard output")
        for name, word in (("sep", sep), ("end", end)):
            if word is not None and not isinstance(word, str):
                raise TypeFault("E380", f"{name} must be None or a string, not {kind_name(word)}")
        texts = [value if value.__class__ is str else self.text(value) for value in values]
        between = " " if sep is None else sep
        self._host.formatter.charge(sum(map(len, texts)) + len(between) * len(texts))
        self._host.write(between.join(texts) + ("\n" if end is None else end))

    def len(self, value: Any) -> int:
        """How many items it has."""
        if type(value) in PLAIN or isinstance(value, (Tensor, tuple, Array, Instance, dict, *ORDERED_VIEWS)):
            return len(value)
        found = special(value, "__len__")
        if found is not None:
            return found()  # type: ignore[no-any-return] # as the script says
        if has(value, "__len__"):
            return len(value)
        raise TypeFault("E380", f"object of type '{kind_name(value)}' has no len()")

    def round(self, number: Any, ndigits: Any = None) -> Any:
        """The number with so many digits after the point."""
        if isinstance(number, Tensor):
            return number.round() if ndigits is None else number.round(decimals=ndigits)
        if isinstance(number, int) and isinstance(ndigits, int) and ndigits < -LONGEST_DIGITS:
            return 0  # Python would make a power of ten of that size first
        return round(number, ndigits)

    def pow(self, base: Any, exp: Any, mod: Any = None) -> Any:
        """The power, modulo a number if one is given."""
        if mod is not None:
            return pow(base, exp, mod)
        if type(base) in PLAIN and type(exp) in PLAIN:
            return guarded_binary("**", self.meter)(base, exp)
        return base**exp

    def divmod(self, a: Any, b: Any) -> Any:
        """Quotient and remainder."""
        return divmod(a, b)

    def type(self, *args: Any) -> Any:
        """The class of a value."""
        if len(args) != 1:
            raise TypeFault("E206", "type() with three arguments is not available", help="write a `class`")
        return self._kinds.get(args[0].__class__) or type_of(args[0])

    def repr(self, value: Any) -> str:
        """Its text as a container shows it."""
        return self.text(value, quoted=True)

    def format(self, value: Any, format_spec: str = "") -> str:
        """Its text by a format."""
        return self._host.formatter.format(value, format_spec)

    def iter(self, value: Any) -> Any:
        """Its items, for next()."""
        if isinstance(value, Instance):
            return special(value, "__iter__")() if special(value, "__iter__") else Lazy(_script(value))
        return Lazy(self.items(value))

    def next(self, iterator: Any, default: Any = NOTHING) -> Any:
        """The next item."""
        step = special(iterator, "__next__")
        if step is None and not isinstance(iterator, Lazy):
            raise TypeFault("E380", f"'{kind_name(iterator)}' object is not an iterator")
        try:
            return next(iterator) if step is None else step()
        except (StopIteration, StopFault):
            if default is not NOTHING:
                return default
            raise StopFault("E388", "") from None

    # Attributes, through the same tables as `value.name`.

    def hasattr(self, value: Any, name: Any) -> bool:
        """Whether a value has an attribute."""
        try:
            self.getattr(value, name)
        except AttributeError:
            return False
        return True

    def getattr(self, value: Any, name: Any, default: Any = NOTHING) -> Any:
        """The attribute of a name."""
        try:
            if type(value) in OWN:
                return attribute(self._host.tools, value, self._name(name))
            return self._host.attribute(value, self._name(name))
        except AttributeError:
            if default is NOTHING:
                raise
            return default

    def setattr(self, value: Any, name: Any, new: Any) -> None:
        """Gives a value an attribute."""
        self._host.set_attribute(value, self._name(name), new)

    @staticmethod
    def _name(name: Any) -> str:
        if not isinstance(name, str):
            raise TypeFault("E380", "attribute name must be string")
        if name.startswith("__") or not name.isidentifier() or not name.isascii():
            raise AttributeFault(
                "E202", f"`{name[:40]!s}` is no name of an attribute here".replace("\n", " ")
            )
        return name

    def vars(self, value: Any) -> dict[str, Any]:
        """The attributes that the script gave an instance of its own."""
        if not isinstance(value, Instance):
            raise TypeFault("E380", "vars() argument must be an instance of a class of your own")
        return dict(value.attributes)

    def callable(self, value: Any) -> bool:
        """Whether a value can be called."""
        if isinstance(value, Instance):
            return special(value, "__call__") is not None
        known = (Routine, Kind, ScriptClass, Function, ErrorKind, Module)
        return isinstance(value, known) or (
            callable(value) and not isinstance(value, (Library, Tensor)) and type(value) not in PLAIN
        )

    def hash(self, value: Any) -> int:
        """The number under which a dict files it."""
        return hash(hashed(value, self.meter))

    def id(self, value: Any) -> int:
        """A number that no other living value has; it says nothing of the memory."""
        return self._host.addresses.of(value)


def _script(value: Any) -> Iterator[Any]:
    found = iterate_script(value)
    if found is None:
        raise TypeFault("E380", f"'{kind_name(value)}' object is not iterable")
    return found
