"""What an assignment to a module's attribute means: parameters, modules and buffers go into its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import AttributeFault, TypeFault, ValueFault
from gradcli.torch.nn.naming import check_name, type_text
from gradcli.torch.nn.parameter import Buffer, Parameter

if TYPE_CHECKING:
    from gradcli.torch.nn.module import Module

__all__ = ["TABLES", "TRANSIENT", "add_buffer", "add_module", "add_parameter", "names", "register"]

TABLES = ("_parameters", "_buffers", "_modules")
TRANSIENT = "_transient"  # the names of buffers that are no part of state_dict
WRITE_INIT = "call super().__init__() first in __init__"
PLURAL = {"_parameters": "parameters", "_modules": "module", "_buffers": "buffer"}
GUARDED = (
    ("_parameters", "parameter", "torch.nn.Parameter or None"),
    ("_modules", "child module", "torch.nn.Module or None"),
    ("_buffers", "buffer", "torch.nn.Buffer, torch.Tensor or None"),
)


def names(module: Module) -> list[str]:
    """Returns the names in all tables."""
    return [name for table in TABLES for name in module.__dict__.get(table, ())]


def register(module: Module, name: str, value: Any, table: str | None) -> bool:
    """Returns whether an assignment concerned the tables: then it is done.

    Args:
        module: whose attribute is assigned.
        name: of the attribute.
        value: what it shall be.
        table: where values of this kind go; None for those that are nothing special.

    Raises:
        AttributeFault: `Module.__init__` did not run yet.
        TypeFault: the name is a parameter's, a buffer's or a module's, and the value something else.
    """
    own = module.__dict__
    if table is None:
        return _replace(own, name, value)
    if table not in own:
        _refuse_early(PLURAL[table])
    own.pop(name, None)
    for other in TABLES:
        if other != table:
            own[other].pop(name, None)
    if isinstance(value, Parameter):
        add_parameter(module, name, value)
    elif isinstance(value, Buffer):
        add_buffer(module, name, value, persistent=value.persistent)
    else:
        own[table][name] = value
    return True


def _refuse_early(what: str) -> None:
    raise AttributeFault("E204", f"cannot assign {what} before Module.__init__() call", help=WRITE_INIT)


def _replace(own: dict[str, Any], name: str, value: Any) -> bool:
    """Whether a name in a table was given None, or a buffer another tensor."""
    for table, what, wanted in GUARDED:
        if name not in own.get(table, ()):
            continue
        if value is not None and not (table == "_buffers" and isinstance(value, Tensor)):
            raise TypeFault(
                "E204",
                f"cannot assign '{type_text(value)}' as {what} '{name}' ({wanted} expected)",
                help=f"write nn.Parameter(...), or inside torch.no_grad() {name}.copy_(...)"
                if table == "_parameters"
                else "",
            )
        own[table][name] = value
        return True
    return False


def _check(module: Module, what: str, table: str, name: str) -> None:
    own = module.__dict__
    if table not in own:
        _refuse_early(what)
    taken = isinstance(name, str) and name not in own[table] and _has(module, name)
    check_name(what, name, taken=taken)


def _has(module: Module, name: str) -> bool:
    """Whether a module has an attribute: in its tables, of its own, or a method."""
    own = module.__dict__
    held = any(name in own.get(table, ()) for table in TABLES)  # `names` would list them all each time
    return name in own or held or any(name in vars(kind) for kind in type(module).__mro__)


def add_parameter(module: Module, name: str, param: Any) -> None:
    """Puts a parameter, or None, into its table.

    Raises:
        KeyFault, TypeFault, ValueFault: the name or the tensor will not do.
    """
    _check(module, "parameter", "_parameters", name)
    if param is not None and not isinstance(param, Parameter):
        raise TypeFault(
            "E204",
            f"cannot assign '{type_text(param)}' object to parameter '{name}' (torch.nn.Parameter or None "
            "required)",
            help="write nn.Parameter(...) around the tensor",
        )
    if param is not None and not param.is_leaf:
        raise ValueFault(
            "E204",
            f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created "
            f"explicitly. To express '{name}' as a function of another Tensor, compute the value in the "
            "forward() method.",
        )
    module.__dict__["_parameters"][name] = param


def add_buffer(module: Module, name: str, tensor: Any, *, persistent: bool) -> None:
    """Puts a buffer, or None, into its table.

    Raises:
        KeyFault, TypeFault: the name or the tensor will not do.
    """
    _check(module, "buffer", "_buffers", name)
    if tensor is not None and not isinstance(tensor, Tensor):
        raise TypeFault(
            "E204",
            f"cannot assign '{type_text(tensor)}' object to buffer '{name}' (torch Tensor or None required)",
        )
    own = module.__dict__
    own["_buffers"][name] = tensor
    (own[TRANSIENT].discard if persistent else own[TRANSIENT].add)(name)


def add_module(module: Module, name: str, child: Any, *, fits: bool) -> None:
    """Puts a child, or None, into its table; `fits` says whether it is a module.

    Raises:
        KeyFault, TypeFault: the name or the child will not do.
    """
    if not fits and child is not None:
        raise TypeFault("E204", f"{type_text(child)} is not a Module subclass")
    _check(module, "module", "_modules", name)
    module.__dict__["_modules"][name] = child
