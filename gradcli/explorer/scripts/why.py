"""Why a script failed, and what it should know of a run that went well.

Light: what explains is loaded only where there is something to explain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import context
from gradcli.explorer.why.habits import Habits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.diagnostics import Diagnostic, GradcliError

__all__ = ["explain", "notes", "watch"]


def watch() -> Habits:
    """Returns the journal of a script's run, which hears of its backward passes until the session ends."""
    habits = Habits()
    context.journal = habits
    return habits


def explain(error: GradcliError, again: Callable[[Callable[[Any], Any]], object]) -> None:
    """Adds to the error of a script the places that explain it.

    Args:
        error: what ended the script.
        again: runs the script again in a session of its own, silently, on the host that a function makes
            of the script's own; called only where that can tell something.
    """
    from gradcli.explorer.why.explain import explain as explained  # only when something went wrong

    explained(error, again)


def notes(habits: Habits, again: Callable[[Callable[[Any], Any]], object]) -> Iterator[Diagnostic]:
    """Yields what a script that ran to its end should be told; `again` as in `explain`."""
    if habits.suspected:
        from gradcli.explorer.why.lookout import forgotten_zero_grad  # only with a suspicion

        found = forgotten_zero_grad(again)
        if found is not None:
            yield found
