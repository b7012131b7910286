"""`gradcli repl`: a prompt."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from gradcli.cli import options  # noqa: TC001 - the annotations are read
from gradcli.cli.asking import Asked, expression_command
from gradcli.cli.declaring import Option
from gradcli.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.cli.repl_commands import Commands

__all__ = ["repl"]

NoHistory = Annotated[bool, Option("--no-history", help="Neither read nor keep the lines of other sessions.")]
BANNER = "gradcli {}: expressions, assignments, .help; Ctrl-D leaves\n"


@expression_command
def repl(
    asked: Asked,
    *,
    precision: options.Precision = 6,
    full: options.Full = False,
    json: options.AsJson = False,
    no_history: NoHistory = False,
) -> int:
    """Try expressions line by line, with names that persist.

    gradcli repl

    gradcli repl -v "x=[1,2,3]"

    Every command is at hand on those names: .graph y, .check y; .help lists them. EXPRs are run first.
    History, completion and colours: pip install "gradcli[repl]".
    """
    from gradcli import __version__  # what only this command needs, as below
    from gradcli.cli.repl_commands import Commands
    from gradcli.cli.repl_lines import line_reader
    from gradcli.cli.streams import report_diagnostic
    from gradcli.explorer.repl.session import Session

    with Session(asked.request, report_diagnostic, sys.stdout.write) as session:
        commands = Commands(session, asked, precision, full=full, json=json)
        read = line_reader(commands, history=not no_history)
        if sys.stdin.isatty():
            sys.stderr.write(BANNER.format(__version__))
        for text in asked.request.expressions:
            _survived(commands, _from_file(text, asked) if text.startswith("@") else text)
        _loop(commands, read)
    return Exit.FINE


def _loop(commands: Commands, read: Callable[[bool], str]) -> None:
    """Reads and runs until Ctrl-D or `.quit`."""
    while not commands.left:
        try:
            text = _whole(read)
        except KeyboardInterrupt:
            sys.stderr.write("\n")  # the line is cancelled
            continue
        except EOFError:
            if sys.stdin.isatty():
                sys.stderr.write("\n")
            return
        _survived(commands, text)


def _whole(read: Callable[[bool], str]) -> str:
    """One input, of as many lines as it needs."""
    from gradcli.cli.repl_commands import COMMAND
    from gradcli.explorer.repl.continuation import needs_more

    text = read(False)
    while not COMMAND.fullmatch(text) and needs_more(text):
        try:
            text += "\n" + read(True)
        except EOFError:  # what there is, is run
            break
    return text.strip("\n")


def _from_file(name: str, asked: Asked) -> str:
    from gradcli.explorer.files import read_source  # most sessions begin without a file

    return read_source(name, asked.request.limits.text).text


def _survived(commands: Commands, text: str) -> None:
    """Runs an input; whatever goes wrong is told, and the session goes on."""
    from gradcli.cli.app import answer  # it has loaded this module

    try:
        commands.run(text)
    except OSError:
        raise  # the reader is gone
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - nothing that is typed ends the session
        answer(error)
    sys.stdout.flush()
