"""torch.autograd.function: operations with a derivative of one's own, as classes."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from gradcli.autograd.custom import NO_JVP, apply_function
from gradcli.autograd.custom import once_differentiable as _once_differentiable
from gradcli.autograd.custom_node import NO_BACKWARD, FunctionContext
from gradcli.diagnostics import NotImplementedFault, RuntimeFault

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Function", "FunctionCtx", "once_differentiable"]

FunctionCtx = FunctionContext

INSTANTIATED = (
    "{kind} should not be instantiated. Methods on autograd functions are all static, so you should invoke "
    "them on the class itself. Instantiating an autograd function will raise an error in a future version "
    "of PyTorch."
)
LEGACY = (
    "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd "
    "function with static forward method. (Example: "
    "https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
)
BOTH = (
    "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only implement "
    "one of them."
)

NO_FORWARD = "You must implement the forward function for custom autograd.Function."
NO_VMAP = (
    "To use autograd.Function with vmap, you must either override the vmap staticmethod or set "
    "generate_vmap_rule=True."
)


def once_differentiable(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a backward whose results cannot be differentiated again: for one not made of tensors."""
    return wraps(fn)(_once_differentiable(fn))


class Function:
    """Base of operations with a derivative of their own: write static `forward` and `backward`, call `apply`.

    `forward(ctx, *args)` computes, unrecorded; or `forward(*args)` together with
    `setup_context(ctx, inputs, output)`. `backward(ctx, *grads)` gives one gradient, or None, for each
    argument; `jvp(ctx, *tangents)` one tangent for each result.
    """

    def __init__(self) -> None:
        from warnings import warn  # a mistake; not worth the start-up

        warn(INSTANTIATED.format(kind=type(self)), DeprecationWarning, stacklevel=2)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Never returns: the operation is called by `apply`."""
        del args, kwargs
        raise RuntimeFault("E407", LEGACY, help=f"write {type(self).__name__}.apply(...)")

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """The operation's result; for subclasses to write."""
        del args, kwargs
        raise NotImplementedFault("E407", NO_FORWARD, help="define forward(ctx, *args)")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Saves what backward needs; for subclasses whose forward takes no ctx."""
        del ctx, inputs, output
        raise NotImplementedFault(
            "E407", "setup_context is not implemented.", help="define setup_context(ctx, inputs, output)"
        )

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """One gradient per argument of forward; for subclasses to write."""
        del ctx, grad_outputs
        raise NotImplementedFault("E407", NO_BACKWARD, help="define backward(ctx, grad)")

    vjp = backward

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """One tangent per result; for subclasses to write."""
        del ctx, grad_inputs
        raise NotImplementedFault("E407", NO_JVP, help="define jvp(ctx, *tangents)")

    @staticmethod
    def vmap(info: Any, in_dims: Any, *args: Any) -> Any:
        """Results and their mapped dims; nothing asks for it here: vmap runs one example after the other."""
        del info, in_dims, args
        raise NotImplementedFault("E407", NO_VMAP, help="call torch.vmap(...) on a function that applies it")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """The operation's result, recorded with its backward."""
        separate = cls.setup_context is not Function.setup_context
        if separate or kwargs:
            from inspect import signature  # slow to load, and needed by this form alone

            bound = signature(cls.forward).bind(*(() if separate else (None,)), *args, **kwargs)
            bound.apply_defaults()
            args = bound.args if separate else bound.args[1:]
        return apply_function(
            cls.__name__,
            cls.forward,
            cls._backward(),
            args,
            setup_context=cls.setup_context if separate else None,
            jvp=cls.jvp if cls.jvp is not Function.jvp else None,
        )

    @classmethod
    def _backward(cls) -> Callable[..., Any] | None:
        """Whichever of backward and vjp the class defines."""
        found = [one for one in (cls.backward, cls.vjp) if one is not Function.backward]
        if len(found) > 1:

            def refuse(*_: Any) -> Any:
                raise RuntimeFault("E407", BOTH)

            return refuse
        return found[0] if found else None
