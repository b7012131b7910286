"""Where a stream of random numbers stands, as the bytes of PyTorch's `get_rng_state`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.diagnostics import RuntimeFault, TypeFault

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["State", "pack", "unpack"]

WORDS = 624
HELP = "give what `get_state` returned"

# The engine, then what older versions kept, then the second normal of a pair.
LAYOUT = np.dtype(
    [
        ("seed", "<u8"),
        ("left", "<i4"),
        ("seeded", "<i4"),
        ("next", "<u8"),
        ("words", "<u8", WORDS),
        ("normal_x", "<f8"),
        ("normal", "<f8"),
        ("normal_rho", "<f8"),
        ("has_normal", "<i4"),
        ("", "V4"),
        ("float_normal", "<f4"),
        ("has_float_normal", "?"),
        ("", "V3"),
    ],
)


class State(NamedTuple):
    """The seed, MT19937's 624 words, how many of them are used up, and the kept second normal.

    `used` is 0 for a stream that nothing was drawn from: its words are the seeding's and not yet a batch.
    """

    seed: int
    words: NDArray[np.uint32]
    used: int
    normal: float | None


def pack(state: State) -> NDArray[np.uint8]:
    """Returns PyTorch's 5056 bytes."""
    record = np.zeros((), LAYOUT)
    record["seed"], record["words"], record["next"] = state.seed, state.words, state.used
    record["left"] = WORDS + 1 - (state.used or WORDS)
    record["seeded"] = 1
    if state.normal is not None:
        record["normal"], record["has_normal"] = state.normal, 1
    return np.frombuffer(record.tobytes(), np.uint8)


def unpack(data: Any) -> State:
    """Returns the state in PyTorch's 5056 bytes.

    Raises:
        TypeFault: the data is no array of bytes.
        RuntimeFault: it has another length, or no stream can stand there.
    """
    if not isinstance(data, np.ndarray):
        raise TypeFault("E341", f"expected a torch.ByteTensor, but got {type(data).__name__}", help=HELP)
    if data.dtype != np.uint8:
        raise TypeFault("E341", "RNG state must be a torch.ByteTensor", help=HELP)
    if data.size != LAYOUT.itemsize:
        message = (
            f"Expected a CPUGeneratorImplState of size {LAYOUT.itemsize} but found the input RNG state size "
            f"to be {data.size}"
        )
        raise RuntimeFault("E341", message, help=HELP)
    record = np.frombuffer(data.tobytes(), LAYOUT)[0]
    left, following = int(record["left"]), int(record["next"])
    if record["seeded"] != 1 or not 0 < left <= WORDS or following > WORDS:
        raise RuntimeFault("E341", "Invalid mt19937 state", help=HELP)
    # PyTorch goes by `left` alone to know when a batch is used up; a fresh stream has next = 0, left = 1.
    used = 0 if (left, following) == (1, 0) else WORDS + 1 - left
    normal = float(record["normal"]) if record["has_normal"] else None
    return State(int(record["seed"]), record["words"].astype(np.uint32), used, normal)
