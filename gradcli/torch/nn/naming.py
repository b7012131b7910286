"""Names in a module: which are allowed, and PyTorch's words where one is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import GradcliError, TypeFault
from gradcli.ops.dtypes import scalar_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["KeyFault", "check_name", "misfit", "type_text"]


class KeyFault(GradcliError, KeyError):
    """A name that a module cannot take, or does not have."""

    __str__ = GradcliError.__str__  # KeyError's own puts the message in quotes


def misfit(
    layer: str, known: Sequence[tuple[str, Any]], args: Sequence[Any], named: Mapping[str, Any]
) -> TypeFault:
    """Returns the error of a layer made with other arguments than it knows, in Python's words."""
    names = [name for name, _ in known]
    takes = ", ".join(f"{name}={value!r}" for name, value in known)
    unknown = [name for name in named if name not in names]
    if unknown:
        text = f"got an unexpected keyword argument '{unknown[0]}'"
    else:
        most = len(names) + 1
        many = f"from 1 to {most} positional arguments" if names else "1 positional argument"
        text = f"takes {many} but {len(args) + 1} were given"
    return TypeFault("E303", f"{layer}.__init__() {text}", help=f"write {layer}({takes})")


def type_text(value: Any) -> str:
    """Returns the type of a value as PyTorch's messages name it: `torch.FloatTensor`, `int`."""
    if isinstance(value, Tensor):
        return f"torch.{scalar_type(value.dtype)}Tensor"
    kind = type(value)
    if kind.__module__.startswith("gradcli.torch.nn."):
        return f"torch.nn.modules.{kind.__module__.rpartition('.')[2]}.{kind.__qualname__}"
    return kind.__qualname__


def check_name(what: str, name: Any, *, taken: bool) -> None:
    """Returns if something may be registered under a name.

    Args:
        what: "parameter", "buffer" or "module", for the message.
        name: the name.
        taken: whether an attribute of another kind has it.

    Raises:
        TypeFault: the name is no string.
        KeyFault: it is taken, empty, or contains a dot.
    """
    if not isinstance(name, str):
        raise TypeFault("E303", f"{what} name should be a string. Got {type_text(name)}")
    if what == "module" and taken:
        raise KeyFault("E204", f"attribute '{name}' already exists")
    if "." in name:
        got = f", got: {name}" if what == "module" else ""
        raise KeyFault("E204", f'{what} name can\'t contain "."{got}')
    if not name:
        raise KeyFault("E204", f'{what} name can\'t be empty string ""')
    if taken:
        raise KeyFault("E204", f"attribute '{name}' already exists")
