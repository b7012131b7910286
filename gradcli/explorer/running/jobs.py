"""Samples side by side: forked workers, handed a few samples at a time, watched for time and for their lives.

Forking costs a few milliseconds, and the workers share what is already read and loaded.
"""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from gradcli.diagnostics import Diagnostic
from gradcli.explorer.deadline import measured, overtime
from gradcli.explorer.running.outcome import outcome_of
from gradcli.explorer.running.samples import Case, Options, Sample
from gradcli.explorer.running.wire import decoded
from gradcli.explorer.running.worker import preload, serve

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from gradcli.reports.runs import Outcome

__all__ = ["Pool", "can_fork"]

AT_ONCE = 16  # cases handed to a worker together: a case takes less time than a message
GRACE = 0.5  # seconds beyond the limit in which a worker may say itself where it was
READ = 2**20
CLOSED = -1


def can_fork() -> bool:
    """Returns whether this system has workers."""
    return hasattr(os, "fork")


class _Worker:
    """A forked process.

    Attributes:
        pid: of the process.
        commands: the pipe that it is told numbers through.
        results: the pipe that it answers through.
        under_way: the numbers that it was told and has not answered.
        since: when it last answered, or was told something.
    """

    def __init__(self, pid: int, commands: int, results: int, chunk: list[int]) -> None:
        self.pid = pid
        self.commands = commands
        self.results = results
        self.under_way = deque(chunk)
        self.since = time.monotonic()
        self.parts: list[bytes] = []  # of a line that has not ended

    def lines(self, data: bytes) -> list[bytes]:
        """Returns the lines that end in what was read now."""
        *ended, rest = data.split(b"\n")
        if not ended:
            self.parts.append(rest)
            return []
        ended[0] = b"".join([*self.parts, ended[0]])
        self.parts = [rest] if rest else []
        return ended


