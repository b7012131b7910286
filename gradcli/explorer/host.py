"""The world that an expression runs in: the language's Host over tensors and operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from gradcli.autograd import Tensor, context
from gradcli.autograd.size import Size
from gradcli.diagnostics import GradcliError, IndexFault, RuntimeFault, TypeFault, ValueFault
from gradcli.explorer import attributes, functions, names, operators
from gradcli.explorer.pythonic import MathModule
from gradcli.explorer.values import kind_name
from gradcli.language.values.faults import ImportFault, ModuleFault
from gradcli.language.values.items import Lazy
from gradcli.ops.dtypes import DType
from gradcli.ops.named import Named
from gradcli.torch.autograd import set_detect_anomaly
from gradcli.torch.modes import enable_grad, inference_mode, no_grad, set_grad_enabled
from gradcli.torch.namespace import Namespace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from gradcli.language.host import Context

__all__ = ["ExpressionHost"]

MANAGERS = (enable_grad, inference_mode, no_grad, set_detect_anomaly, set_grad_enabled)
IMPORTED = frozenset(("torch", "math"))
FAULTS = (ValueError, TypeError, IndexError, KeyError, ArithmeticError, AttributeError)


class ExpressionHost:
    """Names resolve to operations under any of their spellings; attributes to a table per type."""

    @property
    def context(self) -> Context:
        """The ambient state; its `span` follows the program."""
        return cast("Context", context)

    def lookup(self, name: str) -> Any:
        """What a name stands for that nothing binds; raises NameFault."""
        return names.resolve(name)

    def binary(self, symbol: str) -> Callable[[Any, Any], Any]:
        """The function behind a binary operator."""
        return operators.binary(symbol)

    def inplace(self, symbol: str) -> Callable[[Any, Any], Any]:
        """The function behind an augmented assignment."""
        return operators.inplace(symbol)

    def unary(self, symbol: str) -> Callable[[Any], Any]:
        """The function behind a unary operator."""
        return operators.unary(symbol)

    def compare(self, symbol: str) -> Callable[[Any, Any], Any]:
        """The function behind a comparison."""
        return operators.compare(symbol)

    def contains(self, container: Any, item: Any) -> bool:
        """Whether a tensor or a shape holds a number."""
        if isinstance(container, tuple):
            return item in container
        if isinstance(container, Tensor) and isinstance(item, (Tensor, int, float)):
            return bool(operators.compare("==")(container, item).any())
        raise TypeFault("E303", f"argument of type '{kind_name(container)}' is not iterable")

    def truth(self, value: Any) -> bool:
        """Whether a value counts as true; PyTorch's error for a tensor of several elements."""
        return bool(value)

    def iterate(self, value: Any) -> Iterator[Any]:
        """The slices of a tensor along its first dim."""
        if not isinstance(value, (Tensor, tuple, Lazy)):  # tuples that are not plain: sizes, several results
            raise TypeFault("E303", f"'{kind_name(value)}' object is not iterable")
        return iter(value)

    def attribute(self, value: Any, name: str) -> Any:
        """`value.name`, from a table of what its type offers."""
        return attributes.attribute(value, name)

    def set_attribute(self, value: Any, name: str, new: Any) -> None:
        """Does `value.name = new`."""
        attributes.set_attribute(value, name, new)

    def index(self, value: Any, key: Any) -> Any:
        """`value[key]` of a tensor, or of a plain value by a tensor of one whole number."""
        if isinstance(value, Tensor):
            return _indexed(lambda: value[key])  # type: ignore[index] # a method of the records
        if isinstance(value, (list, tuple, str, dict)):
            return _indexed(lambda: value[_plain_key(key)])
        raise _not_subscriptable(value)

    def set_index(self, value: Any, key: Any, new: Any) -> None:
        """Does `value[key] = new`, in place."""
        if isinstance(value, Tensor):
            _indexed(lambda: value.__setitem__(key, new))
        elif isinstance(value, (list, dict)):
            _indexed(lambda: value.__setitem__(_plain_key(key), new))
        else:
            raise _not_subscriptable(value)

    def del_index(self, value: Any, key: Any) -> None:
        """Does `del value[key]` of a list or a dict."""
        if not isinstance(value, (list, dict)):
            raise TypeFault("E303", f"'{kind_name(value)}' object does not support item deletion")
        _indexed(lambda: value.__delitem__(_plain_key(key)))

    def call(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """`function(*args, **kwargs)`."""
        return functions.call(function, args, kwargs)

    def manager(self, value: Any) -> AbstractContextManager[Any]:
        """What `with value` enters and leaves: a grad mode."""
        if isinstance(value, MANAGERS):
            return value
        hint = ""
        if isinstance(value, functions.Function):
            hint = f"call it: `with {value.name}():`"
        raise TypeFault(
            "E303", f"'{kind_name(value)}' object does not support the context manager protocol", help=hint
        )

    def assigned(self, name: str, value: Any) -> None:
        """Told of every assignment; the names themselves are kept by the program."""

    def module(self, path: str) -> Any:
        """What `import path` loads: PyTorch's namespaces and math, as far as names know them."""
        first, *rest = path.split(".")
        found: Any = names.resolve(first) if first in IMPORTED else None
        for name in rest:
            found = attributes.member_of(found, name)
        if not isinstance(found, (Namespace, MathModule)):
            raise ModuleFault("E211", f"No module named '{path}'", help="there are torch, torch.nn and math")
        return found

    def member(self, path: str, name: str) -> Any:
        """What `from path import name` binds."""
        found = attributes.member_of(self.module(path), name)
        if found is None:
            raise ImportFault("E211", f"cannot import name '{name}' from '{path}'")
        return found

    def make_class(self, name: str, bases: tuple[Any, ...], members: dict[str, Any]) -> Any:  # noqa: ARG002 - none is made
        """Classes belong to whole programs."""
        raise TypeFault(
            "E303",
            f"an expression has no classes: {name}",
            help="write the program into a file and run it with `gradcli run`",
        )

    def parent(self, owner: Any, instance: Any) -> Any:  # noqa: ARG002 - there is none
        """What `super()` stands for: nothing, as there are no classes."""
        raise TypeFault("E303", "an expression has no classes")

    def text(self, value: Any, *, quoted: bool) -> str:
        """A tensor, a shape or a dtype as it prints; anything else by its kind."""
        if isinstance(value, (Tensor, Size, DType, Named)):
            return repr(value) if quoted else str(value)
        return f"<{kind_name(value)}>"

    def format(self, value: Any, spec: str) -> str:
        """A tensor of one number as that number."""
        if not spec and not (isinstance(value, Tensor) and not value.ndim):
            return self.text(value, quoted=False)
        if not isinstance(value, Tensor) or value.ndim:
            raise TypeFault("E303", f"unsupported format string passed to {kind_name(value)}.__format__")
        try:
            return format(value.item(), spec)
        except ValueError as error:
            raise ValueFault("E386", str(error)) from None


def _plain_key(key: Any) -> Any:
    """A tensor of one whole number as that number."""
    if isinstance(key, Tensor) and key.dtype.kind in "biu" and not key.ndim:
        return key.item()
    return key


def _not_subscriptable(value: Any) -> TypeFault:
    hint = (
        f"a function is called with round brackets: {value.name}(x)"
        if isinstance(value, functions.Function)
        else ""
    )
    return TypeFault("E303", f"'{kind_name(value)}' object is not subscriptable", help=hint)


def _indexed(act: Callable[[], Any]) -> Any:
    """The result of a subscript; Python's and NumPy's own errors become ours."""
    try:
        return act()
    except GradcliError:
        raise
    except FAULTS as error:
        kind = IndexFault if isinstance(error, (IndexError, KeyError)) else RuntimeFault
        text = f"no such key: {error}" if isinstance(error, KeyError) else str(error)
        raise kind("E302", text) from None
