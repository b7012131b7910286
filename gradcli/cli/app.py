"""The command line: the commands, and what becomes of whatever goes wrong."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from gradcli import __version__
from gradcli.cli.declaring import Option, for_typer
from gradcli.cli.exits import Exit
from gradcli.cli.plain import plain_values
from gradcli.cli.streams import open_closed_streams, report_diagnostic, speak_unicode
from gradcli.diagnostics import Diagnostic, GradcliError

if TYPE_CHECKING:
    from collections.abc import Callable

    import typer

__all__ = ["answer", "command_line", "main", "run"]

# The commands, in the order of the help: the function, in the module of the command's name, and whether it
# takes expressions. A command's options take 3 ms to make, so only those asked for are made.
COMMANDS: dict[str, tuple[str, bool]] = {
    "eval": ("evaluate", True),
    "check": ("check", True),
    "run": ("run_samples", False),
    "jacobian": ("jacobian", True),
    "hessian": ("hessian", True),
    "jvp": ("jvp", True),
    "hvp": ("hvp", True),
    "graph": ("graph", True),
    "explain": ("explain", True),
    "diff": ("diff", True),
    "minimize": ("minimize", True),
    "plot": ("plot", True),
    "ops": ("operations", False),
    "repl": ("repl", True),
    "completion": ("completion", False),
}


def command_function(name: str) -> Callable[..., Any]:
    """Returns what a command does."""
    function: Callable[..., Any] = vars(import_module(f"gradcli.cli.{name}"))[COMMANDS[name][0]]
    return function


def command_line(args: list[str]) -> typer.Typer:
    """Returns the command that the arguments name, under its group; all commands where they name none."""
    import typer  # plain command lines do without

    from gradcli.cli.expressions import ExpressionCommand
    from gradcli.cli.helping import HelpfulCommand

    # rich's help costs 60 ms and reads markup out of brackets; plain help has neither.
    app = typer.Typer(name="gradcli", add_completion=False, rich_markup_mode=None, no_args_is_help=True)
    app.callback()(for_typer(root))
    asked = next((arg for arg in args if not arg.startswith("-")), "")
    for name in [asked] if asked in COMMANDS else COMMANDS:
        kind = ExpressionCommand if COMMANDS[name][1] else HelpfulCommand
        app.command(name, cls=kind)(for_typer(command_function(name)))
    return app


def _show_version(asked: bool) -> None:
    if asked:
        import typer  # it is typer that asks

        typer.echo(f"gradcli {__version__}")
        raise typer.Exit


def root(
    *,
    version: Annotated[
        bool,
        Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """A gradient explorer: expressions in, gradients out, with PyTorch's semantics."""


def main() -> NoReturn:
    """Runs the command line and ends the process with its exit code."""
    open_closed_streams()
    speak_unicode()
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, _terminated)
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError as error:  # the reader is gone, or the disk is full
        _silence()
        code = answer(error)
    # Taking the interpreter apart costs 20 ms, and gives back nothing that the system does not.
    os._exit(code)


def run(args: list[str]) -> int:
    """Returns the exit code of a command line; results and messages are written, nothing is raised."""
    try:
        result = _result(args)
    except BaseException as error:  # noqa: BLE001 - the outermost place: nothing may end in a traceback
        return answer(error)
    return result if isinstance(result, int) else Exit.FINE


def _result(args: list[str]) -> Any:
    """What the command returns that the arguments name, or typer in its place."""
    if args and args[0] in COMMANDS:
        command = command_function(args[0])
        values = plain_values(command, args[1:])
        if values is not None:
            return command(**values)
    import typer  # plain command lines do without

    # standalone_mode is off so that every error comes to `run`; click then returns an exit's code.
    return typer.main.get_command(command_line(args)).main(args, prog_name="gradcli", standalone_mode=False)


def answer(error: BaseException) -> int:
    """Returns the exit code of an error, after telling the user what went wrong."""
    code: int = Exit.BAD_INPUT
    if isinstance(error, GradcliError):
        report_diagnostic(error.diagnostic)
    elif isinstance(error, BrokenPipeError):  # the reader has seen enough
        _silence()
        code = Exit.FINE
    elif isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else code
    elif isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        sys.stderr.write("interrupted\n")
        code = Exit.INTERRUPTED
    elif hasattr(error, "exit_code") and hasattr(error, "format_message"):
        _report_usage(error)
    elif isinstance(error, MemoryError):
        report_diagnostic(Diagnostic("E602", "there is not enough memory", help="use smaller tensors"))
    elif isinstance(error, OSError):
        report_diagnostic(
            Diagnostic("E521", f"cannot read or write: {error.strerror or type(error).__name__}")
        )
    elif os.environ.get("GRADCLI_DEBUG"):
        raise error
    else:
        _report_internal(error)
    return code


def _report_internal(error: BaseException) -> None:
    report_diagnostic(
        Diagnostic(
            "E999",
            f"internal error: {type(error).__name__}",
            notes=("this is a fault of gradcli, not of what you wrote",),
            help="GRADCLI_DEBUG=1 shows where it happened",
        )
    )


def _report_usage(error: Any) -> None:
    """Shows click's complaint about the command line."""
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{message}\n")
        return
    command = "gradcli" if getattr(error, "ctx", None) is None else error.ctx.command_path
    report_diagnostic(Diagnostic("E500", message.rstrip("."), help=f"`{command} --help` lists the options"))


def _terminated(*_: Any) -> NoReturn:
    raise SystemExit(Exit.TERMINATED)


def _silence() -> None:
    """Points standard output at nothing, so that what is still buffered does not fail at exit."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - it lives as long as the process
