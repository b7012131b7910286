"""copy.deepcopy for what a script holds: containers, tensors, modules, instances."""

from __future__ import annotations

from collections import OrderedDict
from types import MethodType
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor, context
from gradcli.diagnostics import RuntimeFault, TypeFault
from gradcli.explorer.scripts.arrays import Array
from gradcli.explorer.scripts.instances import Instance
from gradcli.explorer.scripts.kinds import kind_name
from gradcli.ops.dtypes import DType
from gradcli.torch.nn.module import Module
from gradcli.torch.optim.lr_scheduler import LRScheduler
from gradcli.torch.optim.optimizer import Optimizer

if TYPE_CHECKING:
    from gradcli.explorer.scripts.builtins import Builtins

__all__ = ["deep_copy", "shallow_copy"]

NON_LEAF = (
    "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
    "moment.  If you were attempting to deepcopy a module, this may be because of a "
    "torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001"
)


def shallow_copy(value: Any) -> Any:
    """Returns a container with the same items."""
    if isinstance(value, (list, dict, set)):
        return value.copy()
    raise TypeFault(
        "E303", f"copy.copy() of a {kind_name(value)} is not available", help="write copy.deepcopy"
    )


def deep_copy(value: Any, builtins: Builtins) -> Any:
    """Returns a value that shares nothing with the one given that could change.

    Raises:
        RuntimeFault: a tensor in it is no leaf.
    """
    return _Copier(builtins).copy(value)


class _Copier:
    def __init__(self, builtins: Builtins) -> None:
        self._builtins = builtins
        self._made: dict[int, Any] = {}  # by the id of the original, so that what is shared stays shared
        self._kept: list[Any] = []

    def copy(self, value: Any) -> Any:  # noqa: PLR0911 - a case per kind
        self._builtins.meter.step()
        if id(value) in self._made:
            return self._made[id(value)]
        self._kept.append(value)
        if isinstance(value, Tensor):
            return self._note(value, self._tensor(value))
        if isinstance(value, (Module, Optimizer, LRScheduler)):
            return self._owned(value)
        if value.__class__ in (list, set, tuple, dict, OrderedDict):
            return self._container(value)
        if value.__class__ is Array:
            return self._note(value, Array(value.array.copy()))
        if value.__class__ is not Instance:
            return value  # numbers, texts, functions, classes: nothing that changes
        made = self._note(value, Instance(value.kind))
        made.attributes.update({name: self.copy(one) for name, one in value.attributes.items()})
        return made

    def _container(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return self._note(value, tuple(self.copy(one) for one in value))
        made = self._note(value, value.__class__())
        if isinstance(value, dict):
            for key, one in value.items():
                made[self.copy(key)] = self.copy(one)
        else:
            (made.extend if isinstance(value, list) else made.update)(self.copy(one) for one in value)
        return made

    def _note(self, value: Any, made: Any) -> Any:
        self._made[id(value)] = made
        return made

    def _tensor(self, value: Any) -> Any:
        if not value.is_leaf:
            raise RuntimeFault("E404", NON_LEAF, help="write x.clone(), or x.detach().clone()")
        made = value.__class__.__new__(value.__class__)
        array = value._array.copy()  # noqa: SLF001 - a friend of Tensor
        context.budget.charge(array)
        Tensor.__init__(made, array, value.requires_grad)
        if context.tape is not None:
            context.tape.copied(made, value)
        if value._grad is not None:  # noqa: SLF001 - as above
            made._grad = self.copy(value._grad)  # noqa: SLF001 - as above
        return made

    def _owned(self, value: Any) -> Any:
        made = self._note(value, value.__class__.__new__(value.__class__))
        own = made.__dict__
        for name, one in value.__dict__.items():
            if isinstance(one, MethodType) and one.__self__ is value:
                own[name] = MethodType(one.__func__, made)
            else:
                own[name] = one if isinstance(one, DType) else self.copy(one)
        return made
