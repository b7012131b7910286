"""One script: run, and what it printed compared with the sidecar that holds what it must print."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from gradcli.autograd import context
from gradcli.diagnostics import (
    Diagnostic,
    GradcliError,
    InputFault,
    Label,
    LimitFault,
    Source,
    Span,
    SyntaxFault,
)
from gradcli.explorer.deadline import deadline
from gradcli.explorer.running.comparing import Difference, Tolerance, first_difference

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.running.samples import Options, Script

__all__ = ["LONGEST_OUTPUT", "Printed", "play"]

LONGEST_OUTPUT = 32 * 2**20  # characters that are kept of what a script prints


class Printed(NamedTuple):
    """What became of a script.

    Attributes:
        status: as of an outcome.
        output: what it printed.
        fault: why it did not pass; None if it did.
    """

    status: str
    output: str
    fault: Diagnostic | None = None


def play(
    script: Script,
    options: Options,
    report: Callable[[Diagnostic], None],
    show: Callable[[str], None] | None = None,
    *,
    keep: bool = True,
) -> Printed:
    """Returns what a script printed and whether that is what it must print.

    Args:
        script: what is run.
        options: seed, tolerances and limits.
        report: is told warnings and notes.
        show: is given each text as it is printed.
        keep: whether the output is wanted afterwards too; then a script must not print more than can be kept.
    """
    from gradcli.explorer.scripts.run import run_script  # case files do without

    recorder = _Recorder(show, keep=keep or script.expected is not None)
    try:
        with deadline(options.timeout, "--timeout"):
            run_script(
                script.source,
                recorder.write,
                seed=options.seed,
                limits=options.limits,
                report=report,
                max_elements=options.max_elements,
                max_bytes=options.max_bytes,
            )
    except GradcliError as error:
        status = "error" if isinstance(error, (SyntaxFault, InputFault)) else "failed"
        return Printed(status, recorder.text(), error.diagnostic)
    text = recorder.text()
    if script.expected is None:
        return Printed("passed", text)
    tolerance = Tolerance(options.rtol, options.atol)
    found = first_difference(script.expected.text, text, tolerance)
    if found is None:
        return Printed("passed", text)
    return Printed("failed", text, _differs(script, script.expected, text, found, recorder))


class _Recorder:
    """Takes what a script prints, and remembers which line of the script printed it."""

    def __init__(self, show: Callable[[str], None] | None, *, keep: bool) -> None:
        self._show = show
        self._keep = keep
        self._texts: list[str] = []
        self._ends: list[int] = []  # characters printed after each text
        self._spans: list[Span | None] = []
        self._length = 0

    def write(self, text: str) -> None:
        """Takes a text.

        Raises:
            LimitFault: there would be more than is kept.
        """
        if self._show is not None:
            self._show(text)
        if not self._keep:
            return
        self._length += len(text)
        if self._length > LONGEST_OUTPUT:
            raise LimitFault(
                "E616",
                f"the script printed more than {LONGEST_OUTPUT} characters",
                help="print less in its loops; a script run alone and without a sidecar may print on",
            )
        self._texts.append(text)
        self._ends.append(self._length)
        self._spans.append(context.span)

    def text(self) -> str:
        """Returns everything that was printed and kept."""
        return "".join(self._texts)

    def printer(self, offset: int) -> Span | None:
        """Returns the place in the script that printed a character."""
        number = bisect_right(self._ends, offset)
        return self._spans[number] if number < len(self._spans) else None


def _differs(
    script: Script, expected: Source, printed: str, found: Difference, recorder: _Recorder
) -> Diagnostic:
    """What to say of a difference: both lines, and the line of the script."""
    output = Source(f"{script.path} printed", printed)
    starts = _offset(expected.text, found.line), _offset(printed, found.line)
    wanted, given = (
        None if columns is None else Span(source, start + columns[0], start + columns[1])
        for source, start, columns in zip((expected, output), starts, found[1:], strict=True)
    )
    number = found.line + 1
    printer = None if given is None else recorder.printer(given.start)
    related = [] if printer is None else [Label(printer, "printed here")]
    help_ = "if the new output is right, --accept writes it into the sidecar"
    if wanted is None:
        message = f"the output goes on after line {found.line}, where `{expected.name}` ends"
        return Diagnostic("E540", message, given, "not expected", related=tuple(related), help=help_)
    if given is None:
        message = f"the output ends before line {number} of `{expected.name}`"
        return Diagnostic("E540", message, wanted, "expected", help=help_)
    message = f"the output differs from `{expected.name}` in line {number}"
    related.insert(0, Label(given, "printed"))
    return Diagnostic("E540", message, wanted, "expected", related=tuple(related), help=help_)


def _offset(text: str, line: int) -> int:
    """Where a line begins, counted from 0."""
    offset = 0
    for _ in range(line):
        offset = text.find("\n", offset) + 1
        if not offset:
            return len(text)
    return offset
