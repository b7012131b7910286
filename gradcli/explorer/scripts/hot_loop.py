"""A long loop of a script: the engine runs a few turns, a plan those that are like them.

Two turns are heard. Where they leave the program in the same state, and did the same, every further turn on
the same way does the same: the plan of such a turn runs instead, from memory to memory, and the turn's notes
are made with the numbers that it gives. The last turn before one that goes another way, and the last of all,
are the engine's again, so that whatever looks at graphs, versions and gradients then finds what it always
would; and after each turn of the engine's the state is compared anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import context

if TYPE_CHECKING:
    from gradcli.explorer.scripts.host import ScriptHost
    from gradcli.explorer.scripts.trial import Proof
    from gradcli.language.compiling.long_loops import Turns

__all__ = ["HotLoop"]

FIRST = 8  # the turn from which on turns may be alike: before it, optimizers begin to remember
AGAIN = 8  # after how many times as many turns it is tried again
LOOKS = 200  # for as many turns as a trial takes that go one way
TURNS = 3  # of a trial
LEFT = 200  # turns that a plan has to be worth its making for
AHEAD = 4  # turns in a row that a plan has to be worth its beginning for,
MARKS = 500  # and one more for so many marks that are compared


class HotLoop:
    """One loop under way."""

    def __init__(self, host: ScriptHost, turns: Turns) -> None:
        self._host = host
        self._turns = turns
        self._next = FIRST
        self._looks = LOOKS
        self._done = 0  # by the present plan
        self._missed = 0  # turns that went another way, since it last did some
        self._proof: Proof | None = None
        self._made: list[int] = []  # how many notes of the engine's next turns were made already

    def go(self, at: int) -> tuple[int, Any]:
        """Does a turn, and perhaps more; returns the next, and why control does not go on to it, or None."""
        if self._proof is not None:
            at += self._by_plan(at, self._proof)
        elif at >= self._next and self._is_worth_it(at):
            self._next, self._done = at * AGAIN, 0
            return self._tried(at)
        return at + 1, self._by_engine(at)

    def _is_worth_it(self, at: int) -> bool:
        """Whether a trial can begin here, and may lead to something."""
        if self._made:  # a turn or two first
            return False
        if len(self._turns.values) - at <= LEFT or not self._looks or not _is_quiet():
            self._next = len(self._turns.values)
            return False
        self._looks -= 1
        return self._goes_on(at, TURNS)

    def _by_engine(self, at: int) -> Any:
        """Runs a turn, without the notes that were made already."""
        turns = self._turns
        return turns.watched(at, self._made.pop(0)) if self._made else turns.run(turns.values[at])

    def _goes_on(self, at: int, count: int) -> bool:
        """Whether a turn and those after it, as many, all go the same way."""
        way = self._turns.way(at)
        return way is not None and all(self._turns.way(at + i) == way for i in range(1, count + 1))

    def _tried(self, at: int) -> tuple[int, Any]:
        """Runs turns by the engine until it is clear whether they are alike."""
        from gradcli.explorer.scripts.trial import Trial  # few loops come so far

        trial = Trial(self._host, self._turns, at)
        signal = None
        while not trial.over and signal is None:
            signal = trial.turn(at)
            at += 1
        self._proof = trial.proof if signal is None else None
        return at, signal

    def _by_plan(self, at: int, proof: Proof) -> int:
        """Does turns by plan, all but the last of those that go the known way; returns how many."""
        turns, plan = self._turns, proof.plan
        ahead = AHEAD + len(proof.marks) // MARKS
        if any(turns.way(at + i) != proof.way for i in range(ahead)):
            self._missed += 1
            if self._missed > LEFT:  # that way may never be gone again
                self._proof, self._next = None, at + 1
            return 0
        state = proof.begin(self._host, turns)
        if state is None:
            self._dropped(at)
            return 0
        self._missed = 0
        done, after = 0, at + 1
        try:
            while turns.meter.left > 2 * proof.steps and turns.way(after + done) == proof.way:
                if not self._turn(at + done, proof):
                    self._dropped(at + done)
                    done = self._taken_back(done, proof)
                    break
                turns.meter.left -= proof.steps
                done += 1
        finally:
            turns.variables.update({state.names[i]: tensor for i, tensor in plan.end(done).items()})
            self._done += done
        return done

    def _dropped(self, at: int) -> None:
        """Gives up the plan; another is tried soon where this one has been worth its making."""
        self._proof, self._next = None, at + 1 if self._done > LEFT else at * AGAIN

    def _turn(self, at: int, proof: Proof) -> bool:
        """Does a turn by plan; returns whether it did: one that fails, or leaves its way, is the engine's."""
        turns, made, left = self._turns, 0, self._turns.meter.left
        try:
            turns.book.given.update(proof.plan.compute())
            turns.variables[turns.word] = turns.values[at]
            for note in proof.notes:
                left = turns.meter.left
                if not note.make(turns.variables):
                    break
                left, made = turns.meter.left, made + 1
            else:
                proof.plan.commit()
                return True
        except OSError:  # of who reads what is printed
            raise
        except Exception:  # noqa: BLE001, S110 - the engine comes to the same place, and has the words
            pass
        turns.meter.left = left  # the engine makes the note that was not made
        self._made = [made]
        return False

    def _taken_back(self, done: int, proof: Proof) -> int:
        """Takes back the turn before one that is the engine's, which leaves what that one finds."""
        if not done:
            return 0
        proof.plan.undo()
        self._made.insert(0, len(proof.notes))  # of the turn that comes first now, whose notes are all made
        self._turns.meter.left += proof.steps
        return done - 1


def _is_quiet() -> bool:
    """Whether nobody else looks at what the program does."""
    return not (context.attended or context.anomaly or context.inference)
