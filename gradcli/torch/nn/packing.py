"""torch.nn.utils.rnn's packed sequences: those of different lengths in one block, longest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from gradcli.autograd.algebra import TENSORS
from gradcli.autograd.tensor import Tensor, make
from gradcli.diagnostics import RuntimeFault
from gradcli.ops.named import Named
from gradcli.torch.data import as_tensor
from gradcli.torch.nn.sequences import pad_sequence

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PackedSequence", "pack_padded_sequence", "pack_sequence", "pad_packed_sequence", "run_packed"]

FIELDS = ("data", "batch_sizes", "sorted_indices", "unsorted_indices")
UNSORTED = (
    "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
    "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you "
    "do not need ONNX exportability."
)


class PackedSequence(Named):
    """The first elements of all sequences, then the second ones of those that have one, and so on.

    `batch_sizes` says how many have each; `sorted_indices` where the sequences stood before they were
    sorted by length, `unsorted_indices` where they stand now (None: they came sorted).
    """

    def __new__(
        cls, data: Tensor, batch_sizes: Any = None, sorted_indices: Any = None, unsorted_indices: Any = None
    ) -> Self:
        """The parts under their names."""
        values = (data, batch_sizes, sorted_indices, unsorted_indices)
        return super().__new__(cls, "PackedSequence", FIELDS, values)  # type: ignore[return-value] # of this class

    def __repr__(self) -> str:
        parts = [f"{name}={value!r}" for name, value in zip(FIELDS, self, strict=True)]
        return f"PackedSequence({', '.join(parts)})"


def pack_padded_sequence(
    input: Tensor,  # noqa: A002 - PyTorch's name
    lengths: Any,
    batch_first: bool = False,
    enforce_sorted: bool = True,
) -> PackedSequence:
    """Returns the packed form of (longest, count, ...) and the lengths of its sequences.

    Raises:
        RuntimeFault: the lengths are not as many as the sequences, not positive, or not sorted.
    """
    sizes = as_tensor(lengths).tolist()
    batch: Any = input if batch_first else input.transpose(0, 1)
    if len(sizes) != batch.shape[0]:
        raise RuntimeFault(
            "E301",
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(sizes)} "
            f"(batch_size={batch.shape[0]})",
        )
    if min(sizes) <= 0:
        raise RuntimeFault(
            "E303",
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
        )
    if enforce_sorted and sizes != sorted(sizes, reverse=True):
        raise RuntimeFault("E303", UNSORTED, help="write enforce_sorted=False")
    order = sorted(range(len(sizes)), key=lambda i: -sizes[i])
    data, counts = _packed([batch[i][: sizes[i]] for i in order])
    if enforce_sorted:
        return PackedSequence(data, counts)
    return PackedSequence(data, counts, make(np.array(order)), make(np.argsort(order)))


def _packed(sequences: list[Any]) -> tuple[Any, Tensor]:
    """The block of sequences that are sorted by length, and how many have an element at each place."""
    sizes = [one.shape[0] for one in sequences]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    counts = [sum(size > step for size in sizes) for step in range(sizes[0])]
    places = [int(starts[i]) + step for step, count in enumerate(counts) for i in range(count)]
    together: Any = TENSORS.cat(*sequences, dim=-sequences[0].ndim)
    return together[make(np.array(places))], make(np.array(counts))


def _unpacked(data: Any, batch_sizes: Tensor) -> list[Any]:
    """The sequences of a block, longest first."""
    counts = batch_sizes.tolist()
    starts = np.concatenate([[0], np.cumsum(counts)])
    return [
        data[make(np.array([int(starts[step]) + i for step, count in enumerate(counts) if count > i]))]
        for i in range(counts[0])
    ]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Returns the packed form of sequences of shapes (length, ...)."""
    lengths = [one.shape[0] for one in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: Any = None
) -> tuple[Tensor, Tensor]:
    """Returns the sequences as (longest, count, ...), filled up with one number, and their lengths.

    Raises:
        RuntimeFault: they are longer than `total_length`.
    """
    data, batch_sizes, _, back = tuple(sequence)
    found = _unpacked(data, batch_sizes)
    if back is not None:
        found = [found[i] for i in back.tolist()]
    lengths = make(np.array([one.shape[0] for one in found]))
    longest = batch_sizes.shape[0]
    if total_length is not None:
        if total_length < longest:
            raise RuntimeFault(
                "E301",
                "Expected total_length to be at least the length of the longest sequence in input, but got "
                f"total_length={total_length} and max sequence length being {longest}",
            )
        extra = make(np.full((total_length, *data.shape[1:]), padding_value, data.dtype.dtype))
        padded: Any = pad_sequence([*found, extra], batch_first, padding_value)
        return (padded[:-1] if batch_first else padded[:, :-1]), lengths
    return pad_sequence(found, batch_first, padding_value), lengths


def run_packed(layer: Any, packed: PackedSequence, hx: Any) -> tuple[PackedSequence, Any]:
    """Returns what a recurrent layer makes of each sequence: outputs, packed alike, and last states."""
    data, batch_sizes, order, back = tuple(packed)
    states = hx if isinstance(hx, tuple) else (hx,)
    outputs, ends = [], []
    for i, one in enumerate(_unpacked(data, batch_sizes)):
        at = i if order is None else int(order[i])
        begin = None if hx is None else tuple(state[:, at] for state in states)
        found, end = layer.forward(one, begin if begin is None or isinstance(hx, tuple) else begin[0])
        outputs.append(found)
        ends.append(end if isinstance(end, tuple) else (end,))
    places = range(len(ends)) if back is None else back.tolist()
    last = tuple(TENSORS.stack(*[ends[i][kind] for i in places], dim=-2) for kind in range(len(ends[0])))
    block, _ = _packed(outputs)
    return PackedSequence(block, batch_sizes, order, back), last if layer.mode == "LSTM" else last[0]
