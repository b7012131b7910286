"""Hooks on the gradients that pass a module: an identity before it and one after it see them."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.custom import apply_function
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import RuntimeFault
from gradcli.ops.dtypes import FLOATS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.torch.nn.module import Module

__all__ = ["BackwardHooks"]

NO_INPUT = (
    "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs "
    "require gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html"
    "#torch.nn.Module.register_full_backward_hook for more details."
)
NONE_ONLY = (
    "Backward hook for Modules where no input requires gradient should always return None or None for all "
    "gradients."
)

Gradients = tuple[Any, ...]


class BackwardHooks:
    """One call of a module whose gradients are watched: `inputs`, then the call, then `outputs`.

    As PyTorch's, whose node is called BackwardHookFunctionBackward too (torch/utils/hooks.py).
    """

    def __init__(self, module: Module) -> None:
        own = module.__dict__
        self._module = module
        self._before: list[Callable[..., Any]] = list(own["_backward_pre_hooks"].values())
        self._after: list[Callable[..., Any]] = list(own["_backward_hooks"].values())
        self._came: Gradients | None = None
        self._takes_gradient = False
        self._count = 0

    def inputs(self, args: Gradients) -> Gradients:
        """The module's arguments, their gradients watched if any has one."""

        def leaving(gradients: Gradients, _: Gradients) -> Gradients | None:
            if self._came is None:  # nothing came back to the results
                return None
            # Where a tensor wants no gradient, PyTorch's identity still gives one, of zeros.
            shown = [
                make(np.zeros(*kept)) if one is None and kept[1] in FLOATS else one
                for one, kept in zip(gradients, kinds, strict=True)
            ]
            found = _spread(places, shown, len(args))
            for hook in self._after:
                new = hook(self._module, found, self._came)
                if new is not None:
                    found = _checked(new, found, "grad_input")
            self._came = None
            return tuple(found[place] for place in places)

        self._count = len(args)
        watched, places = _watch(args, leaving)
        kinds = [(args[place]._array.shape, args[place]._array.dtype) for place in places]
        self._takes_gradient = bool(places)
        return watched

    def outputs(self, result: Any) -> Any:
        """The module's result, its gradients watched if it has any."""

        def arriving(_: Gradients, gradients: Gradients) -> Gradients | None:
            came = _spread(places, gradients, len(results))
            replaced = None
            for hook in self._before:
                new = hook(self._module, came)
                if new is not None:
                    came = _checked(new, came, "grad_output")
                    replaced = tuple(came[place] for place in places)
            self._came = came
            if not self._takes_gradient:
                self._without_inputs(came)
            return replaced

        results = result if isinstance(result, tuple) else (result,)
        watched, places = _watch(results, arriving)
        return watched if isinstance(result, tuple) else watched[0]

    def _without_inputs(self, came: Gradients) -> None:
        if self._after:
            from warnings import warn  # rare, and not worth the start-up

            warn(NO_INPUT, UserWarning, stacklevel=2)
        for hook in self._after:
            new = hook(self._module, (None,) * self._count, came)
            if new is not None and not (isinstance(new, tuple) and all(one is None for one in new)):
                raise RuntimeFault(
                    "E406", NONE_ONLY, help="return None, or give the module an input that requires grad"
                )
        self._came = None


def _watch(values: Gradients, hook: Callable[..., Any]) -> tuple[Gradients, list[int]]:
    """Values whose tensors went through an identity with a hook on its node, and the places of those."""
    places = [place for place, value in enumerate(values) if isinstance(value, Tensor)]
    if not context.grad_enabled or not any(values[place].requires_grad for place in places):
        return values, []
    passed = apply_function(
        "BackwardHookFunction", _pass, lambda _, *gradients: gradients, [values[place] for place in places]
    )
    node = next(one.grad_fn for one in passed if one.grad_fn is not None)
    node.register_hook(hook)
    given = list(values)
    for place, one in zip(places, passed, strict=True):
        given[place] = one
    return tuple(given), places


def _pass(ctx: Any, *tensors: Tensor) -> tuple[Tensor, ...]:
    ctx.mark_non_differentiable(*(one for one in tensors if not one.requires_grad))
    return tensors


def _spread(places: list[int], gradients: Sequence[Any], count: int) -> Gradients:
    """Gradients at the places of their tensors, None between them."""
    found: list[Any] = [None] * count
    for place, one in zip(places, gradients, strict=True):
        found[place] = one
    return tuple(found)


def _checked(new: Any, old: Gradients, what: str) -> Gradients:
    found = new if isinstance(new, tuple) else (new,)
    if len(found) != len(old):
        raise RuntimeFault(
            "E406",
            f"Backward hook returned an invalid number of {what}, got {len(found)}, but expected {len(old)}",
            help="return one gradient, or None, for each",
        )
    return found
