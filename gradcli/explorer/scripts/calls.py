"""Calls that leave the script: what may be called, and what errors say of it."""

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.diagnostics import GradcliError, IndexFault, LimitFault, RuntimeFault, TypeFault, ValueFault
from gradcli.explorer.scripts.admission import ADMITTED, admit
from gradcli.explorer.scripts.arrays import Array
from gradcli.explorer.scripts.callables import Kind, Routine
from gradcli.explorer.scripts.classes import CLASS, ScriptClass
from gradcli.explorer.scripts.context_managers import is_manager
from gradcli.explorer.scripts.instances import Instance, instantiate, special
from gradcli.explorer.scripts.kinds import kind_name
from gradcli.language import Function
from gradcli.language.values.faults import KeyFault, OverflowFault, StopFault, ZeroDivisionFault
from gradcli.ops.dtypes import named
from gradcli.torch.nn.module import HOOKS, Module

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["call", "check_nesting", "explained"]

NESTING = frozenset((list, tuple, dict))
MOST = 10_000_000  # items in an argument
WRAPPED = frozenset((Array, Kind))  # what our functions take without its wrap
# Python's number types stand for dtypes wherever our functions take them.
DTYPES = {bool: named("bool"), int: named("int64"), float: named("float64")}
SIGNATURE_WORDS = ("argument", "missing ", "takes ")


