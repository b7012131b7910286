"""A run of many samples: in this process or in several, with one order of results."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

from gradcli.explorer.running.outcome import run_sample, skipped
from gradcli.reports.runs import Batch

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from gradcli.explorer.running.samples import Options, Sample
    from gradcli.reports.runs import Outcome

__all__ = ["Run"]

FAILING = frozenset(("failed", "error"))


class Run:
    """Samples on their way to a report.

    Args:
        samples: what runs.
        options: of the run.
        jobs: how many processes.
        fail_fast: whether the first failure ends the run.
        settle: is given each outcome when its turn has come, and returns what is reported for it.

    Attributes:
        done: what became of the samples that have run so far, by number.
        ended: why the run ended before all had run; empty if it did not.
    """

    def __init__(
        self,
        samples: list[Sample],
        options: Options,
        *,
        jobs: int = 1,
        fail_fast: bool = False,
        settle: Callable[[Outcome], Outcome] = lambda outcome: outcome,
    ) -> None:
        self._samples = samples
        self._options = options
        self._jobs = max(1, min(jobs, len(samples)))
        self._fail_fast = fail_fast
        self._settle = settle
        self._start = time.perf_counter()
        self.done: dict[int, Outcome] = {}
        self.ended = ""

    def outcomes(self) -> Generator[Outcome]:
        """Yields what became of each sample, in their order, as soon as those before it are through."""
        came = self._side_by_side() if self._needs_workers() else self._one_by_one()
        with closing(came):
            for index, raw in enumerate(came):
                outcome = self.done[index] = self._settle(raw)
                yield outcome
                if self._fail_fast and outcome.status in FAILING:
                    self.ended = "fail-fast"
                    return

    def batch(self) -> Batch:
        """Returns the report of what has run so far; the other samples are skipped."""
        outcomes = [self.done.get(index) or skipped(sample) for index, sample in enumerate(self._samples)]
        if self.ended == "fail-fast":  # what ran beyond it, ran by chance
            last = next(index for index, outcome in enumerate(outcomes) if outcome.status in FAILING)
            outcomes[last + 1 :] = map(skipped, self._samples[last + 1 :])
        return Batch(tuple(outcomes), time.perf_counter() - self._start, self.ended)

    def _needs_workers(self) -> bool:
        """Whether there are several jobs, or a limit on time, which only a process that is killed keeps."""
        if self._jobs == 1 and not self._options.timeout:
            return False
        from gradcli.explorer.running.jobs import can_fork  # most runs do without

        return can_fork()

    def _one_by_one(self) -> Generator[Outcome]:
        for index, sample in enumerate(self._samples):
            self.done[index] = run_sample(sample, self._options)
            yield self.done[index]

    def _side_by_side(self) -> Generator[Outcome]:
        from gradcli.explorer.running.jobs import Pool  # most runs do without

        following = 0
        with closing(Pool(self._samples, self._options, self._jobs).outcomes()) as results:
            for index, outcome in results:
                self.done[index] = outcome
                while following in self.done:
                    yield self.done[following]
                    following += 1
