"""`value.name` and `value.name = new` for every value a script can hold: by tables, never by getattr."""

from __future__ import annotations

from collections import OrderedDict
from types import MethodType
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Node, Tensor, context
from gradcli.autograd.custom import FunctionContext, FunctionNode
from gradcli.autograd.node import AccumulateGrad, type_name
from gradcli.diagnostics import AttributeFault, GradcliError, did_you_mean
from gradcli.explorer.scripts.admission import ADMITTED, admit
from gradcli.explorer.scripts.arrays import Array, array_attribute
from gradcli.explorer.scripts.callables import Kind, Library, Routine
from gradcli.explorer.scripts.calls import call, explained
from gradcli.explorer.scripts.classes import MISSING, PRIVATE, Property, ScriptClass, Super
from gradcli.explorer.scripts.errors import (
    ErrorSuper,
    error_attribute,
    error_kind_attribute,
    error_super,
    set_error_attribute,
)
from gradcli.explorer.scripts.instances import Instance, class_of
from gradcli.explorer.scripts.kinds import kind_name
from gradcli.explorer.scripts.members import (
    class_attribute,
    instance_attribute,
    kind_attribute,
    owned_attribute,
    set_class_attribute,
    set_instance_attribute,
    set_owned_attribute,
    super_attribute,
)
from gradcli.explorer.scripts.tables import FUNCTIONS, GETTERS, offered, tensor_names, tensor_table
from gradcli.explorer.scripts.tags import tag, tagged
from gradcli.language import Caught, ErrorKind, Function
from gradcli.ops.named import Named
from gradcli.torch.nn.module import Module
from gradcli.torch.optim.lr_scheduler import LRScheduler
from gradcli.torch.optim.optimizer import Optimizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["attribute", "call_method", "set_attribute"]

ODD = frozenset((list, tuple, dict, Array, Kind))  # arguments that `call` looks at before it passes them on
TORCH = "gradcli.torch."
SETTABLE = ("data", "grad", "requires_grad")
NODE = ("name", "register_hook", "register_prehook")
DICTIONARY = (
    "clear", "copy", "get", "items", "keys", "move_to_end", "pop", "popitem", "setdefault", "update",
    "values",
)  # fmt: skip


def attribute(value: Any, name: str) -> Any:
    """Returns `value.name`.

    Raises:
        AttributeFault: the value offers nothing of that name.
    """
    try:
        kind = type(value)
        if kind is Tensor:
            getter = GETTERS.get(name)
            if getter is not None:
                return getter(value)
        reader = READERS.get(kind)
        if reader is None:
            reader = READERS[kind] = _reader(kind)
        return reader(value, name)
    except GradcliError:
        raise
    except Exception as error:  # noqa: BLE001 - no traceback ever
        raise explained(name, error) from None


