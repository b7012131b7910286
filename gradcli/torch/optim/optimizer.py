"""Optimizer: groups of parameters with their settings, what is remembered of each, and the step.

Updates are made on the arrays themselves, in place and unrecorded, in the order of operations of PyTorch's
single-tensor forms; each counts as one change of the parameter, so that a graph that still needs its old
values notices.
"""

# ruff: noqa: SLF001 - Tensor's and Module's fields are this package's own

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.budget import BIG
from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import NotImplementedFault, TypeFault, ValueFault
from gradcli.torch.nn.naming import type_text
from gradcli.torch.nn.state import clear_gradients
from gradcli.torch.optim.saving import load_state_dict, state_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "Array",
    "Optimizer",
    "State",
    "counted",
    "kept",
    "not_negative",
    "number",
    "remembered",
    "with_grad",
]

Array = np.ndarray[Any, Any]
State = dict[str, Any]


def number(value: Any) -> float:
    """Returns a setting as a number; it may be a tensor of one element."""
    return value.item() if isinstance(value, Tensor) else value  # type: ignore[no-any-return]


def not_negative(**settings: Any) -> None:
    """Returns if no setting is below zero or nan.

    Args:
        settings: by the name that the message gives them, its blank as the last underscore.

    Raises:
        ValueFault: one is, in PyTorch's words.
    """
    for name, value in settings.items():
        if isinstance(value, Tensor) and value._array.size != 1:
            raise ValueFault("E303", "Tensor lr must be 1-element")
        if not number(value) >= 0.0:
            what, _, kind = name.rpartition("_")
            raise ValueFault("E303", f"Invalid {what} {kind}: {value}")


def with_grad(closure: Callable[[], Any]) -> Any:
    """Returns what a closure returns, operations in it being recorded."""
    before, context.grad_enabled = context.grad_enabled, True
    try:
        return closure()
    finally:
        context.grad_enabled = before


class Optimizer:
    """What all optimizers share; a subclass writes `_update`.

    Attributes:
        defaults: the settings of groups that do not give their own.
        param_groups: dicts of settings, each with its parameters under "params".
        state: what is remembered, by parameter.
        stepped: whether a step was made; schedules ask.

    Raises:
        TypeFault, ValueFault: the parameters are none, not tensors, no leaves, or in two groups.
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeFault(
                "E303",
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                + type_text(params),
                help="write [x] for one tensor",
            )
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self.state: defaultdict[Tensor, State] = defaultdict(dict)
        self.stepped = False
        groups = list(params)
        if not groups:
            raise ValueFault("E303", "optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds parameters with settings of their own; those not given are the defaults.

        Raises:
            TypeFault, ValueFault: as the class says.
        """
        if not isinstance(param_group, dict):
            raise TypeFault("E303", f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeFault(
                "E303",
                "optimizer parameters need to be organized in ordered collections, but the ordering of "
                "tensors in "
                "sets will change between runs. Please use a list instead.",
            )
        params = [params] if isinstance(params, Tensor) else list(params)
        named = [param for param in params if isinstance(param, tuple)]
        if named:
            if len(named) != len(params):
                raise ValueFault(
                    "E303",
                    "all optimizer params should be with/without names. Some param names are missing",
                )
            param_group["param_names"] = [name for name, _ in named]
            params = [param for _, param in named]
        _check(params, self.param_groups)
        param_group["params"] = params
        for name, default in self.defaults.items():
            param_group.setdefault(name, default)
        self.param_groups.append(param_group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Takes the gradients of all parameters away, or makes them zeros."""
        for group in self.param_groups:
            clear_gradients(group["params"], to_none=set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Updates every parameter that has a gradient; returns what the closure, called first, returns."""
        loss = None if closure is None else with_grad(closure)
        if context.tape is not None:
            leaves = [param for group in self.param_groups for param in group["params"]]
            remembered = [
                one for state in self.state.values() for one in state.values() if isinstance(one, Tensor)
            ]
            context.tape.updating(partial(Optimizer.step, self), leaves, remembered)
        self.stepped = True
        for group in self.param_groups:
            for param in group["params"]:
                grad = param._grad
                if grad is None:
                    continue
                state = self.state.get(param)
                if state is None:
                    state = self.state[param] = {}
                direction = grad._array
                self._update(param._array, -direction if group.get("maximize") else direction, state, group)
                param._count_change()
        return loss

    def _update(self, param: Array, grad: Array, state: State, group: dict[str, Any]) -> None:
        """Changes a parameter in place; the gradient must stay as it is.

        Raises:
            NotImplementedFault: a subclass did not write it.
        """
        del param, grad, state, group
        raise NotImplementedFault("E303", f"{type(self).__name__} has no update rule")

    def state_dict(self) -> dict[str, Any]:
        """What is remembered and all settings, parameters by number."""
        return state_dict(self)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over what a state_dict remembers, and its settings."""
        load_state_dict(self, state_dict)

    def __repr__(self) -> str:
        text = type(self).__name__ + " ("
        for place, group in enumerate(self.param_groups):
            text += f"\nParameter Group {place}\n"
            text += "".join(f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params")
        return text + ")"


def _check(params: list[Any], groups: list[dict[str, Any]]) -> None:
    """Raises PyTorch's error for parameters that cannot be optimised."""
    for param in params:
        if not isinstance(param, Tensor):
            raise TypeFault(
                "E303", "optimizer can only optimize Tensors, but one of the params is " + type_text(param)
            )
        if not (param.is_leaf or param._retained):
            raise ValueFault(
                "E303",
                "can't optimize a non-leaf Tensor",
                help="make it a leaf: x = x.detach().requires_grad_()",
            )
    seen = {id(param) for group in groups for param in group["params"]}
    if any(id(param) in seen for param in params):
        raise ValueFault("E303", "some parameters appear in more than one parameter group")
    if len({id(param) for param in params}) != len(params):
        from warnings import warn  # a mistake; not worth the start-up

        warn(
            "optimizer contains a parameter group with duplicate parameters; in future, this will cause "
            "an error; "
            "see github.com/pytorch/pytorch/issues/40967 for more information",
            UserWarning,
            stacklevel=4,
        )


def kept(array: Array) -> Tensor:
    """Returns an array as a tensor to be remembered, counted by the budget."""
    if array.nbytes >= BIG:
        context.budget.charge(array)
    return make(array)


def remembered(state: State, name: str, like: Array) -> Array:
    """Returns the array of a remembered tensor, zeros at first."""
    found = state.get(name)
    if found is None:
        found = state[name] = kept(np.zeros_like(like))
    return found._array  # an array


def counted(state: State) -> float:
    """Returns the number of the step that is being made, from 1."""
    found = state.get("step")
    if found is None:
        found = state["step"] = make(np.zeros((), np.float32))
    found._array += 1
    return float(found._array)
