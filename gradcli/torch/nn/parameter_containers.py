"""Modules made of parameters: ParameterList, ParameterDict."""

# ruff: noqa: SLF001 - Tensor's and Module's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import IndexFault, RuntimeFault, TypeFault
from gradcli.ops.dtypes import scalar_type
from gradcli.torch.nn.module import Module
from gradcli.torch.nn.naming import KeyFault, type_text
from gradcli.torch.nn.parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ParameterDict", "ParameterList"]


class _Parameters(Module):
    """What the two have in common: a table of parameters, and a text with a line for each."""

    def _put(self, name: str, value: Any) -> None:
        if not isinstance(value, Tensor):
            raise TypeFault(
                "E303",
                f"{self._get_name()} holds tensors, not {type_text(value)}",
                help="keep other values as attributes of the module",
            )
        self._parameters[name] = value if isinstance(value, Parameter) else Parameter(value)

    def _kind(self, param: Tensor) -> str:
        raise NotImplementedError

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Never returns: there is no forward.

        Raises:
            RuntimeFault: always.
        """
        del args, kwargs
        raise RuntimeFault("E204", f"{self._get_name()} should not be called.", help="use its parameters")

    def extra_repr(self) -> str:
        """A line per parameter: its name, dtype and size."""
        return "\n".join(
            f"  ({name}): Parameter containing: [{self._kind(param)} of size "
            f"{'x'.join(map(str, param.shape))}]"
            for name, param in self._parameters.items()
            if param is not None
        )

    def __len__(self) -> int:
        return len(self._parameters)


class ParameterList(_Parameters):
    """A list of parameters; tensors that are none become some."""

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        if values is not None:
            self.extend(values)

    def _kind(self, param: Tensor) -> str:
        return f"torch.{param.dtype.name}"

    def _place(self, index: Any) -> str:
        place = index.__index__()
        if not -len(self) <= place < len(self):
            raise IndexFault("E302", f"index {place} is out of range", help=f"it has {len(self)} parameters")
        return str(place % len(self))

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return self._parameters[self._place(index)]

    def __setitem__(self, index: int, value: Any) -> None:
        self._put(self._place(index), value)

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._parameters.values()))

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def append(self, value: Any) -> Self:
        """Itself with one more parameter at the end."""
        self._put(str(len(self)), value)
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Itself with more parameters at the end."""
        if isinstance(values, Tensor) or not hasattr(values, "__iter__"):
            raise TypeFault(
                "E303",
                f"ParameterList.extend should be called with an iterable, but got {type(values).__name__}",
                help="give a list of parameters",
            )
        for value in values:
            self.append(value)
        return self


class ParameterDict(_Parameters):
    """Parameters under names of one's own; tensors that are none become some."""

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        if parameters is not None:
            self.update(parameters)

    def _kind(self, param: Tensor) -> str:
        return f"torch.{scalar_type(param._array.dtype)}Tensor"

    def __getitem__(self, key: str) -> Any:
        if key not in self._parameters:
            raise KeyFault("E203", repr(key), help=f"it has {', '.join(self._parameters) or 'no parameters'}")
        return self._parameters[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._put(str(key), value)

    def __delitem__(self, key: str) -> None:
        self.pop(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __contains__(self, key: object) -> bool:
        return key in self._parameters

    def pop(self, key: str) -> Any:
        """Takes a parameter out and returns it."""
        param = self[key]
        del self._parameters[key]
        return param

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._parameters.keys()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Pairs of name and parameter."""
        return self._parameters.items()

    def values(self) -> Iterable[Any]:
        """The parameters."""
        return self._parameters.values()

    def update(self, parameters: Any) -> None:
        """Takes over the parameters of a dict, a ParameterDict, or pairs of name and parameter."""
        pairs = parameters.items() if isinstance(parameters, (dict, ParameterDict)) else parameters
        for key, value in pairs:
            self[key] = value
