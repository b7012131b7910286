"""Lines from a person: by prompt-toolkit, an extra, or by Python's own input()."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcli.cli.extras import is_installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.cli.repl_commands import Commands

__all__ = ["line_reader"]

PROMPT, MORE = ">>> ", "... "


def line_reader(commands: Commands, *, history: bool) -> Callable[[bool], str]:
    """Returns what reads a line; it is told whether the line goes on with one before, and raises EOFError."""
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if terminal and os.environ.get("TERM") != "dumb" and is_installed("prompt_toolkit"):
        return _toolkit(commands, history=history)
    return _plain


def _plain(more: bool) -> str:
    """A line by input(), which edits lines where readline is; no prompt where nobody looks on."""
    if not sys.stdin.isatty():
        return input()
    with suppress(ImportError):
        import readline  # noqa: F401 - that it is loaded is enough; not on every system
    return input(MORE if more else PROMPT)


def _toolkit(commands: Commands, *, history: bool) -> Callable[[bool], str]:
    """A prompt with history, completion and colours."""
    from prompt_toolkit import PromptSession  # an extra, as below
    from prompt_toolkit.completion import Completer, Completion
    from prompt_toolkit.history import FileHistory, InMemoryHistory
    from prompt_toolkit.lexers import PygmentsLexer
    from pygments.lexers.python import PythonLexer

    class Names(Completer):  # type: ignore[misc] # of an extra that the type checker is not shown
        """Names, attributes and commands."""

        def get_completions(self, document: Any, complete_event: Any) -> Iterator[Completion]:
            del complete_event
            typed, found = commands.complete(document.text_before_cursor)
            for name in found:
                yield Completion(name, start_position=-typed)

    kept = _history_file() if history else None
    prompt: PromptSession[str] = PromptSession(
        history=InMemoryHistory() if kept is None else FileHistory(str(kept)),
        completer=Names(),
        complete_while_typing=False,
        lexer=PygmentsLexer(PythonLexer),
        enable_history_search=True,
        color_depth=None if not os.environ.get("NO_COLOR") else _no_colours(),
    )
    return lambda more: prompt.prompt(MORE if more else PROMPT)


def _no_colours() -> Any:
    from prompt_toolkit.output import ColorDepth

    return ColorDepth.DEPTH_1_BIT


def _history_file() -> Path | None:
    """Where lines are kept from one session to the next; None where that cannot be."""
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    try:
        path = Path(state).expanduser() / "gradcli" / "history"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except (OSError, RuntimeError):
        return None
    return path
