"""Records as functions and methods: PyTorch's signatures, and PyTorch's errors for calls that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.tensor import Tensor, apply
from gradcli.ops.record import NO_PARAMS, Record

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["call", "function_of", "method_of"]


def function_of(record: Record, name: str = "") -> Callable[..., Any]:
    """Returns the function that Python users and programs call: PyTorch's signature, on tensors.

    `name` is what messages call it where that is not the record's; with `nn.functional.` before it, it
    is a function that PyTorch has written in Python, whose words those are.
    """
    if record.name in ("sub", "neg"):
        from gradcli.autograd.operands import refusing  # as in _check_operand

        return refusing(_plain_function(record, name))
    return _plain_function(record, name)


def _plain_function(record: Record, name: str) -> Callable[..., Any]:
    front = record.front
    if front is not None:

        def function(*args: Any, **kwargs: Any) -> Any:
            try:
                return front(TENSORS, *args, **kwargs)
            except TypeError as error:
                return _mend(error, function, name or record.name, args, kwargs)

        return function
    names = tuple("input" if arg in ("x", "a") else "other" if arg == "b" else arg for arg in record.args)
    return lambda *args, **kwargs: call(record, names, args, kwargs)


def _mend(  # noqa: PLR0913 - a call
    error: TypeError,
    function: Callable[..., Any],
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    method: bool = False,
) -> Any:
    """What a call that Python refused means: with `out=` the result goes there; else PyTorch's error."""
    from gradcli.autograd.wording import mend  # only when something went wrong

    return mend(error, function, name, args, kwargs, method=method)


def call(record: Record, names: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Returns a record without a front applied to arguments given by position or by PyTorch's names.

    Raises:
        TypeFault: too many, too few or unknown arguments.
    """
    given = args
    if kwargs:
        given += tuple(kwargs[name] for name in names[len(args) :] if name in kwargs)
    if len(given) != len(names) or len(args) + len(kwargs) != len(names):
        from gradcli.autograd.wording import mismatch  # only when something went wrong

        return mismatch(lambda *a, **k: call(record, names, a, k), record.name, names, args, kwargs)
    return apply(record, given)


def method_of(record: Record, name: str = "") -> Callable[..., Any]:
    """Returns the method: the same, with the tensor first, which messages do not count."""
    if record.front is None and len(record.args) == 1 and record.name != "neg":

        def alone(self: Tensor, *more: Any) -> Any:
            if more:
                from gradcli.autograd.wording import superfluous  # as in call

                raise superfluous(name or record.name, more)
            return apply(record, (self,), NO_PARAMS)

        alone.__qualname__ = f"TensorBase.{name or record.name}"
        return alone
    front = record.front
    if front is not None and record.name != "sub":
        bare = getattr(front, "__wrapped__", front)  # wrappers of fronts translate names of arguments

        def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
            try:
                return front(TENSORS, self, *args, **kwargs) if kwargs else bare(TENSORS, self, *args)
            except TypeError as error:
                return _mend(error, method, name or record.name, (self, *args), kwargs, method=True)

        return method
    return function_of(record, name)
