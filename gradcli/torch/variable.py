"""torch.autograd.Variable: what tensors were called that had gradients; today a tensor is one."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.ops.layout import memory

__all__ = ["Variable"]

VOLATILE = "volatile was removed and now has no effect. Use `with torch.no_grad():` instead."


class _Kind(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=_Kind):
    """`Variable(data, requires_grad=False)` is a leaf that shares the memory of a tensor."""

    def __new__(cls, data: Any = None, requires_grad: bool = False, volatile: bool | None = None) -> Any:
        """The leaf.

        Raises:
            TypeFault: the data is no tensor.
            RuntimeFault: it should require grad and is not of floating dtype.
        """
        if volatile is not None:
            from warnings import warn  # a mistake; not worth the start-up

            warn(VOLATILE, UserWarning, stacklevel=2)
        if data is None:
            return Tensor(np.empty(0, context.default_dtype), bool(requires_grad))
        if not isinstance(data, Tensor):
            raise TypeFault(
                "E404",
                f"Variable data has to be a tensor, but got {type(data).__name__}",
                help="write torch.tensor(..., requires_grad=True); Variable is of old times",
            )
        if requires_grad and data.dtype.kind not in "fc":
            raise RuntimeFault(
                "E404",
                "Only Tensors of floating point and complex dtype can require gradients",
                help="give it a floating-point dtype first: .float() or .double()",
            )
        found = Tensor(memory(data), bool(requires_grad))
        found._counter = data._shared_counter()  # noqa: SLF001 - one memory, one count of its changes
        return found
