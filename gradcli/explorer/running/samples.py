"""What can be run: scripts, cases, and files that turned out to be neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradcli.explorer.request import EvalRequest, Limits

if TYPE_CHECKING:
    from gradcli.diagnostics import Diagnostic, Source

__all__ = ["Case", "Expected", "Options", "Sample", "Script", "Unreadable", "title"]


class Options(NamedTuple):
    """What holds for all samples of a run.

    Attributes:
        check: whether the gradients of every case are cross-checked.
        seed: of random numbers, where a case does not say its own; None is the default of each.
        rtol: relative tolerance; None leaves it to the sample, or to the digits printed.
        atol: absolute tolerance, likewise.
        timeout: seconds for one sample; 0 is no limit.
        limits: of the language.
        max_elements: of one tensor.
        max_bytes: of all tensors of a sample together.
    """

    check: bool = False
    seed: int | None = None
    rtol: float | None = None
    atol: float | None = None
    timeout: float = 0.0
    limits: Limits = Limits()
    max_elements: int = EvalRequest._field_defaults["max_elements"]
    max_bytes: int = EvalRequest._field_defaults["max_bytes"]


class Script(NamedTuple):
    """A PyTorch program.

    Attributes:
        path: its file, as the user knows it.
        source: its text.
        sidecar: the file for the output that it must have; empty for one from standard input.
        expected: that output; None where there is no such file.
    """

    path: str
    source: Source
    sidecar: str = ""
    expected: Source | None = None


class Expected(NamedTuple):
    """What a case must give.

    Attributes:
        values: expressions, one per root; empty where no value is expected.
        gradients: names and expressions; `None` for a gradient that must not be there.
        error: a part of the error's text; None where it must succeed.
    """

    values: tuple[str, ...] = ()
    gradients: tuple[tuple[str, str], ...] = ()
    error: str | None = None

    @property
    def anything(self) -> bool:
        """Whether anything is expected at all."""
        return bool(self.values or self.gradients or self.error is not None)


class Case(NamedTuple):
    """One `[[case]]` of a case file.

    Attributes:
        path: the file, as the user knows it.
        name: the case's.
        source: the file's text.
        number: the case's place in the file, from 0.
        request: what `eval` is asked.
        expected: what must come out.
        rtol: relative tolerance; None for the dtype's.
        atol: absolute tolerance, likewise.
        check: whether the gradients are to be cross-checked.
        reads_files: whether a value stands in a file.
    """

    path: str
    name: str
    source: Source
    number: int
    request: EvalRequest
    expected: Expected
    rtol: float | None = None
    atol: float | None = None
    check: bool = False
    reads_files: bool = False


class Unreadable(NamedTuple):
    """A file that cannot be run, and why."""

    path: str
    fault: Diagnostic


Sample = Script | Case | Unreadable


def title(sample: Sample) -> str:
    """Returns the name of a sample in lists: `cases.toml: a name`, or the path of a script."""
    return f"{sample.path}: {sample.name}" if isinstance(sample, Case) else sample.path
