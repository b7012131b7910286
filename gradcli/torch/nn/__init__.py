"""torch.nn: layers, losses and containers, each loaded when its name is first asked for.

The package answers for the whole of PyTorch's module, so that it may stand wherever the namespace
stands: `nn.functional` comes from the records, `nn.init` and `nn.utils` from modules of this package.
"""

from __future__ import annotations

from typing import Any

from gradcli.autograd.methods import complete_all
from gradcli.torch.namespace import Namespace

_names = Namespace("nn")


def __getattr__(name: str) -> Any:
    if name != "functional":  # for which the layers' own modules ask; for others a user's Python program
        complete_all()
    return getattr(_names, name)


def __dir__() -> list[str]:
    return dir(_names)
