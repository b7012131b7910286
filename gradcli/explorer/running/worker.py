"""A worker process: told the numbers of samples, it answers with an outcome for each, in the order told."""

from __future__ import annotations

import gc
import importlib
import os
import signal
from typing import TYPE_CHECKING

from gradcli.explorer.running.belt import Belt, silence
from gradcli.explorer.running.outcome import run_sample
from gradcli.explorer.running.samples import Case, Options, Sample, Script
from gradcli.explorer.running.wire import encoded
from gradcli.ops.catalog import list_families

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.reports.runs import Outcome

__all__ = ["preload", "serve"]

# Loaded by most samples, if not by all: loaded before they are forked, they cost no worker anything.
COMMON = ("difflib", "gradcli.autograd.generator", "unicodedata")
NEEDED: dict[type, tuple[str, ...]] = {
    Script: ("gradcli.explorer.running.scripts", "gradcli.explorer.scripts.run", "gradcli.autograd.printing"),
    Case: ("gradcli.explorer.running.judging",),
}


def preload(samples: list[Sample]) -> None:
    """Imports what the samples need, so that workers forked now find it there."""
    for kind in {type(sample) for sample in samples}:
        for name in NEEDED.get(kind, ()):
            importlib.import_module(name)
    for name in COMMON:
        importlib.import_module(name)
    list_families()


def serve(samples: list[Sample], options: Options, commands: int, results: int) -> None:
    """Runs samples until the commands end.

    Args:
        samples: all of them; commands speak of them by number.
        options: of the run.
        commands: a pipe of lines with numbers.
        results: the pipe for the outcomes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    silence()
    gc.freeze()  # what the parent made is shared as long as nothing touches it
    belt = Belt()
    for index in _numbers(commands):
        outcome = _run(samples[index], options, belt)
        _write(results, encoded(index, samples[index], outcome))


def _run(sample: Sample, options: Options, belt: Belt) -> Outcome:
    """What became of a sample."""
    if isinstance(sample, Case) and sample.reads_files:
        with belt.loosened():
            return run_sample(sample, options)
    return run_sample(sample, options)


def _numbers(commands: int) -> Iterator[int]:
    rest = b""
    while data := os.read(commands, 65_536):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield from map(int, line.split())


def _write(results: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(results, view) :]
