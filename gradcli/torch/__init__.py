"""What a program gets from `import torch`: PyTorch's names over gradcli's tensors and records.

Operations are found by their records' spellings; nothing here lists them. `namespace(path)` is
one of PyTorch's modules (`nn.functional`, `linalg`), and this module is the outermost one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.methods import complete_all, offer
from gradcli.torch.namespace import Namespace

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Tensor",
    "autograd",
    "linalg",
    "nn",
    "special",
]

_torch = Namespace("")
nn: Namespace = _torch.nn
linalg: Namespace = _torch.linalg
special: Namespace = _torch.special
autograd: Namespace = _torch.autograd


def _maker(name: str) -> Callable[[], Callable[..., Any]]:
    def load() -> Callable[..., Any]:
        from gradcli.torch import creation  # only where tensors are made this way

        return vars(creation)[name]  # type: ignore[no-any-return] # a function of that module

    return load


# By name alone, because the module behind them is slow to load; creation.METHODS says the same.
for _name in ("new_empty", "new_full", "new_ones", "new_tensor", "new_zeros"):
    offer(_name, _maker(_name))


def __getattr__(name: str) -> Any:
    if name == "Tensor":
        from gradcli.torch import typed  # as in _maker

        complete_all()
        return typed.Tensor
    return getattr(_torch, name)


def __dir__() -> list[str]:
    return dir(_torch)
