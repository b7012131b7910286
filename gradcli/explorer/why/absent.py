"""Why some gradients of an evaluation are missing: what was computed from a variable left the graph."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import GradcliError
from gradcli.explorer.why.explanation import short
from gradcli.explorer.why.notebook import Notebook
from gradcli.explorer.why.trace import Enough, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.autograd import Node
    from gradcli.autograd.node import Edge
    from gradcli.explorer.why.facts import Lost
    from gradcli.reports.evaluation import Evaluation

__all__ = ["told_why"]


class _Cuts(Notebook):
    """A notebook that knows, by the names of variables, where they were cut off before backward."""

    def __init__(self) -> None:
        super().__init__()
        self.by_name: dict[str, dict[Any, Lost]] = {}

    def began(self, roots: Sequence[Edge], inputs: Sequence[Edge] | None) -> Callable[[Node], None]:
        """Looks at the cuts while the variables are there."""
        for lost in self.losses:
            for leaf in lost.leaves:
                fact = self.facts.get(leaf())
                if fact is not None and fact.name:
                    self.by_name.setdefault(fact.name, {})[lost.span] = lost
        return super().began(roots, inputs)


def told_why(report: Evaluation, absent: str, again: Callable[[Callable[[Any], Any]], object]) -> Evaluation:
    """Returns a report whose missing gradients say where they were cut off, if that is in one place.

    Args:
        report: of the evaluation.
        absent: the reason that is looked into.
        again: repeats the evaluation on a host laid over its own, as in `explain`.
    """
    book = _Cuts()
    with suppress(GradcliError, Enough):
        again(Trace(book).over)
    rows = []
    for row in report.gradients:
        cuts = list(book.by_name.get(row.name, {}).values())
        place = short(cuts[0].span) if len(cuts) == 1 else ""
        new = f"`{place}` cuts it off" if place and row.absent == absent else row.absent
        rows.append(row._replace(absent=new))
    return report._replace(gradients=tuple(rows))
