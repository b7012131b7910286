"""Views: tensors that show the memory of others."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.context import context
from gradcli.autograd.rare import own

if TYPE_CHECKING:
    from gradcli.autograd.tensor import Tensor
    from gradcli.ops.record import Params, Record

__all__ = ["INFERENCE", "NO_GRAD", "SEVERAL", "mark_view"]

# Where a view was made that must not be changed in place, or whose base must not.
INFERENCE, NO_GRAD, SEVERAL = "inference_mode", "no_grad", "one of several"


def mark_view(record: Record, base: Any, params: Params, out: Tensor, number: int) -> None:
    """Ties a view to the tensor whose memory it shows, so that in-place changes reach both."""
    if not hasattr(base, "_array") or not np.may_share_memory(out._array, base._array):
        return
    before, fields = base._rare, own(out)
    out._base = base if base._base is None else base._base
    out._counter = base._shared_counter()
    fields.view = (before.view, record, params, number)  # linked: a chain of n views must not cost n * n
    fields.view_version = 0 if base._counter is None else base._counter[0]
    if context.inference or not context.grad_enabled:
        fields.origin = INFERENCE if context.inference else NO_GRAD
    elif len(record.outputs) != 1 or record.outputs == ("*",):
        fields.origin = SEVERAL
    elif before.origin is not None:
        fields.origin = before.origin
