"""What functions that make tensors have in common: the options that change nothing here, and refusals.

One decorator keeps the makers' own signatures to what they use; PyTorch's other keywords are known
here alone, and what is none of them is refused in PyTorch's words.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from gradcli.autograd.dense import Layout
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.devices import check_device
from gradcli.ops.dtypes import DType

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FACTORY", "maker", "nothing_given"]

FACTORY = ("device", "layout", "pin_memory")  # of whatever makes a tensor
PYTHON_TYPES = (float, int, bool)


def maker(*options: str, method: bool = False) -> Callable[..., Callable[..., Any]]:
    """Returns a decorator for a function that makes tensors and takes these options besides its own.

    `out` is written to, devices are checked, the rest says nothing on one kind of memory. Of a
    `method` the messages leave the tensor away.
    """
    passive = frozenset(options)

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        code, name = function.__code__, function.__name__
        known = frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
        checked = frozenset(("dtype", "requires_grad", "generator"))

        @functools.wraps(function)
        def make(*args: Any, **kwargs: Any) -> Any:
            given = kwargs
            if kwargs and not (kwargs.keys() <= known and checked.isdisjoint(kwargs)):
                kwargs = _own(name, args[method:], kwargs, known, passive, method=method)
            try:
                made = function(*args, **kwargs)
            except TypeError as error:
                from gradcli.autograd.wording import mend  # only when something went wrong

                return mend(error, function, name, args, given, method=method, less=method)
            if given is not kwargs and given.get("out") is not None:
                from gradcli.autograd.output import replace  # a rare argument

                replace(given["out"], made)
                return given["out"]
            return made

        return make

    return decorate


def _own(  # noqa: PLR0913 - a call and what it is held against
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    known: frozenset[str],
    passive: frozenset[str],
    *,
    method: bool,
) -> dict[str, Any]:
    """The keywords that a maker uses itself, after all were checked."""
    own = {}
    for key, value in kwargs.items():
        if key not in known and key not in passive:
            raise _refusal(name, args, kwargs, f"{name}() got an unexpected keyword argument '{key}'", method)
        wanted = _wanted(key, value)
        if wanted is not None:
            text = f"{name}(): argument '{key}' must be {wanted}, not {type(value).__name__}"
            raise _refusal(name, args, kwargs, text, method)
        if key == "device":
            check_device(value, name)
        elif key == "pin_memory" and value:
            raise RuntimeFault(
                "E303",
                "pin_memory=True requires a CUDA or other accelerator backend; no pinned memory allocator is "
                "available on this system.",
                help="leave pin_memory out",
            )
        if key in known and not (key == "requires_grad" and value is None):
            own[key] = value
    return own


# By option what it must be, and what that is called.
KINDS: dict[str, tuple[Any, str]] = {
    "dtype": (DType, "torch.dtype"),
    "requires_grad": (bool, "bool"),
    "pin_memory": (bool, "bool"),
    "out": (Tensor, "Tensor"),
    "device": ((str, int), "torch.device"),
    "layout": (Layout, "torch.layout"),
}


def _wanted(key: str, value: Any) -> str | None:
    """The kind that an option must have, where it has another."""
    kind, name = KINDS.get(key, (object, ""))
    if key == "generator":
        from gradcli.autograd.generator import Generator  # only programs that draw numbers pay for it

        kind, name = Generator, "torch.Generator"
    fits = value is None or isinstance(value, kind) or (key == "dtype" and value in PYTHON_TYPES)
    return None if fits else name


def _refusal(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], text: str, method: bool) -> TypeFault:
    """The error in the words of a function of one signature, or with the list of several."""
    from gradcli.autograd.wording import invalid_combination, overloads  # only when something went wrong

    if overloads(f"Tensor.{name}" if method else name):
        return invalid_combination(name, args, kwargs, method=method)
    import difflib  # as above

    asked = text.partition("argument '")[2].partition("'")[0]
    near = difflib.get_close_matches(asked, ("requires_grad", "dtype", "device", "generator", "size"), 1)
    return TypeFault("E303", text, help=f"did you mean {near[0]}=?" if near and near[0] != asked else "")


def nothing_given(name: str, argument: str) -> TypeFault:
    """Returns the error of a call without an argument that a function needs."""
    from gradcli.autograd.wording import invalid_combination, overloads  # only when something went wrong

    if overloads(name):
        return invalid_combination(name, (), {})
    return TypeFault(
        "E303", f'{name}() missing 1 required positional arguments: "{argument}"', help=f"write {name}(2, 3)"
    )
