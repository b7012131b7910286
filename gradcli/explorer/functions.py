"""What a program may call: our own functions under the names the user knows, and nothing else.

Mathematics writes vectors as lists, so a list of numbers or tensors is a tensor wherever a tensor is
expected: `mean([1, 2, 3])`, `mse_loss(y, [0, 1])`; never where sizes, dims or sequences are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.diagnostics import GradcliError, LimitFault, RuntimeFault, TypeFault
from gradcli.explorer.values import as_tensor, is_plain, kind_name, looks_like_tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.ops.record import Record

__all__ = ["Function", "call"]

TENSOR_ARGUMENTS = frozenset((
    "input", "other", "self", "tensor", "mat", "mat1", "mat2", "vec", "vec1", "vec2", "batch1",
    "batch2", "target",
    "weight", "bias", "condition", "x", "y", "a", "b", "A", "B", "exponent", "beta", "q",
))  # fmt: skip

ALIKE = frozenset(("other", "mat", "mat2", "vec", "vec2", "batch2", "b", "weight", "bias"))

FAULTS = (ValueError, TypeError, IndexError, KeyError, ArithmeticError, AttributeError, NotImplementedError)


class Function:
    """A function or method, under the name that the user knows it by.

    Attributes:
        name: for messages.
        run: the Python function behind it.
        parameters: the names of its positional parameters, as far as they are known.
        record: the operation it belongs to, if any.
    """

    __slots__ = ("name", "parameters", "record", "run")

    def __init__(
        self, name: str, run: Callable[..., Any], record: Record | None = None, *, bound: bool = False
    ) -> None:
        self.name = name
        self.run = run
        self.record = record
        self.parameters = () if record is None else _parameters(record)[bound:]

    def __repr__(self) -> str:
        return f"<function {self.name}>"


def _parameters(record: Record) -> tuple[str, ...]:
    """The names of a record's positional arguments."""
    if record.front is None:
        return record.args if record.star < 0 else ()
    front = record.front  # a function of ours, never a value of the program
    while hasattr(front, "__wrapped__"):
        front = front.__wrapped__
    code = getattr(front, "__code__", None)
    return () if code is None else code.co_varnames[1 : code.co_argcount]


def call(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Returns `function(*args, **kwargs)`.

    Raises:
        TypeFault: the value cannot be called, or not with these arguments.
        GradcliError: whatever the function itself finds wrong.
    """
    if function.__class__ is not Function:
        raise _not_callable(function)
    if list in map(type, args) or tuple in map(type, args):
        args = tuple(
            _listed(arg, name, args[0]) if name in TENSOR_ARGUMENTS and looks_like_tensor(arg) else arg
            for name, arg in zip(_padded(function.parameters, len(args)), args, strict=True)
        )
    try:
        return function.run(*args, **kwargs)
    except GradcliError:
        raise
    except MemoryError:
        raise LimitFault(
            "E602", f"{function.name}: there is not enough memory", help="make it smaller"
        ) from None
    except RecursionError:
        raise LimitFault("E603", f"{function.name}: this is nested too deeply") from None
    except FAULTS as error:
        raise _explained(function, args, kwargs, error) from None


def _listed(value: Any, name: str, first: Any) -> Tensor:
    """A list as a tensor; one that is combined with the first argument is of its dtype, as numbers are."""
    return as_tensor(value, like=first if name in ALIKE else None)


def _padded(names: tuple[str, ...], count: int) -> tuple[str, ...]:
    return names[:count] + ("",) * (count - len(names))


def _not_callable(value: Any) -> TypeFault:
    name = kind_name(value)
    times = "to multiply, write `*`: `x*(y + 1)`" if isinstance(value, (Tensor, int, float)) else ""
    return TypeFault("E303", f"'{name}' object is not callable", help=times)


def _explained(
    function: Function, args: tuple[Any, ...], kwargs: dict[str, Any], error: Exception
) -> GradcliError:
    """The error of a call in words that say nothing of the inside."""
    signature = _signature_fault(function, args, kwargs)
    if signature:
        return signature
    given = ", ".join(
        [kind_name(arg) for arg in args] + [f"{name}={kind_name(arg)}" for name, arg in kwargs.items()]
    )
    foreign = [arg for arg in (*args, *kwargs.values()) if isinstance(arg, Function)]
    if foreign:
        return TypeFault(
            "E303",
            f"{function.name}() got the function {foreign[0].name} where a value is expected",
            help=f"call it: {foreign[0].name}(x)",
        )
    if isinstance(error, (TypeError, AttributeError)):
        return TypeFault(
            "E303", f"{function.name}() does not take these arguments: {given}", help=_usage(function)
        )
    text = str(error) if not isinstance(error, KeyError) else f"unknown key {error}"
    return RuntimeFault("E300", f"{function.name}: {text}", help=_usage(function))


def _signature_fault(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> TypeFault | None:
    """The error if the arguments do not fit the parameters."""
    record = function.record
    if record is None or record.front is None:
        return None
    import inspect  # only when a call failed

    owner = () if not isinstance(getattr(function.run, "args", None), tuple) else function.run.args  # type: ignore[attr-defined] # a partial: a bound method
    try:
        inspect.signature(record.front).bind(None, *owner, *args, **kwargs)
    except TypeError as error:
        return TypeFault("E303", f"{function.name}(): {error}", help=_usage(function))
    return None


def _usage(function: Function) -> str:
    if function.record is None:
        return ""
    from gradcli.explorer.signatures import signature  # only when a call failed

    return f"write {signature(function.record)}"


def python_function(name: str, run: Callable[..., Any]) -> Function:
    """Returns a function on plain values; a tensor of one element counts as its number."""
    return Function(
        name, lambda *args: run(*(arg.item() if isinstance(arg, Tensor) else arg for arg in args))
    )


def plain_only(function: Callable[..., Any], operation: Callable[..., Any]) -> Callable[..., Any]:
    """Returns `operation`, replaced by Python's `function` where all arguments are plain numbers."""
    return lambda *args, **kwargs: (
        function(*args) if not kwargs and all(is_plain(arg) for arg in args) else operation(*args, **kwargs)
    )
