"""Classes of a script that derive from torch.autograd.Function: what `apply` runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import NotImplementedFault, RuntimeFault
from gradcli.explorer.scripts.callables import Routine
from gradcli.explorer.scripts.classes import MISSING, StaticMethod

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.scripts.classes import ScriptClass

__all__ = ["function_attribute"]


def function_attribute(kind: ScriptClass, name: str) -> Any:
    """Returns `MyFunction.apply`; None for other names, and for classes that are no autograd functions."""
    from gradcli.torch.function import Function  # only scripts with such a class pay for it

    if name != "apply" or kind.root is None or not issubclass(kind.root, Function):
        return None
    return Routine(f"{kind.name}.apply", lambda *args, **kwargs: _apply(kind, args, kwargs))


def _apply(kind: ScriptClass, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    from gradcli.autograd.custom import apply_function  # as above
    from gradcli.torch.function import BOTH

    forward, setup = _member(kind, "forward"), _member(kind, "setup_context")
    if forward is None:
        raise NotImplementedFault(
            "E407",
            "You must implement the forward function for custom autograd.Function.",
            help="write `@staticmethod` `def forward(ctx, x): ...` in the class",
        )
    if kwargs:
        args = _by_position(forward, args, kwargs, separate=setup is not None)
    backward, vjp = _member(kind, "backward"), _member(kind, "vjp")
    if backward is not None and vjp is not None:
        raise RuntimeFault("E407", BOTH)
    return apply_function(
        kind.name,
        forward,
        backward or vjp,
        args,
        setup_context=setup,
        jvp=_member(kind, "jvp"),
    )


def _member(kind: ScriptClass, name: str) -> Callable[..., Any] | None:
    member = kind.find(name)
    if member is MISSING:
        return None
    return member.function if isinstance(member, StaticMethod) else member  # type: ignore[no-any-return] # a function


def _by_position(
    forward: Any, args: tuple[Any, ...], kwargs: dict[str, Any], *, separate: bool
) -> tuple[Any, ...]:
    """The arguments of forward in order, those given by name among them."""
    names = list(getattr(getattr(forward, "signature", None), "positional", ()))[0 if separate else 1 :]
    rest = names[len(args) :]
    return (*args, *(kwargs[name] for name in rest if name in kwargs))
