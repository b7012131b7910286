"""A trial: turns of a script's loop by the engine, to show whether all are alike.

Two are heard. A third is run by the plan, taken back, and run by the engine, which must leave the same
numbers, bit for bit.
"""

# ruff: noqa: SLF001 - a friend of the context

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from gradcli.autograd import context
from gradcli.autograd.print_options import print_options
from gradcli.explorer.scripts.reach import Reach, Unknown, reach
from gradcli.plan.sameness import same
from gradcli.plan.tape import taped
from gradcli.plan.turn import TurnPlan, turn_plan
from gradcli.plan.turn_tape import Sites, TurnTape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.explorer.scripts.host import ScriptHost
    from gradcli.language.compiling.long_loops import Turns
    from gradcli.language.compiling.notes import Note
    from gradcli.language.compiling.ways import Way
    from gradcli.plan.turn_tape import Place

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

    def begin(self, host: ScriptHost, turns: Turns) -> Reach | None:
        """Begins the plan where the program is now; returns that state, or None where it holds no more.

        Whoever gets a state calls the plan's `end`.
        """
        state = _state_of(host, turns)
        if state is None or state.marks != self.marks or not _are_plain(self.notes, turns):
            return None
        return state if self.plan.begin(state.tensors) else None


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
        self._state = _state_of(host, turns)
        self._steps: int | None = None
        self._tape: TurnTape | None = None
        self._plan: TurnPlan | None = None
        self.over = self._state is None or not _are_plain(self._notes, turns)
        self.proof: Proof | None = None

    def turn(self, at: int) -> Any:
        """Runs a turn; returns why control does not go on to the next, or None."""
        if self._state is None:
            return self._turns.run(self._turns.values[at])
        return self._hear(at, self._state) if self._plan is None else self._prove(at, self._plan)

    def _hear(self, at: int, before: Reach) -> Any:
        """Runs a turn by the engine, and writes down what it does."""
        tape = TurnTape(before.tensors)
        with taped(tape):
            signal = self._run(at)
        if self.over or self._state is None:
            return signal
        tape.end(self._state.tensors)
        if self._tape is not None:
            names = before.names.keys() & self._state.names.keys()
            self._plan = turn_plan(self._tape, tape, self._state.tensors, self._sites(), names)
            self.over = self._plan is None
        self._tape = tape
        return signal

    def _sites(self) -> Sites:
        """Where its notes ask for numbers."""
        once = tuple(site for note in self._notes for site in note.sites)
        return Sites(once, tuple(site for note in self._notes for site in note.again))

    def _prove(self, at: int, plan: TurnPlan) -> Any:
        """Runs a turn by the plan and by the engine."""
        found = None if self._state is None else _foretold(plan, self._state)
        self._turns.book.asked.clear()
        signal = self._run(at)
        state, steps = self._state, self._steps
        if found is not None and not self.over and state is not None and steps is not None:
            given, results = found
            asked = {place: value for place, value in self._turns.book.asked.items() if place in given}
            if same(given, asked) and plan.agrees(results, state.tensors):
                self.proof = Proof(self._way, self._notes, state.marks, steps, plan)
        self.over = True
        return signal

    def _run(self, at: int) -> Any:
        """Runs a turn, and looks at what it leaves."""
        turns, before = self._turns, self._state
        left, turns.book.charged = turns.meter.left, 0
        with _Silence(self._host, turns) as silence:
            signal = turns.watched(at)
        steps, self._state = left - turns.meter.left - turns.book.charged, _state_of(self._host, turns)
        alike = before is not None and self._state is not None and before.marks == self._state.marks
        self.over = not (alike and silence.kept and self._steps in (None, steps))
        self._steps = steps
        return signal


def _foretold(plan: TurnPlan, state: Reach) -> tuple[Mapping[Place, Any], Sequence[Any]] | None:
    """The plain numbers of a turn by plan, and what it leaves, which is taken back; None where it fails."""
    if not plan.begin(state.tensors):
        return None
    try:
        given = plan.compute()
        try:
            plan.commit()
            return given, plan.results()
        finally:
            plan.undo()
    except Exception:  # noqa: BLE001 - the engine does this turn, and has the words
        return None
    finally:
        plan.end(0)


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
        self._host.write = self._pass_on
        return self

    def __exit__(self, *error: object) -> None:
        self._host.write = self._write

    def _pass_on(self, text: str) -> Any:
        self.kept = self.kept and self._book.making
        return self._write(text)


def _are_plain(notes: Sequence[Note], turns: Turns) -> bool:
    return all(note.is_plain(turns.variables, turns.own) for note in notes)


def _state_of(host: ScriptHost, turns: Turns) -> Reach | None:
    """What a program can reach, and what is ambient; None where it cannot be told."""
    try:
        state = reach(turns.variables, turns.own)
    except Unknown:
        return None
    drawn = None if context._generator is None else context._generator.get_state().tobytes()
    state.marks.append((
        drawn, context.seed, context.grad_enabled, context.default_dtype, context.inference, context.anomaly,
        context.check_nan, context.dual, context.watch is None, print_options(), host.addresses.given(),
    ))  # fmt: skip
    return state
