"""Modules that hold parameters only: ParameterList and ParameterDict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import AttributeFault, IndexFault
from gradcli.torch.nn.module import Module
from gradcli.torch.nn.naming import type_text
from gradcli.torch.nn.parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["ParameterDict", "ParameterList"]


def _as_parameter(value: Any) -> Any:
    """A tensor as a parameter; anything else as it is."""
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def _line(name: str, value: Any, kind_of: Callable[[Tensor], Any]) -> str:
    """An entry's line; lists name the dtype of a tensor, dicts its type."""
    if not isinstance(value, Tensor):
        return f"  ({name}): Object of type: {type(value).__name__}"
    kind = "Parameter" if isinstance(value, Parameter) else "Tensor"
    size = "x".join(str(one) for one in value.shape)
    return f"  ({name}): {kind} containing: [{kind_of(value)} of size {size}]"


class ParameterList(Module):
    """Parameters in a row; tensors that are put in become parameters."""

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self.__dict__["_size"] = 0
        if values is not None:
            self.extend(values)

    def _name(self, index: int) -> str:
        size = self.__dict__["_size"]
        if not -size <= index < size:
            raise IndexFault("E302", f"index {index} is out of range")
        return str(index % size)

    def __len__(self) -> int:
        return int(self.__dict__["_size"])

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)([self[i] for i in range(*index.indices(len(self)))])
        return getattr(self, self._name(index))

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, self._name(index), _as_parameter(value))

    def __iter__(self) -> Iterator[Any]:
        return iter([self[i] for i in range(len(self))])

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def append(self, value: Any) -> Self:
        """Itself with one more at its end."""
        name = str(len(self))
        self.__dict__["_size"] += 1
        setattr(self, name, _as_parameter(value))
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Itself with more at its end."""
        for value in values:
            self.append(value)
        return self

    def extra_repr(self) -> str:
        """Its parameters, one a line."""
        return "\n".join(_line(str(place), value, lambda one: one.dtype) for place, value in enumerate(self))


class ParameterDict(Module):
    """Parameters under names of one's own; tensors that are put in become parameters."""

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self.__dict__["_keys"] = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        if key not in self.__dict__["_keys"]:
            raise AttributeFault("E203", f"'ParameterDict' object has no attribute '{key}'")
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        self.__dict__["_keys"][key] = None
        setattr(self, key, _as_parameter(value))

    def __delitem__(self, key: str) -> None:
        self[key]
        del self.__dict__["_keys"][key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self.__dict__["_keys"])

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__["_keys"])

    def __contains__(self, key: object) -> bool:
        return key in self.__dict__["_keys"]

    def keys(self) -> Iterable[str]:
        """The names."""
        return list(self)

    def values(self) -> Iterable[Any]:
        """The parameters."""
        return [self[key] for key in self]

    def items(self) -> Iterable[tuple[str, Any]]:
        """Pairs of name and parameter."""
        return [(key, self[key]) for key in self]

    def get(self, key: str, default: Any = None) -> Any:
        """The parameter under a name, or something else where there is none."""
        return self[key] if key in self else default  # noqa: SIM401 - this is what get is

    def pop(self, key: str) -> Any:
        """Takes a parameter out and returns it."""
        found = self[key]
        del self[key]
        return found

    def clear(self) -> None:
        """Takes all parameters out."""
        for key in list(self):
            del self[key]

    def update(self, parameters: Any) -> None:
        """Takes over what a dict, a ParameterDict, or pairs of name and parameter hold."""
        pairs = parameters.items() if isinstance(parameters, (dict, ParameterDict)) else parameters
        for key, value in pairs:
            self[key] = value

    def extra_repr(self) -> str:
        """Its parameters, one a line."""
        return "\n".join(_line(key, value, type_text) for key, value in self.items())
