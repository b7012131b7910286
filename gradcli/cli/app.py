"""The command line: the commands, and what becomes of whatever goes wrong."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer

from gradcli import __version__
from gradcli.cli.exits import Exit
from gradcli.cli.expressions import ExpressionCommand
from gradcli.cli.helping import HelpfulCommand
from gradcli.cli.streams import open_closed_streams, report_diagnostic, speak_unicode
from gradcli.diagnostics import Diagnostic, GradcliError

__all__ = ["answer", "command_line", "main", "run"]

# The commands, in the order of the help: the function, in the module of the command's name, and the class of
# those that take expressions. A command's options take 3 ms to make, so only those asked for are made.
COMMANDS: dict[str, tuple[str, type[HelpfulCommand]]] = {
    "eval": ("evaluate", ExpressionCommand),
    "check": ("check", ExpressionCommand),
    "run": ("run_samples", HelpfulCommand),
    "jacobian": ("jacobian", ExpressionCommand),
    "hessian": ("hessian", ExpressionCommand),
    "jvp": ("jvp", ExpressionCommand),
    "hvp": ("hvp", ExpressionCommand),
    "graph": ("graph", ExpressionCommand),
    "explain": ("explain", ExpressionCommand),
    "diff": ("diff", ExpressionCommand),
    "minimize": ("minimize", ExpressionCommand),
    "plot": ("plot", ExpressionCommand),
    "ops": ("operations", HelpfulCommand),
    "repl": ("repl", ExpressionCommand),
    "completion": ("completion", HelpfulCommand),
}


def command_line(args: list[str]) -> typer.Typer:
    """Returns the command that the arguments name, under its group; all commands where they name none."""
    # rich's help costs 60 ms and reads markup out of brackets; plain help has neither.
    app = typer.Typer(name="gradcli", add_completion=False, rich_markup_mode=None, no_args_is_help=True)
    app.callback()(root)
    asked = next((arg for arg in args if not arg.startswith("-")), "")
    for name in [asked] if asked in COMMANDS else COMMANDS:
        function, kind = COMMANDS[name]
        module = import_module(f"gradcli.cli.{name}")
        app.command(name, cls=kind)(vars(module)[function])
    return app


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"gradcli {__version__}")
        raise typer.Exit


def root(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
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
        # standalone_mode is off so that every error comes here; click then returns an exit's code.
        command = typer.main.get_command(command_line(args))
        result = command.main(args, prog_name="gradcli", standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - the outermost place: nothing may end in a traceback
        return answer(error)
    return result if isinstance(result, int) else Exit.FINE


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
