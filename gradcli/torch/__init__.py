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


def __getattr__(name: str) -> Any:
    complete_all()  # a user's Python program; gradcli's own modules ask where things stand
    if name == "Tensor":
        from gradcli.torch.typed import Tensor  # it loads much

        return Tensor
    return getattr(_torch, name)


def __dir__() -> list[str]:
    return dir(_torch)