def call_method(value: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Returns `value.name(*args, **kwargs)`; a tensor's method is called without being bound."""
    if type(value) is not Tensor or kwargs or (args and type(args[0]) in ODD):
        return call(attribute(value, name), args, kwargs)
    function = FUNCTIONS.get(name)
    if function is None:
        return call(attribute(value, name), args, kwargs)
    try:
        result = function(value, *args) if args else function(value)
    except (GradcliError, OSError):  # the latter of who reads what is printed
        raise
    except Exception as error:  # noqa: BLE001 - no traceback ever
        raise explained(name, error) from None
    return result if type(result) in ADMITTED else admit(result)


def _reader(cls: type) -> Callable[[Any, str], Any]:
    """What reads attributes of a class: classes of ours that are not listed offer their public names."""
    return next((read for kind, read in OPEN if issubclass(cls, kind)), _offered)


def _of_tensor(value: Tensor, name: str) -> Any:
    getter = tensor_table(name)
    if getter is not None:
        return getter(value)
    if name == "_version":
        if context.tape is not None:
            context.tape.unexplained()  # it is another number in each turn of a loop
        return value._version  # noqa: SLF001 - PyTorch's own name for it
    found = tagged(value, name, MISSING)
    if found is MISSING:
        raise unknown(value, name, tensor_names())
    return found


def _of_library(value: Library, name: str) -> Any:
    found = value.find(name) if name[0] != "_" or name == "__version__" else None
    if found is None:
        raise AttributeFault(
            "E202",
            f"module '{value.name}' has no attribute '{name}'",
            label=did_you_mean(name, value.names()),
        )
    return found


def _offered(value: Any, name: str) -> Any:
    """The public names of a class of ours, such as a handle's `remove`."""
    if value.__class__.__module__.startswith("gradcli."):
        table, own = offered(value.__class__), getattr(value, "__dict__", {})
        if name in table:
            return admit(table[name](value))
        if name in own and not name.startswith("_") and value.__class__.__module__.startswith(TORCH):
            return admit(own[name])
    raise unknown(value, name, ())


def _of_named(value: Named, name: str) -> Any:
    if name in value.fields:
        return value[value.fields.index(name)]
    raise unknown(value, name, value.fields)


def _of_node(value: Node, name: str) -> Any:
    if name == "next_functions":
        return value.next_functions
    if name == "variable" and isinstance(value, AccumulateGrad):
        return value.variable
    if name in NODE:
        return Routine(name, vars(Node)[name].__get__(value) if name != "name" else value.name)
    if isinstance(value, FunctionNode):
        return _of_context(value.ctx, name)
    fault = unknown(value, name, ("next_functions", *NODE))
    raise AttributeFault(
        "E202", f"'{type_name(value)}' object has no attribute '{name}'", label=fault.diagnostic.label
    )


def _of_context(value: FunctionContext, name: str) -> Any:
    own = vars(value)
    kept = own if not name.startswith("_") else own.get(PRIVATE, {})
    if name in kept:
        return kept[name]
    if name in offered(FunctionContext):
        return offered(FunctionContext)[name](value)
    title = own["_name"]
    raise AttributeFault("E202", f"'{title}Backward' object has no attribute '{name}'")


def _of_dictionary(value: Any, name: str) -> Any:
    if name not in DICTIONARY:
        raise unknown(value, name, DICTIONARY)
    is_ordered = value.__class__ is OrderedDict
    if name == "move_to_end" and not is_ordered:
        raise unknown(value, name, DICTIONARY)
    method = vars(OrderedDict).get(name) if is_ordered else None
    method = method or vars(dict)[name]
    if name in ("items", "keys", "values") and not is_ordered:
        return Routine(name, lambda: list(method(value)))
    return Routine(name, lambda *args, **kwargs: method(value, *args, **kwargs))


def _of_function(value: Any, name: str) -> Any:
    if name in ("__name__", "__qualname__"):
        return value.name.rpartition(".")[2]
    raise unknown(value, name, ("__name__",))


def _of_method(value: MethodType, name: str) -> Any:
    if name == "__name__":
        inner: Any = value.__func__
        return inner.name if hasattr(inner, "name") else inner.__name__
    raise unknown(value, name, ("__name__",))


def _of_property(value: Property, name: str) -> Any:
    if name in ("getter", "setter"):
        return Routine(name, vars(Property)[name].__get__(value))
    raise unknown(value, name, ("getter", "setter"))


READERS: dict[type, Callable[[Any, str], Any]] = {
    Tensor: _of_tensor,
    Library: _of_library,
    Instance: instance_attribute,
    ScriptClass: class_attribute,
    Super: super_attribute,
    ErrorSuper: error_super,
    Kind: kind_attribute,
    Named: _of_named,
    Function: _of_function,
    Routine: _of_function,
    ErrorKind: error_kind_attribute,
    MethodType: _of_method,
    Property: _of_property,
    Caught: error_attribute,
    FunctionContext: _of_context,
    Array: array_attribute,
}
# Types with subclasses, and what reads their attributes; the type itself and those below.
OPEN: tuple[tuple[type, Callable[[Any, str], Any]], ...] = (
    (Tensor, _of_tensor),
    (dict, _of_dictionary),
    (Module, owned_attribute),
    (Optimizer, owned_attribute),
    (LRScheduler, owned_attribute),
    (Node, _of_node),
    (FunctionContext, _of_context),
    (Caught, error_attribute),
)


def set_attribute(value: Any, name: str, new: Any) -> None:
    """Does `value.name = new`.

    Raises:
        AttributeFault: the value has no such attribute, or it cannot be set.
    """
    try:
        setter = SETTERS.get(name) if type(value) is Tensor else None
        if setter is not None:
            setter(value, new)
        else:
            _set(value, name, new)
    except GradcliError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        raise explained(name, error) from None


def _set(value: Any, name: str, new: Any) -> None:
    if value.__class__ is Instance:
        set_instance_attribute(value, name, new)
    elif isinstance(value, (Module, Optimizer, LRScheduler)):
        set_owned_attribute(value, name, new)
    elif isinstance(value, Tensor):
        _set_on_tensor(value, name, new)
    elif isinstance(value, ScriptClass):
        set_class_attribute(value, name, new)
    elif value.__class__ is Caught:
        set_error_attribute(value, name, new)
    elif isinstance(value, FunctionContext) and not name.startswith("__"):
        own = vars(value)
        (own.setdefault(PRIVATE, {}) if name.startswith("_") else own)[name] = new
    else:
        raise AttributeFault("E202", f"attribute '{name}' of '{kind_name(value)}' objects is not writable")


def _set_on_tensor(value: Tensor, name: str, new: Any) -> None:
    member = vars(Tensor).get(name) if name in SETTABLE else None
    if member is None and not name.startswith("__") and tensor_table(name) is None:
        tag(value, name, new)
        return
    if not isinstance(member, property) or member.fset is None:
        raise AttributeFault(
            "E202",
            f"attribute '{name}' of 'torch._C.TensorBase' objects is not writable",
            help="a tensor's grad, data and requires_grad can be set",
        )
    SETTERS[name] = member.fset
    member.fset(value, new)


SETTERS: dict[str, Callable[[Tensor, Any], None]] = {}  # of a tensor's attributes that were set before


def unknown(value: Any, name: str, known: Iterable[str]) -> GradcliError:
    """Returns the error for an attribute that a value does not have."""
    owner = class_of(value)
    what = owner.name if owner is not None else kind_name(value)
    fault = AttributeFault(
        "E202", f"'{what}' object has no attribute '{name}'", label=did_you_mean(name, known)
    )
    if value is None:
        fault.advise("a gradient is None before backward, and for a tensor that is not a leaf")
    return fault
