"""A module's state as a table of tensors, there and back; and its gradients cleared."""

# ruff: noqa: SLF001 - Tensor's and Module's fields are this package's own

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.torch.nn.registration import TRANSIENT
from gradcli.torch.nn.traversal import descendants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gradcli.torch.nn.module import Module

__all__ = ["IncompatibleKeys", "clear_gradients", "load_state_dict", "overwrite", "state_dict"]


class IncompatibleKeys(NamedTuple):
    """The names that a loaded table lacked, and those it had too many."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def overwrite(tensor: Tensor, values: Any) -> Tensor:
    """Returns the tensor after its elements were replaced, unrecorded but counted as a change.

    Args:
        tensor: any.
        values: numbers or an array, which a tape takes for fixed; or a tensor like it, which it knows.
    """
    if context.tape is not None:
        context.tape.overwrite(tensor, values if isinstance(values, Tensor) else make(_like(tensor, values)))
    np.copyto(tensor._array, values._array if isinstance(values, Tensor) else values, casting="unsafe")
    tensor._count_change()
    return tensor


def _like(tensor: Tensor, values: Any) -> Any:
    array = np.empty_like(tensor._array)
    np.copyto(array, values, casting="unsafe")
    return array


def clear_gradients(parameters: Iterable[Tensor], *, to_none: bool) -> None:
    """Takes gradients away, or fills them with zeros and cuts off their history."""
    for param in parameters:
        grad = param._grad
        if grad is None:
            continue
        if to_none:
            param._grad = None
            continue
        grad._edge, grad._requires_grad = None, False
        overwrite(grad, 0)


def _entries(module: Module) -> Iterator[tuple[str, str, Tensor]]:
    """Parameters, then persistent buffers, module by module: owner's path, name, tensor."""
    for path, owner in descendants(module, set(), "", once=False):
        transient = owner.__dict__[TRANSIENT]
        for name, value in [*owner._parameters.items(), *owner._buffers.items()]:
            if value is not None and name not in transient:
                yield path, name, value


def state_dict(module: Module, prefix: str, *, keep_vars: bool) -> dict[str, Tensor]:
    """Returns parameters and persistent buffers by full name, in the order of registration.

    Detached but sharing memory, unless the tensors themselves are to be kept.
    """
    found: dict[str, Tensor] = OrderedDict()  # it prints as PyTorch's does
    for path, name, value in _entries(module):
        full = f"{path}.{name}" if path else name
        found[prefix + full] = value if keep_vars else value.detach()
    return found


def load_state_dict(module: Module, table: Any, *, strict: bool) -> IncompatibleKeys:
    """Returns the names that did not match, after all others' values were copied into the module.

    Raises:
        TypeFault: the table is none.
        RuntimeFault: a shape differs, or (strict) a name is missing or unknown; what fits is loaded.
    """
    if not isinstance(table, dict):
        raise TypeFault("E303", f"Expected state_dict to be dict-like, got {type(table)}.")
    missing: list[str] = []
    known: set[str] = set()
    problems: list[str] = []
    for path, name, value in _entries(module):
        full = f"{path}.{name}" if path else name
        known.add(full)
        if full not in table:
            missing.append(full)
        elif problem := _copied(full, value, table[full]):
            problems.append(problem)
    unexpected = [key for key in table if key not in known]
    if strict:
        if unexpected:
            problems.insert(0, f"Unexpected key(s) in state_dict: {_quoted(unexpected)}. ")
        if missing:
            problems.insert(0, f"Missing key(s) in state_dict: {_quoted(missing)}. ")
    if problems:
        lines = "\n\t".join(problems)
        raise RuntimeFault("E305", f"Error(s) in loading state_dict for {module._get_name()}:\n\t{lines}")
    return IncompatibleKeys(missing, unexpected)


def _copied(name: str, value: Tensor, new: Any) -> str:
    """What is wrong with a loaded tensor; nothing if its values were copied."""
    if not isinstance(new, Tensor):
        return (
            f'While copying the parameter named "{name}", expected torch.Tensor or Tensor-like object from '
            f"checkpoint but received {type(new)}"
        )
    given = new._disclosed
    if given.shape == (1,) and not value._array.shape:
        given = given[0, ...]  # scalars once had one dim
    if given.shape != value._array.shape:
        return (
            f"size mismatch for {name}: copying a param with shape {new.shape} from checkpoint, the shape in "
            f"current model is {value.shape}."
        )
    overwrite(value, given)
    return ""


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
