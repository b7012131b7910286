"""How much memory a program may hold: asked before anything big is allocated, charged while it lives."""

from __future__ import annotations

import gc
import math
import weakref
from typing import Any

from gradcli.diagnostics import LimitFault
from gradcli.ops.shapes import Shape, size_text

__all__ = ["BIG", "Budget"]

BIG = 2**20  # bytes; smaller arrays are not worth counting
CALM = 2**30  # bytes; below it nothing is looked for that only Python's collector could free


class Budget:
    """Limits on one tensor's elements and on the bytes of all big tensors alive.

    Python's collector counts objects, not bytes: a few that refer to each other (a function in a function,
    the context of a program's own operation) would hold gigabytes for long. So it is called whenever the
    bytes alive have doubled since it was last, and before anything is refused.
    """

    __slots__ = ("_calm", "live", "max_bytes", "max_elements")

    def __init__(self, max_elements: int = 2**28, max_bytes: int = 12 * 2**30) -> None:
        self.max_elements = max_elements
        self.max_bytes = max_bytes
        self.live = 0
        self._calm = CALM  # up to so many bytes

    def ask(self, shape: Shape, itemsize: int = 8) -> None:
        """Returns if a tensor of this shape may be made.

        Raises:
            LimitFault: it has too many elements, or all tensors together would take too many bytes.
        """
        count = math.prod(shape)
        if count * itemsize < BIG:
            return
        if count > self.max_elements:
            raise LimitFault(
                "E601",
                f"a tensor of size {size_text(shape)} has {count} elements; the limit is {self.max_elements}",
                help="make it smaller, or raise the limit with --max-elements",
            )
        if self.live + count * itemsize > min(self.max_bytes, self._calm):
            gc.collect()
            self._calm = max(CALM, 2 * self.live)
        if self.live + count * itemsize > self.max_bytes:
            raise LimitFault(
                "E602",
                f"the tensors alive would take {self.live + count * itemsize} bytes; the limit is "
                f"{self.max_bytes}",
                help="make the tensors smaller, or raise the limit with --max-bytes",
            )

    def charge(self, array: Any) -> None:
        """Counts a big array's bytes for as long as it lives; raises as `ask` does."""
        if array.base is not None:
            return
        self.ask(array.shape, array.itemsize)
        self.live += array.nbytes
        weakref.finalize(array, self._release, array.nbytes)

    def _release(self, size: int) -> None:
        self.live -= size
