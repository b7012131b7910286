"""Walks over the tree of a module: what is below it, under which full names."""

# ruff: noqa: SLF001 - Tensor's and Module's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import AttributeFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.torch.nn.module import Module

__all__ = ["children", "convert", "descendants", "find", "members"]


def children(module: Module) -> Iterator[tuple[str, Module]]:
    """Yields pairs of name and child, each child once."""
    seen: set[int] = set()
    for name, child in module._modules.items():
        if child is not None and id(child) not in seen:
            seen.add(id(child))
            yield name, child


def descendants(module: Module, seen: set[int], prefix: str, *, once: bool) -> Iterator[tuple[str, Module]]:
    """Yields pairs of full name and module: itself and all below, depth first; each once if told so."""
    if id(module) in seen:
        return
    if once:
        seen.add(id(module))
    yield prefix, module
    for name, child in module._modules.items():
        if child is not None:
            yield from descendants(child, seen, f"{prefix}.{name}" if prefix else name, once=once)


def members(
    module: Module, table: str, prefix: str, *, recurse: bool, once: bool
) -> Iterator[tuple[str, Any]]:
    """Yields pairs of full name and tensor from one table of a module and, if told so, of all below."""
    seen: set[int] = set()
    owners = descendants(module, set(), prefix, once=once) if recurse else iter([(prefix, module)])
    for path, owner in owners:
        for name, value in owner.__dict__[table].items():
            if value is None or id(value) in seen:
                continue
            if once:
                seen.add(id(value))
            yield (f"{path}.{name}" if path else name), value


def find(module: Module, path: str) -> Module:
    """Returns the module at a dotted path; the empty path is the module itself.

    Raises:
        AttributeFault: there is none.
    """
    for name in path.split(".") if path else ():
        child = module._modules.get(name)
        if child is None:
            raise AttributeFault("E203", f"{module._get_name()} has no attribute `{name}`")
        module = child
    return module


def convert(module: Module, dtype: Any) -> None:
    """Gives all parameters, their gradients and all buffers of floating dtype another one.

    A parameter stays the same object, so that optimizers and graphs keep knowing it.
    """
    for _, owner in descendants(module, set(), "", once=True):
        for param in owner._parameters.values():
            if param is None or param._array.dtype == dtype:
                continue
            grad = param._grad
            param.data = param.data.to(dtype)  # type: ignore[attr-defined] # a property that methods.py adds
            if grad is not None:
                param._grad = grad.to(dtype)
        for name, buffer in owner._buffers.items():
            if buffer is not None and buffer._array.dtype.kind == "f":
                owner._buffers[name] = buffer.to(dtype)
