"""Names that a program does not bind: operations, PyTorch's modules, constants, some Python functions."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.diagnostics import NameFault, did_you_mean
from gradcli.explorer.attributes import member
from gradcli.explorer.functions import Function, plain_only
from gradcli.explorer.pythonic import BUILTINS, CONSTANTS, MathModule, items
from gradcli.explorer.values import is_plain
from gradcli.ops.dtypes import DType
from gradcli.torch.namespace import Namespace
from gradcli.torch.namespace import names as torch_names

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["known", "known_value", "resolve", "unknown_name"]

# Where an operation written without its module is looked for, one after the other: `relu(x)`, `solve(A, b)`.
SEARCHED = ("", "nn.functional", "linalg", "special", "autograd")

MODULES = {
    "torch": "", "F": "nn.functional", "nn": "nn", "linalg": "linalg", "special": "special",
    "autograd": "autograd",
}  # fmt: skip

# Python's functions that PyTorch has too: torch's on tensors, Python's where all arguments are plain numbers.
SHARED: dict[str, Any] = {"max": max, "min": min, "abs": abs, "round": round, "pow": pow}
FOLDED = {"sum": lambda a, b: a + b, "prod": lambda a, b: a * b}


def resolve(name: str) -> Any:
    """Returns what a name stands for.

    Raises:
        NameFault: nothing has that name.
    """
    found = _found(name)
    if found is None:
        raise unknown_name(name, called=False)
    return found


def known(name: str) -> bool:
    """Returns whether a name that is called stands for something without being bound."""
    return _found(name) is not None


def known_value(name: str) -> bool:
    """Returns whether a name that is not called stands for a constant, a module or a dtype.

    Operations are left out, so that `var` and `std` may be variables, and because to find that `x` is no
    operation all of them would have to be loaded.
    """
    return (
        name in CONSTANTS or name in MODULES or name == "math" or isinstance(torch_names("").get(name), DType)
    )


def unknown_name(name: str, *, called: bool) -> NameFault:
    """Returns the error for a name that nothing has."""
    what = f"no function is called `{name}`" if called else f"nothing is called `{name}`"
    near = did_you_mean(name, _all_names())
    return NameFault(
        "E201",
        what,
        label=near,
        help="`gradcli ops` lists every function"
        + ("" if near or not called else f"; to multiply, write `{name}*(...)`"),
    )


@cache
def _found(name: str) -> Any:
    if name in CONSTANTS:
        return CONSTANTS[name]
    if name in MODULES:
        return Namespace(MODULES[name])
    if name in BUILTINS:
        return BUILTINS[name]
    if name == "math":
        return MathModule()
    if not name.startswith("_"):
        for path in SEARCHED:
            found = member(path, name)
            if found is not None:
                return _adapted(name, found)
    return None


def _adapted(name: str, function: Any) -> Any:
    """Python's meaning where PyTorch's function has none: numbers, and lists that are summed up."""
    if not isinstance(function, Function):
        return function
    if name in SHARED:
        function.run = plain_only(SHARED[name], function.run)
    elif name in FOLDED:
        function.run = _folding(FOLDED[name], function.run)
        function.parameters = ()
    return function


def _folding(fold: Any, operation: Any) -> Any:
    """A reduction that also takes a list or a generator: its items are combined one after the other."""

    def run(*args: Any, **kwargs: Any) -> Any:
        if len(args) != 1 or kwargs or isinstance(args[0], Tensor) or is_plain(args[0]):
            return operation(*args, **kwargs)
        total = None
        for item in items(args[0]):
            total = item if total is None else fold(total, item)
        return 0 if total is None else total

    return run


def _all_names() -> Iterator[str]:
    yield from ("math", *CONSTANTS, *MODULES, *BUILTINS)
    for path in SEARCHED:
        yield from Namespace(path)