class Pool:
    """Runs samples in processes.

    Raises:
        InputFault: the limit on time is nan.
    """

    def __init__(self, samples: list[Sample], options: Options, count: int) -> None:
        self._samples = samples
        self._options = options._replace(timeout=measured(options.timeout, "--timeout"))
        self._chunks = deque(_chunks(samples, count))
        self._count = count
        self._workers: dict[int, _Worker] = {}  # by the pipe of results

    def outcomes(self) -> Generator[tuple[int, Outcome]]:
        """Yields the number of each sample with its outcome, as they come.

        However this ends, no worker is left.
        """
        import selectors  # only who runs jobs pays for it

        preload(self._samples)
        try:
            with selectors.DefaultSelector() as selector:
                while self._chunks or self._workers:
                    while self._chunks and len(self._workers) < self._count:
                        selector.register(self._start(self._chunks.popleft()), selectors.EVENT_READ)
                    for key, _ in selector.select(self._patience()):
                        worker = self._workers[key.fd]
                        data = os.read(worker.results, READ)
                        if data:
                            yield from self._answers(worker, data)
                            continue
                        selector.unregister(worker.results)
                        yield from self._dead(worker)
                    self._kill_overdue()
        finally:
            self._end()

    def _start(self, chunk: list[int]) -> int:
        """Forks a worker with its first samples, so that a death always has somebody to blame."""
        commands, told = os.pipe()
        results, answers = os.pipe()
        _tell(told, chunk)
        with warnings.catch_warnings():  # threads of BLAS, which survive a fork
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            self._be_worker(commands, answers, (told, results))
        os.close(commands)
        os.close(answers)
        self._workers[results] = _Worker(pid, told, results, chunk)
        return results

    def _be_worker(self, commands: int, answers: int, others: tuple[int, ...]) -> None:
        """Serves, and ends the process: nothing of the parent's may run in it."""
        code = 1
        try:
            siblings = (fd for worker in self._workers.values() for fd in (worker.commands, worker.results))
            for fd in (*others, *siblings):  # else the others' pipes would not end with the parent
                if fd != CLOSED:
                    os.close(fd)
            serve(self._samples, self._options, commands, answers)
            code = 0
        finally:
            os._exit(code)

    def _answers(self, worker: _Worker, data: bytes) -> Iterator[tuple[int, Outcome]]:
        for line in worker.lines(data):
            try:
                index, outcome = decoded(line, self._samples)
            except (ValueError, TypeError, IndexError):
                os.kill(worker.pid, signal.SIGKILL)  # it is not itself any more; its death is dealt with
                return
            if not worker.under_way or index != worker.under_way[0]:
                os.kill(worker.pid, signal.SIGKILL)
                return
            worker.under_way.popleft()
            worker.since = time.monotonic()
            yield index, outcome
        if not worker.under_way:
            self._next(worker)

    def _next(self, worker: _Worker) -> None:
        """Hands an idle worker its next samples, or lets it end."""
        if not self._chunks:
            if worker.commands != CLOSED:
                os.close(worker.commands)
                worker.commands = CLOSED
            return
        chunk = self._chunks.popleft()
        worker.under_way.extend(chunk)
        with suppress(BrokenPipeError):  # its death is dealt with
            _tell(worker.commands, chunk)

    def _dead(self, worker: _Worker) -> Iterator[tuple[int, Outcome]]:
        """What is to be said of the sample that a worker died of; the ones behind it go to others."""
        status = self._bury(worker)
        if not worker.under_way:
            return
        index = worker.under_way.popleft()
        seconds = time.monotonic() - worker.since
        if worker.under_way:
            self._chunks.appendleft(list(worker.under_way))
        limit = self._options.timeout
        if limit and seconds > limit:
            late = overtime(limit, "--timeout").diagnostic
            fault = late._replace(notes=("a single operation took so long that its process was ended",))
        else:
            fault = Diagnostic(
                "E545",
                f"the process that ran this died: {_cause(status)}",
                notes=("the other samples ran in other processes, and are not lost",),
                help="a kill from outside is often the system's answer to too little memory: see --max-bytes",
            )
        yield index, outcome_of(self._samples[index], "failed", seconds, messages=(fault,))

    def _patience(self) -> float | None:
        """Seconds until the first worker may be overdue."""
        busy = [worker.since for worker in self._workers.values() if worker.under_way]
        if not self._options.timeout or not busy:
            return None
        return max(min(busy) + self._options.timeout + GRACE - time.monotonic(), 0.0) + 0.01

    def _kill_overdue(self) -> None:
        if not self._options.timeout:
            return
        latest = time.monotonic() - self._options.timeout - GRACE
        for worker in self._workers.values():
            if worker.under_way and worker.since < latest:
                os.kill(worker.pid, signal.SIGKILL)

    def _bury(self, worker: _Worker) -> int:
        """Waits for a process that has ended, and returns its status."""
        del self._workers[worker.results]
        os.close(worker.results)
        if worker.commands != CLOSED:
            os.close(worker.commands)
        return os.waitpid(worker.pid, 0)[1]

    def _end(self) -> None:
        for worker in list(self._workers.values()):
            with suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)
        for worker in list(self._workers.values()):
            self._bury(worker)


def _chunks(samples: list[Sample], count: int) -> Iterator[list[int]]:
    """The numbers of samples that go to a worker together: a script alone, and of short cases a few."""
    size = max(1, min(AT_ONCE, len(samples) // (4 * count)))
    chunk: list[int] = []
    for index, sample in enumerate(samples):
        if chunk and (len(chunk) == size or not isinstance(sample, Case)):
            yield chunk
            chunk = []
        chunk.append(index)
        if not isinstance(sample, Case):
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _tell(commands: int, chunk: list[int]) -> None:
    os.write(commands, b" ".join(b"%d" % index for index in chunk) + b"\n")


def _cause(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        try:
            return signal.Signals(number).name
        except ValueError:
            return f"signal {number}"
    return f"exit code {os.waitstatus_to_exitcode(status)}"
