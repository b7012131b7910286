"""An optimizer's state as plain data, there and back."""

# ruff: noqa: SLF001 - Tensor's and Module's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import ValueFault

if TYPE_CHECKING:
    from gradcli.torch.optim.optimizer import Optimizer

__all__ = ["load_state_dict", "state_dict"]


def state_dict(optimizer: Optimizer) -> dict[str, Any]:
    """Returns what an optimizer remembers and its settings; parameters are numbered in order."""
    numbers: dict[int, int] = {}
    groups = []
    for group in optimizer.param_groups:
        for param in group["params"]:
            numbers.setdefault(id(param), len(numbers))
        packed = {key: value for key, value in group.items() if key != "params"}
        groups.append(packed | {"params": [numbers[id(param)] for param in group["params"]]})
    remembered = {numbers[id(param)]: state for param, state in optimizer.state.items() if state}
    return {"state": remembered, "param_groups": groups}


def load_state_dict(optimizer: Optimizer, saved: dict[str, Any]) -> None:
    """Makes an optimizer remember what a table says, in copies of its own, and takes its settings over.

    Raises:
        ValueFault: the table's groups are not those of the optimizer.
    """
    groups, own = saved["param_groups"], optimizer.param_groups
    if len(groups) != len(own):
        raise ValueFault("E305", "loaded state dict has a different number of parameter groups")
    if any(len(one["params"]) != len(other["params"]) for one, other in zip(groups, own, strict=True)):
        raise ValueFault(
            "E305",
            "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
        )
    params: dict[int, Tensor] = {}
    for group, mine in zip(groups, own, strict=True):
        params |= dict(zip(group["params"], mine["params"], strict=True))
    optimizer.state.clear()
    for key, state in saved["state"].items():
        param = params[key]
        optimizer.state[param] = {name: _copied(name, value, param) for name, value in state.items()}
    optimizer.param_groups = [
        {key: value for key, value in group.items() if key != "params"} | {"params": mine["params"]}
        for group, mine in zip(groups, own, strict=True)
    ]


def _copied(name: str, value: Any, param: Tensor) -> Any:
    """A copy of a remembered tensor in the dtype of its parameter; steps stay as they are counted."""
    if isinstance(value, list):
        return [_copied(name, one, param) for one in value]
    if not isinstance(value, Tensor):
        return value
    return make(value._array.astype(value._array.dtype if name == "step" else param._array.dtype))
