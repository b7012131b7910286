"""torch.func.functional_call: a module called with other parameters than its own."""

# ruff: noqa: SLF001 - Module's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import RuntimeFault, ValueFault
from gradcli.torch.nn.traversal import descendants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.torch.nn.module import Module

__all__ = ["functional_call"]


def functional_call(  # noqa: PLR0913 - PyTorch's signature
    module: Module,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Returns what the module gives with the tensors of a dict (or several) in the place of its own.

    Those that the dict does not name stay; a shared tensor is replaced wherever it stands.

    Raises:
        ValueFault: the dicts are none, or share a name.
        RuntimeFault: (strict) a name is missing or unknown.
    """
    new = _merged(parameter_and_buffer_dicts)
    places = _places(module)
    if strict:
        _check_names(module, new, [name for name, *_ in places])
    known = {name: table[key] for name, table, key in places}
    swapped = {id(known[name]): tensor for name, tensor in new.items() if known.get(name) is not None}
    before = [(table, key, table[key]) for _, table, key in places]
    for name, table, key in places:
        if name in new:
            table[key] = new[name]
        elif tie_weights and id(table[key]) in swapped:
            table[key] = swapped[id(table[key])]
    try:
        inputs = () if args is None else args if isinstance(args, tuple) else (args,)
        return module(*inputs, **(kwargs or {}))
    finally:
        for table, key, tensor in before:
            table[key] = tensor


def _merged(dicts: Any) -> Mapping[str, Any]:
    if isinstance(dicts, dict):
        return dicts
    if not isinstance(dicts, (tuple, list)):
        raise ValueFault(
            "E408",
            "Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got "
            f"{type(dicts)}",
        )
    if not all(isinstance(one, dict) for one in dicts):
        raise ValueFault("E408", "Expected all elements of parameter_and_buffer_dicts to be dictionaries")
    names = [name for one in dicts for name in one]
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        raise ValueFault(
            "E408",
            f"{repeated} appeared in multiple dictionaries; behavior of functional call is ambiguous",
        )
    return {name: tensor for one in dicts for name, tensor in one.items()}


def _places(module: Module) -> list[tuple[str, dict[str, Any], str]]:
    """Where each parameter and buffer stands: full name, table, and key there."""
    return [
        (f"{path}.{key}" if path else key, table, key)
        for path, owner in descendants(module, set(), "", once=False)
        for table in (owner._parameters, owner._buffers)
        for key in table
    ]


def _check_names(module: Module, new: Mapping[str, Any], known: list[str]) -> None:
    unexpected = sorted(name for name in new if name not in known)
    missing = sorted(name for name in known if name not in new)
    lines = []
    if unexpected:
        lines.append("Unexpected key(s): " + ", ".join(map(repr, unexpected)) + ".")
    if missing:
        lines.append("Missing key(s): " + ", ".join(map(repr, missing)) + ".")
    if lines:
        text = "\n\t".join(lines)
        raise RuntimeFault("E408", f"Error(s) in reparametrizing for {module._get_name()}:\n\t{text}")
