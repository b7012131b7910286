"""Parameter and Buffer: the tensors that a module knows as its own."""

# ruff: noqa: SLF001 - Tensor's and Module's fields are this package's own

from __future__ import annotations

from typing import Any

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import RuntimeFault, TypeFault

__all__ = ["Buffer", "Parameter"]


class Parameter(Tensor):
    """A leaf that a module registers when it is assigned to one of its attributes.

    Shares the memory of the tensor it is made from, without its history.

    Raises:
        TypeFault: the data is no tensor.
        RuntimeFault: it should require grad and is not of floating dtype.
    """

    __slots__ = ()

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        array = _array_of("Parameter", data)
        if requires_grad and array.dtype.kind not in "fc":
            raise RuntimeFault(
                "E404",
                "Only Tensors of floating point and complex dtype can require gradients",
                help="give the parameter a floating-point dtype, or requires_grad=False",
            )
        super().__init__(array, requires_grad)
        _tell(self, data)
        if isinstance(data, Tensor):
            self._counter = data._shared_counter()  # one memory, one count of its changes

    def __repr__(self) -> str:
        from gradcli.autograd.print_options import print_options  # only who prints tensors pays for it
        from gradcli.autograd.printing import parameter_text

        return parameter_text(
            self._array,
            dtype_name=self.dtype.name,
            default_dtype_name=context.default_dtype.name,
            requires_grad=self.requires_grad,
            options=print_options(),
        )


class Buffer(Tensor):
    """A tensor without gradient that a module registers when it is assigned to one of its attributes.

    `persistent` says whether it is part of the module's state_dict.
    """

    __slots__ = ("persistent",)

    def __init__(self, data: Any = None, *, persistent: bool = True) -> None:
        super().__init__(_array_of("Buffer", data), requires_grad=False)
        _tell(self, data)
        self.persistent = persistent


def _tell(new: Tensor, data: Tensor | None) -> None:
    if data is not None and context.tape is not None:
        context.tape.alias(new, data)


def _array_of(name: str, data: Any) -> Any:
    if data is None:
        import numpy as np  # an empty parameter is rare

        return np.empty(0, context.default_dtype)
    if not isinstance(data, Tensor):
        raise TypeFault(
            "E303",
            f"{name}() expects a tensor, but got {type(data).__name__}",
            help=f"write nn.{name}(torch.tensor(...))",
        )
    return data._array
