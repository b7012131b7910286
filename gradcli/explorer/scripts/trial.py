"""A trial: turns of a script's loop by the engine, to show whether all are alike.

Two are heard. A third is run by the engine and by the plan, which must give the same numbers, bit for bit.
"""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from gradcli.autograd import context
from gradcli.autograd.listener import Listener
from gradcli.explorer.scripts.reach import Reach, Unknown, reach
from gradcli.plan.tape import taped
from gradcli.plan.turn import TurnPlan, turn_plan
from gradcli.plan.turn_tape import TurnTape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.autograd import Tensor
    from gradcli.explorer.scripts.host import ScriptHost
    from gradcli.language.compiling.long_loops import Turns
    from gradcli.language.compiling.notes import Note
    from gradcli.language.compiling.ways import Way

__all__ = ["Proof", "Trial"]


class Proof(NamedTuple):
    """What was shown of turns that are alike.

    Attributes:
        way: the way that they go.
        notes: those on it.
        marks: the state that they leave the program in.
        steps: what one takes of the budget, without its notes.
        plan: does what one does.
    """

    way: Way
    notes: Sequence[Note]
    marks: Sequence[Any]
    steps: int
    plan: TurnPlan

    def holds(self, turns: Turns) -> bool:
        """Returns whether it still does where the program is now; the plan has begun then."""
        state = _state_of(turns)
        return (
            state is not None
            and state.marks == self.marks
            and all(note.is_plain(turns.variables) for note in self.notes)
            and self.plan.begin(state.tensors)
        )


class Trial:
    """Turns that all go one way.

    Attributes:
        over: no further turn has anything to show.
        proof: that they are alike; None where they are not, or while that is not known.
    """

    def __init__(self, host: ScriptHost, turns: Turns, at: int) -> None:
        self._host, self._turns = host, turns
        self._way = turns.way(at) or ()
        self._notes = turns.notes(self._way)
        self._state = _state_of(turns)
        self._steps: int | None = None
        self._tape: TurnTape | None = None
        self._plan: TurnPlan | None = None
        self.over = self._state is None or not all(note.is_plain(turns.variables) for note in self._notes)
        self.proof: Proof | None = None

    def turn(self, value: Any) -> Any:
        """Runs a turn; returns why control does not go on to the next, or None."""
        return self._heard(value) if self._plan is None else self._proved(value, self._plan)

    def _heard(self, value: Any) -> Any:
        tape = TurnTape(() if self._state is None else self._state.tensors)
        signal = self._run(value, tape)
        if self.over or self._state is None:
            return signal
        tape.end(self._state.tensors)
        if self._tape is not None:
            sites = [site for note in self._notes for site in note.sites]
            self._plan = turn_plan(self._tape, tape, self._state.tensors, sites)
            self.over = self._plan is None
        self._tape = tape
        return signal

    def _proved(self, value: Any, plan: TurnPlan) -> Any:
        """Runs a turn by the plan and by the engine."""
        results: Sequence[Any] | None = None
        if self._state is not None and plan.begin(self._state.tensors):
            try:
                plan.compute()
                results = plan.results()
            except Exception:  # noqa: BLE001, S110 - the engine does this turn, and has the words
                pass
            finally:
                plan.end(0)
        witness = _Witness()
        signal = self._run(value, witness)
        state, steps = self._state, self._steps
        if not self.over and state is not None and steps is not None:
            proof = Proof(self._way, self._notes, state.marks, steps, plan)
            agrees = results is not None and plan.agrees(results, witness.taken, state.tensors)
            self.proof = proof if agrees else None
        self.over = True
        return signal

    def _run(self, value: Any, listener: Listener) -> Any:
        """Runs a turn that somebody listens to, and looks at what it leaves."""
        turns, before = self._turns, self._state
        left, turns.book.charged = turns.meter.left, 0
        with taped(listener), _Silence(self._host, turns) as silence:
            signal = turns.run(value)
        steps, self._state = left - turns.meter.left - turns.book.charged, _state_of(turns)
        same = before is not None and self._state is not None and before.marks == self._state.marks
        self.over = not (same and silence.kept and self._steps in (None, steps))
        self._steps = steps
        return signal


class _Silence:
    """Whether a program prints nothing but in its notes.

    Attributes:
        kept: it did not.
    """

    def __init__(self, host: ScriptHost, turns: Turns) -> None:
        self._host = host
        self._book = turns.book
        self._write: Callable[[str], Any] = host.write
        self.kept = True

    def __enter__(self) -> Self:
        self._host.write = self._heard
        return self

    def __exit__(self, *error: object) -> None:
        self._host.write = self._write

    def _heard(self, text: str) -> Any:
        self.kept = self.kept and self._book.making
        return self._write(text)


class _Witness(Listener):
    """Sees which gradients optimizers take in a turn of the engine's."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    def updating(self, step: Callable[[], Any], leaves: Sequence[Tensor]) -> None:
        """Told of an optimizer's step that is about to be made."""
        del step
        self.taken += [np.array(leaf._grad._array) for leaf in leaves if leaf._grad is not None]


def _state_of(turns: Turns) -> Reach | None:
    """What a program can reach, and what is ambient; None where it cannot be told."""
    try:
        marks, tensors = reach(turns.variables, turns.own)
    except Unknown:
        return None
    drawn = None if context._generator is None else context._generator.get_state().tobytes()
    marks.append((drawn, context.seed, context.grad_enabled, context.default_dtype, context.check_nan))
    return Reach(marks, tensors)
