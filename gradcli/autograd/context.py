"""What is ambient: grad mode, anomaly mode, default dtype, generator, budget, current span.

One object, `context`, holds all of it; nothing else in gradcli is global.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from itertools import count
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from gradcli.autograd.budget import Budget
from gradcli.ops.dtypes import FLOAT32

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gradcli.autograd.generator import Generator
    from gradcli.autograd.node import Edge, Node
    from gradcli.autograd.tensor import Tensor
    from gradcli.diagnostics import Span

__all__ = ["Context", "Journal", "context", "session"]


class Journal(Protocol):
    """Told of what happens to graphs and gradients, where somebody asks why."""

    def began(self, roots: Sequence[Edge], inputs: Sequence[Edge] | None) -> Callable[[Node], None] | None:
        """A backward pass begins; returns what to call with each node that it frees, if anything."""
        ...

    def accumulating(self, leaf: Tensor) -> None:
        """A cotangent is about to be added to a tensor's `.grad`."""
        ...


def _attendance(slot: str) -> Any:
    """A field that every operation would have to ask for: setting it keeps `Context.attended` true to all."""

    def put(context: Context, value: Any) -> None:
        setattr(context, slot, value)
        context.attended = context.dual or context.watch is not None or context.tape is not None

    return property(attrgetter(slot), put)


class Context:
    """The ambient state.

    Attributes:
        grad_enabled: whether operations are recorded.
        inference: inside inference_mode.
        anomaly: anomaly detection is on; `check_nan` says whether nan raises.
        dual: forward mode is active somewhere, so that operations look for tangents.
        default_dtype: of floats without one; float32 for scripts and `gradcli.torch`.
        generator: PyTorch's random numbers; made on first use.
        seed: what the generator starts from.
        budget: how many bytes a tensor and all tensors may take.
        span: the place in the user's text that is being evaluated.
        journal: told of backward passes, where somebody asks why.
        watch: called with (operation name, array, span) for each result, where somebody looks for nan.
        tape: told of each operation and each in-place change, where a program is being traced (plan/tape.py).
        attended: forward mode, a watcher or a tape takes part: one question for each operation, not three.
        sequence: numbers the nodes; a node's number is above those of all it depends on.
    """

    __slots__ = (
        "_dual", "_generator", "_tape", "_watch", "anomaly", "attended", "budget", "check_nan",
        "default_dtype", "grad_enabled", "inference", "journal", "seed", "sequence", "span",
    )  # fmt: skip

    dual = _attendance("_dual")
    watch = _attendance("_watch")
    tape = _attendance("_tape")

    def __init__(self) -> None:
        self.grad_enabled = True
        self.inference = False
        self.anomaly = False
        self.check_nan = True
        self.attended = self._dual = False
        self._watch: Callable[[str, Any, Any], None] | None = None
        self._tape: Any = None
        self.default_dtype: Any = FLOAT32
        self.budget = Budget()
        self.span: Span | None = None
        self.journal: Journal | None = None
        self.sequence = count()
        self.seed = 0
        self._generator: Generator | None = None

    @property
    def generator(self) -> Generator:
        """The default random generator."""
        if self._generator is None:
            from gradcli.autograd.generator import Generator  # only programs that draw numbers pay for it

            self._generator = Generator(self.seed)
        return self._generator

    @generator.setter
    def generator(self, generator: Generator) -> None:
        self._generator = generator


context = Context()

LEGAL_SEEDS = 2**63  # and some negative ones, which the generator knows
PATIENT = (1_000_000, 20, 100)  # allocations before the youngest generation is collected, and so on

_KEPT = tuple(slot for slot in Context.__slots__ if slot != "sequence")


@contextmanager
def session(
    *, default_dtype: Any = FLOAT32, budget: Budget | None = None, seed: int = 0
) -> Iterator[Context]:
    """Runs a program in fresh ambient state and puts the old one back.

    Inside, floating-point faults are silent as in PyTorch (a log of 0 is -inf, no warning).
    """
    # A graph is millions of young objects that all live: the collector's default thresholds walk them again
    # and again (a third of the time at 10^5 nodes). Cycles are rare here, and still found, only later.
    thresholds = gc.get_threshold()
    gc.set_threshold(*PATIENT)
    kept = [getattr(context, name) for name in _KEPT]
    sequence = context.sequence
    context.__init__()  # type: ignore[misc] # all fields back to their defaults
    context.sequence = sequence  # it goes on, so that nothing in here is numbered below what came before
    context.default_dtype = default_dtype
    if budget is not None:
        context.budget = budget
    context.seed = seed
    if not 0 <= seed < LEGAL_SEEDS:
        context.generator = context.generator  # what is no seed is refused now, not at the first draw
    try:
        with np.errstate(all="ignore"):
            yield context
    finally:
        gc.set_threshold(*thresholds)
        for name, value in zip(_KEPT, kept, strict=True):
            setattr(context, name, value)
