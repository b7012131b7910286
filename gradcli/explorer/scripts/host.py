"""ScriptHost: the language's Host for whole programs, with PyTorch's rules and words and nothing lenient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from gradcli.autograd import Tensor, context
from gradcli.diagnostics import GradcliError, NameFault, RuntimeFault, TypeFault, did_you_mean
from gradcli.explorer.scripts import attributes, calls, operators
from gradcli.explorer.scripts.addresses import Addresses
from gradcli.explorer.scripts.admission import ORDERED_VIEWS, admit, has
from gradcli.explorer.scripts.arrays import Array, bare
from gradcli.explorer.scripts.builtins import Builtins
from gradcli.explorer.scripts.callables import Kind
from gradcli.explorer.scripts.classes import ScriptClass, Super
from gradcli.explorer.scripts.context_managers import manager
from gradcli.explorer.scripts.errors import ErrorSuper
from gradcli.explorer.scripts.imports import Imports
from gradcli.explorer.scripts.instances import Instance, iterate_script, make_class, special
from gradcli.explorer.scripts.kinds import kind_name
from gradcli.explorer.scripts.members import class_of_any
from gradcli.explorer.scripts.texts import format_value, text_of
from gradcli.language import PLAIN, Caught, ErrorKind, Lazy
from gradcli.language.host import unheard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.language import Executable, Meter, Tools
    from gradcli.language.compiling.long_loops import Turns
    from gradcli.language.host import Context
    from gradcli.language.values.formatting import Formatter

__all__ = ["ScriptHost"]

# Python's own names that a script does not get, with the reason.
REFUSED = {
    "open": "scripts read and write no files",
    "input": "scripts read no input",
    "exec": "text is not run as a program",
    "eval": "text is not run as a program",
    "compile": "text is not run as a program",
    "globals": "variables are reached by their names",
    "locals": "variables are reached by their names",
    "dir": "`gradcli ops` lists every function",
    "help": "`gradcli ops` lists every function",
    "exit": "a script ends at its last line",
    "quit": "a script ends at its last line",
    "breakpoint": "there is no debugger; print what you want to see",
    "memoryview": "memory is not reached from scripts",
    "bytes": "there are no bytes in scripts",
    "bytearray": "there are no bytes in scripts",
    "delattr": "assign None instead",
    "frozenset": "a set or a tuple serves as well",
}
WELL_KNOWN = {"torch": "import torch", "nn": "import torch.nn as nn", "F": "import torch.nn.functional as F",
              "math": "import math", "np": "import numpy as np", "optim": "import torch.optim as optim",
              "Variable": "from torch.autograd import Variable"}  # fmt: skip


class ScriptHost:
    """The world of one script.

    Attributes:
        write: what `print` writes with.
        plans: whether long loops may be planned; not where somebody listens to every turn.
        tools, formatter, meter: of the compiled program; set by `attend` before it runs.
        addresses: what values show as their place in memory.
    """

    tools: Tools
    formatter: Formatter
    meter: Meter

    def __init__(self, write: Callable[[str], Any], *, plans: bool = True) -> None:
        self.write = write
        self.plans = plans
        self.addresses = Addresses()
        self._builtins = Builtins(self)
        self._imports = Imports(self._builtins)
        # Without a method of ours between: they are called for every operation.
        self.attribute = attributes.attribute
        self.set_attribute = attributes.set_attribute
        self.call = calls.call
        self.call_method = attributes.call_method
        self.manager = manager
        self.assigned = unheard
        self.binary = operators.binary
        self.inplace = operators.inplace
        self.unary = operators.unary
        self.compare = operators.compare
        self.module = self._imports.module
        self.member = self._imports.member

    def attend(self, executable: Executable) -> None:
        """Takes over the tools and the budget of the program that is to run."""
        self.tools = executable.tools
        self.formatter = executable.formatter
        self.meter = executable.meter

    @property
    def context(self) -> Context:
        """The ambient state; its `span` follows the program."""
        return cast("Context", context)

    def lookup(self, name: str) -> Any:
        """What a name stands for that the script does not bind: one of Python's builtins."""
        found = self._builtins.table.get(name)
        if found is not None:
            return found
        if name in REFUSED:
            raise NameFault("E207", f"`{name}` is not available in scripts", help=REFUSED[name])
        raise NameFault(
            "E201",
            f"name '{name}' is not defined",
            label=did_you_mean(name, self._builtins.table),
            help=f"write `{WELL_KNOWN[name]}` first" if name in WELL_KNOWN else "",
        )

    def hot_loop(self, turns: Turns) -> Callable[[int], tuple[int, Any]]:
        """What runs a long loop: given a turn, it does that one and perhaps more, by plan where it can.

        It returns the next turn, and why control does not go on to it, or None.
        """
        from gradcli.explorer.scripts.hot_loop import HotLoop  # few scripts have a long loop

        return HotLoop(self, turns).go if self.plans else turns.next

    def contains(self, container: Any, item: Any) -> bool:
        """Whether a tensor, a shape, a container of modules or an instance holds something."""
        return guarded("in", lambda: self._holds(container, item))  # type: ignore[no-any-return] # a bool

    def _holds(self, container: Any, item: Any) -> bool:
        method = special(container, "__contains__")
        if method is not None:
            return bool(method(item))
        if isinstance(container, Tensor) and not isinstance(item, (Tensor, int, float)):
            raise RuntimeFault(
                "E303",
                f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {kind_name(item)}.",
            )
        if has(container, "__contains__") or isinstance(
            container, (Tensor, tuple, Instance, Array, dict, *ORDERED_VIEWS)
        ):
            return item in container
        if isinstance(container, Lazy) or special(container, "__iter__"):
            return any(
                one is item or self.truth(self.compare("==")(one, item)) for one in self.iterate(container)
            )
        raise TypeFault("E303", f"argument of type '{kind_name(container)}' is not iterable")

    def truth(self, value: Any) -> bool:
        """Whether a value counts as true; PyTorch's error for a tensor of several elements."""
        if isinstance(value, Tensor) or type(value) in PLAIN:
            return bool(value)
        for name in ("__bool__", "__len__"):
            method = special(value, name)
            if method is not None:
                return bool(method())
        return guarded("bool", lambda: bool(value))  # type: ignore[no-any-return] # a bool

    def iterate(self, value: Any) -> Iterator[Any]:
        """The items of a value that is no plain one."""
        if isinstance(value, (Tensor, tuple, dict, Lazy)):
            return iter(value)
        if value.__class__ in ORDERED_VIEWS:
            items: Iterator[Any] = iter(value)
            return items
        found = iterate_script(value)
        if found is not None:
            return found
        if has(value, "__iter__") or isinstance(value, Array):
            return _admitted(value)
        raise TypeFault("E303", f"'{kind_name(value)}' object is not iterable")

    def index(self, value: Any, key: Any) -> Any:
        """`value[key]`."""
        return self._item(value, key, "__getitem__", "object is not subscriptable", lambda at, k: at[k])

    def set_index(self, value: Any, key: Any, new: Any) -> None:
        """Does `value[key] = new`."""

        def put(at: Any, k: Any) -> None:
            at[k] = new

        self._item(value, key, "__setitem__", "object does not support item assignment", put, new)

    def del_index(self, value: Any, key: Any) -> None:
        """Does `del value[key]`."""

        def delete(at: Any, k: Any) -> None:
            del at[k]

        self._item(value, key, "__delitem__", "object doesn't support item deletion", delete)

    def _item(
        self, value: Any, key: Any, name: str, refusal: str, act: Callable[[Any, Any], Any], *new: Any
    ) -> Any:
        """A subscript, by the script's own method where its class has one; Python's errors become ours."""
        method = None if isinstance(value, Tensor) else special(value, name)
        if method is not None:
            return method(key, *new)
        mutable = not isinstance(value, (tuple, str))
        subscriptable = isinstance(value, (Tensor, list, dict, Instance, Array)) or (has(value, name))
        if isinstance(value, Kind) and name == "__getitem__":
            return value  # `List[int]`, a type for readers
        if not subscriptable and (mutable or name != "__getitem__"):
            hint = f"call it with round brackets: {value.name}(...)" if hasattr(value, "name") else ""
            raise TypeFault("E303", f"'{kind_name(value)}' {refusal}", help=hint)
        return guarded("subscript", lambda: act(value, _key(value, key)))

    def make_class(self, name: str, bases: tuple[Any, ...], members: dict[str, Any]) -> Any:
        """The value of a `class` statement."""
        made = make_class(name, bases, members)
        made.meter = self.meter
        return made

    def parent(self, owner: Any, instance: Any) -> Any:
        """What `super()` stands for."""
        if isinstance(owner, ErrorKind) and isinstance(instance, Caught) and instance.kind.derives(owner):
            return ErrorSuper(owner, instance, self.tools)
        kind = instance if isinstance(instance, ScriptClass) else class_of_any(instance)
        if not isinstance(owner, ScriptClass) or not kind.derives(owner):
            raise TypeFault("E206", "super(type, obj): obj must be an instance or subtype of type")
        return Super(owner, instance)

    def text(self, value: Any, *, quoted: bool) -> str:
        """`str(value)`, or `repr(value)` where quoted."""
        return text_of(self, value, quoted=quoted)

    def format(self, value: Any, spec: str) -> str:
        """`format(value, spec)`, which without a spec is what a field of an f-string shows."""
        return format_value(self, value, spec)


def _key(value: Any, key: Any) -> Any:
    """A key as Python takes it: in a list, a tensor of one whole number is that number."""
    if isinstance(key, Tensor) and not isinstance(value, (Tensor, dict, Instance)):
        return key.__index__()
    return bare(key) if isinstance(value, Tensor) else key


def _admitted(value: Any) -> Iterator[Any]:
    """The items of a value of ours, as a script may have them."""
    items = guarded("iter", lambda: iter(value))
    end = object()
    while True:
        item = guarded("iter", lambda: next(items, end))
        if item is end:
            return
        yield admit(item)


def guarded(name: str, act: Callable[[], Any]) -> Any:
    """Returns what an action on values of ours gives; Python's errors become ours."""
    try:
        return act()
    except GradcliError:
        raise
    except Exception as error:  # noqa: BLE001 - no traceback ever
        raise calls.explained(name, error) from None
