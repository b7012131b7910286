"""torch.nn.utils.rnn: sequences of different lengths in one tensor, and back."""

# ruff: noqa: SLF001 - Tensor's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import RuntimeFault
from gradcli.torch.data import as_tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["pad_sequence", "unpad_sequence"]


def pad_sequence(
    sequences: Sequence[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Returns (longest, count, ...) of sequences of shapes (length, ...), filled up with one number.

    With `batch_first` (count, longest, ...).

    Raises:
        RuntimeFault: there are none, or they differ behind the first dim.
    """
    if not sequences:
        raise RuntimeFault("E303", "received an empty list of sequences")
    longest = max(one.shape[0] for one in sequences)
    padded = [_padded(one, longest, padding_value, left=padding_side == "left") for one in sequences]
    return TENSORS.stack(*padded, dim=-padded[0].ndim - (1 if batch_first else 0))  # type: ignore[no-any-return] # a tensor


def _padded(sequence: Any, length: int, value: float, *, left: bool) -> Any:
    missing = length - sequence.shape[0]
    if not missing:
        return sequence
    rest = make(np.full((missing, *sequence.shape[1:]), value, sequence._array.dtype))
    parts = (rest, sequence) if left else (sequence, rest)
    return TENSORS.cat(*parts, dim=-sequence.ndim)


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Any]:
    """Returns the sequences that `pad_sequence` put together, given their lengths."""
    batch = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [batch[place][: int(size)] for place, size in enumerate(as_tensor(lengths).tolist())]