def call(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: C901 - the hot path
    """Returns `function(*args, **kwargs)`.

    Raises:
        TypeFault: the value cannot be called, or not with these arguments.
        GradcliError: whatever the function itself finds wrong.
    """
    kind = type(function)
    try:
        if kind is MethodType:
            inner = function.__func__
            if inner.__class__ is Function:
                return inner.invoke((function.__self__, *args), kwargs)
            if args and type(args[0]) in WRAPPED:
                args = tuple(map(unwrapped, args))
            check_nesting(args)
            if kwargs:
                kwargs = {name: unwrapped(value) for name, value in kwargs.items()}
            result = function(*args, **kwargs)
        elif kind is Routine:
            if function.strict:
                check_nesting(args)
                if args and type(args[0]) is not Tensor:
                    _check_tensor(function, args)
                if kwargs:
                    kwargs = {name: unwrapped(value) for name, value in kwargs.items()}
            result = function.run(*args, **kwargs)
        else:
            result = _other(function, args, kwargs)
    except (GradcliError, OSError):  # the latter of who reads what is printed
        raise
    except Exception as error:  # noqa: BLE001 - no traceback ever reaches a user
        raise explained(name_of(function), error) from None
    return result if type(result) in ADMITTED else admit(result)


def check_nesting(args: tuple[Any, ...]) -> None:
    """Returns if the containers among the arguments can be walked: `x = [x, x]` again and again cannot.

    Raises:
        LimitFault: one of them holds too many items, those of its containers included.
    """
    for arg in args:
        if type(arg) not in NESTING:
            continue
        count, waiting = 0, [arg]
        while waiting:
            one = waiting.pop()
            count += len(one)
            if count > MOST:
                raise LimitFault("E613", f"this would hold more than {MOST} items", help="use a tensor")
            inside = one.values() if one.__class__ is dict else one
            waiting += [part for part in inside if part.__class__ in NESTING]


def _other(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: PLR0911 - a case per kind
    """Calls of values that are called less often."""
    if type(function) is Kind:
        if function.make is None:
            raise TypeFault("E206", f"cannot create '{function.name}' instances")
        if not (args or kwargs) or not function.cls.__module__.startswith("gradcli."):
            return function.make(*args, **kwargs)
        check_nesting(args)
        return function.make(*map(unwrapped, args), **{k: unwrapped(v) for k, v in kwargs.items()})
    if isinstance(function, Module):
        return _module(function, args, kwargs)
    if function.__class__ is ScriptClass:
        return instantiate(function, args, kwargs)
    if function.__class__ is Instance:
        return function(*args, **kwargs)
    if function.__class__ is Function:
        return function.invoke(args, kwargs)
    if is_manager(function.__class__):  # a grad mode as a decorator
        made = function(*args, **kwargs)
        return Routine(name_of(args[0]) if args else "", made, binds=True) if callable(made) else made
    if function.__class__.__module__.startswith("gradcli.torch.") and callable(function):  # a FloatTensor
        return function(*map(unwrapped, args), **kwargs)
    raise _not_callable(function)


def _module(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    own = module.__dict__
    if CLASS in own:
        replaced = special(module, "__call__")
        if replaced is not None:
            return replaced(*args, **kwargs)
        forward = own.get("forward")
        function = forward.__func__ if type(forward) is MethodType else None
        if type(function) is Function and not any(map(own.get, HOOKS)):
            return function.invoke((module, *args), kwargs)
    return module(*args, **kwargs)


def unwrapped(value: Any) -> Any:
    """A value as our own functions take it: dtypes and arrays without their wraps."""
    kind = type(value)
    if kind is Kind:
        return DTYPES.get(value.cls, value)
    return value.array if kind is Array else value


def _check_tensor(function: Routine, args: tuple[Any, ...]) -> None:
    """Raises PyTorch's error for an operation on what is no tensor."""
    first = args[0]
    if isinstance(first, Tensor) or (
        isinstance(first, (int, float)) and any(isinstance(arg, Tensor) for arg in args[1:])
    ):
        return
    if isinstance(first, (list, tuple)) and any(isinstance(one, Tensor) for one in first):
        return  # cat, stack and their like
    name = function.name.rpartition(".")[2]
    if isinstance(first, (list, tuple)) and name in SEQUENCES:
        _check_sequence(name, first)
        return
    if name in NO_TENSOR_FIRST:
        return
    raise TypeFault(
        "E303",
        f"{name}(): argument 'input' (position 1) must be Tensor, not {kind_name(first)}",
        help="make it a tensor first: torch.tensor(...)",
    )


SEQUENCES = frozenset((
    "atleast_1d", "atleast_2d", "atleast_3d", "block_diag", "broadcast_tensors", "cat", "column_stack",
    "concat", "concatenate", "dstack", "hstack", "meshgrid", "row_stack", "stack", "vstack",
))  # fmt: skip
NO_TENSOR_FIRST = frozenset(("broadcast_shapes", "einsum"))


def _check_sequence(name: str, values: Iterable[Any]) -> None:
    for place, value in enumerate(values):
        if not isinstance(value, Tensor):
            raise TypeFault(
                "E303", f"expected Tensor as element {place} in argument 0, but got {kind_name(value)}"
            )
    if name in ("cat", "concat", "concatenate"):
        raise ValueFault("E303", "torch.cat(): expected a non-empty list of Tensors")
    raise RuntimeFault("E303", f"{name} expects a non-empty TensorList")


def name_of(function: Any) -> str:
    """Returns what a callable is called in messages."""
    if isinstance(function, Routine):
        return function.name.rpartition(".")[2]
    if isinstance(function, Module):
        return f"{kind_name(function)}.forward"
    if isinstance(function, (Kind, ScriptClass, Function)):
        return function.name
    if function.__class__ is MethodType:
        inner = function.__func__
        return str(inner.name if hasattr(inner, "name") else inner.__name__)
    return kind_name(function)


def explained(name: str, error: BaseException) -> GradcliError:  # noqa: PLR0911 - a case per kind
    """Returns the error of ours for one that Python raised, in words that say nothing of the inside."""
    if isinstance(error, GradcliError):
        return error
    if isinstance(error, MemoryError):
        return LimitFault("E602", f"{name}: there is not enough memory", help="make it smaller")
    if isinstance(error, RecursionError):
        return LimitFault(
            "E603",
            f"{name}: maximum recursion depth exceeded",
            help="does something contain itself, or call itself without end?",
        )
    text = str(error)
    if isinstance(error, TypeError):
        return TypeFault("E303", _type_text(name, text))
    if isinstance(error, AttributeError):
        return TypeFault("E303", f"{name}() does not take these arguments")
    if isinstance(error, KeyError):
        return KeyFault("E384", repr(error.args[0]) if error.args else "")
    fault = next((fault for kind, fault in PYTHONS if isinstance(error, kind)), None)
    return RuntimeFault("E300", f"{name}: {text}") if fault is None else fault("E303", text)


# A LinAlgError is a ValueError of NumPy's that PyTorch calls a RuntimeError.
PYTHONS: tuple[tuple[type[Exception], type[GradcliError]], ...] = (
    (np.linalg.LinAlgError, RuntimeFault),
    (ZeroDivisionError, ZeroDivisionFault),
    (OverflowError, OverflowFault),
    (StopIteration, StopFault),
    (ValueError, ValueFault),
    (IndexError, IndexFault),
)


def _type_text(name: str, text: str) -> str:
    """Python's own message about arguments, under the name the user knows; another's where it tells."""
    head, open_bracket, tail = text.partition("() ")
    if open_bracket and any(word in tail for word in SIGNATURE_WORDS):
        shown = head if "." in head else name
        if head.startswith("_"):  # a base class of ours that has no name outside
            shown = name if "." in name else f"{name}.{head.rpartition('.')[2]}"
        return f"{shown.replace('<lambda>', name)}() {tail}"
    if "gradcli" in text or "numpy" in text or "ufunc" in text:
        return f"{name}() does not take these arguments"
    return text.replace("'Function'", "'function'")


def _not_callable(value: Any) -> TypeFault:
    times = "to multiply, write `*`: `x*(y + 1)`" if isinstance(value, (Tensor, int, float)) else ""
    return TypeFault("E303", f"'{kind_name(value)}' object is not callable", help=times)
