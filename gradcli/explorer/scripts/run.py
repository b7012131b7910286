"""`run`: a whole script, in a session of its own."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcli.autograd import context, session
from gradcli.autograd.budget import Budget
from gradcli.diagnostics import Diagnostic, GradcliError
from gradcli.explorer.scripts import tags, why
from gradcli.explorer.scripts.calls import explained
from gradcli.explorer.scripts.host import ScriptHost
from gradcli.language import Limits, compile_program
from gradcli.language.program import parse
from gradcli.ops.dtypes import FLOAT32

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.diagnostics import Source
    from gradcli.explorer.why.habits import Habits
    from gradcli.language.host import Host

__all__ = ["run_script"]

DEFAULT = Limits()
MORE = 2 * 2**30  # bytes beside those of big tensors: texts, lists, graphs


def _silent(_: object) -> None:
    """Nobody listens."""


def run_script(  # noqa: PLR0913 - each may be an option of the command
    source: Source,
    write: Callable[[str], Any],
    *,
    seed: int | None = None,
    limits: Limits = DEFAULT,
    report: Callable[[Diagnostic], None] = _silent,
    max_elements: int | None = None,
    max_bytes: int | None = None,
) -> None:
    """Runs a script from its first line to its last.

    Args:
        source: its text, under the name that errors show.
        write: is given what the script prints, at once.
        seed: of the random numbers until the script calls manual_seed; 0 if not given.
        limits: what the script may ask for.
        report: is given warnings and notes.
        max_elements: of one tensor.
        max_bytes: of all tensors together.

    Raises:
        GradcliError: where the script fails, with the place and a way out.
    """
    program = parse(source, limits)

    def run(
        write: Callable[[str], Any],
        report: Callable[[Diagnostic], None],
        over: Callable[[Host], Host] | None = None,
    ) -> Habits:
        budget = Budget()
        budget.max_elements = budget.max_elements if max_elements is None else max_elements
        budget.max_bytes = budget.max_bytes if max_bytes is None else max_bytes
        with (
            session(default_dtype=FLOAT32, budget=budget, seed=seed or 0),
            _told(report),
            _room(budget.max_bytes),
        ):
            habits = why.watch()
            host = ScriptHost(write, plans=over is None)
            executable = compile_program(program, host if over is None else over(host))
            host.attend(executable)
            try:
                executable.run(executable.scope({"__name__": "__main__"}))
            except (GradcliError, OSError):  # the latter of who reads what is printed
                raise
            except Exception as error:  # noqa: BLE001 - no traceback ever
                raise explained("the script", error) from None
            finally:
                tags.clear()
            return habits

    def again(over: Callable[[Host], Host]) -> None:
        """Runs it once more, silently, on a host laid over the script's own."""
        run(_silent, _silent, over)

    try:
        habits = run(write, report)
    except GradcliError as error:
        why.explain(error, again)
        raise
    for note in why.notes(habits, again):
        report(note)


class _room:  # noqa: N801 - reads as the `with` it stands in
    """Lets the process grow by what tensors may take and some more: small ones and lists are not counted."""

    def __init__(self, size: int) -> None:
        self._size = size + MORE
        self._before: tuple[int, int] | None = None

    def __enter__(self) -> None:
        try:
            import resource  # where there is none, or the system does not tell its sizes, there is no limit

            sizes = Path("/proc/self/statm").read_text(encoding="ascii")
            now = int(sizes.split()[0]) * resource.getpagesize()
            before = resource.getrlimit(resource.RLIMIT_AS)
            most = [now + self._size, *(one for one in before if one != resource.RLIM_INFINITY)]
            resource.setrlimit(resource.RLIMIT_AS, (min(most), before[1]))
            self._before = before
        except (ImportError, OSError, ValueError):
            return

    def __exit__(self, *error: object) -> None:
        if self._before is not None:
            import resource  # as above

            resource.setrlimit(resource.RLIMIT_AS, self._before)


class _told:  # noqa: N801 - reads as the `with` it stands in
    """Hands Python's warnings, which are how PyTorch's are given, to `report`, each text once."""

    def __init__(self, report: Callable[[Diagnostic], None]) -> None:
        self._report = report
        self._said: set[str] = set()
        self._catcher = warnings.catch_warnings()

    def __enter__(self) -> None:
        self._catcher.__enter__()
        warnings.simplefilter("always")
        warnings.showwarning = self._show

    def __exit__(self, *error: object) -> None:
        self._catcher.__exit__(*error)  # type: ignore[arg-type] # the three of every __exit__

    def _show(self, message: Warning | str, *_: Any, **__: Any) -> None:
        text = str(message)
        if text not in self._said:
            self._said.add(text)
            self._report(Diagnostic("W401", text, span=context.span, severity="warning"))
