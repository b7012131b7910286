"""What a program gets from `import torch`: PyTorch's names over gradcli's tensors and records.

Operations are found by their records' spellings; nothing here lists them. `namespace(path)` is
one of PyTorch's modules (`nn.functional`, `linalg`), and this module is the outermost one.
"""

from __future__ import annotations

from typing import Any

from gradcli.autograd.methods import complete_all
from gradcli.torch.namespace import Namespace

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


def __getattr__(name: str) -> Any:
    if name == "Tensor":
        from gradcli.torch import typed  # it loads every method

        complete_all()
        return typed.Tensor
    return getattr(_torch, name)


def __dir__() -> list[str]:
    return dir(_torch)
