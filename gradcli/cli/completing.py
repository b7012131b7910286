"""What the word that somebody types in a shell may become."""

from __future__ import annotations

import shlex
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["completions", "words_of"]

NAMED = ("--wrt", "--retain-grad", "--witness")  # options whose value is names with commas between
BINDING = ("-v", "-c", "--var", "--const", "--over")
EXPRESSIONS = ("EXPR", "VALUE", "T")  # metavars of options whose value is an expression


def words_of(line: str) -> tuple[list[str], str]:
    """Returns the words of a line up to the cursor, without their quotes, and the quote that is open.

    The last word may be empty.
    """
    for end in ("", '"', "'"):
        try:
            *words, last = shlex.split(f"{line}x{end}")  # the x begins a word where a space stands last
        except ValueError:
            continue
        return [*words, last[:-1]], end
    return [""], ""


def completions(words: list[str]) -> Iterable[str]:
    """Returns what the last word may become, after the words before it; nothing where a file may stand."""
    from gradcli.cli.app import COMMANDS  # it has loaded this module
    from gradcli.explorer.completion_paths import complete_path  # only those who press the key need it

    *before, typed = words
    if not before:
        return _beginning(typed, (*COMMANDS, "--help", "--version"))
    command = before[0]
    if command not in COMMANDS:
        return []
    options = _options(command)
    if _takes_value(options.get(before[-1])):
        return _values(before[-1], options, before, typed)
    option, equals, value = typed.partition("=")
    if equals and _takes_value(options.get(option)):
        files = complete_path(value) if (options[option].metavar or "").startswith("FILE") else []
        return [f"{option}={found}" for found in files or _values(option, options, before, value)]
    if typed.startswith("--") or typed == "-":
        return _beginning(typed, options)
    return _arguments(command, before, typed)


def _beginning(typed: str, known: Iterable[str]) -> list[str]:
    return [name for name in known if name.startswith(typed)]


def _takes_value(parameter: Any) -> bool:
    return parameter is not None and not getattr(parameter, "is_flag", False)


def _values(option: str, options: dict[str, Any], before: list[str], typed: str) -> list[str]:
    """What the value of an option may become; nothing for a file or a number."""
    from gradcli.explorer.completion_paths import complete_function  # as above

    parameter = options[option]
    choices = getattr(parameter.type, "choices", None)
    if choices is not None:
        return _beginning(typed, choices)
    if option in NAMED:
        return _names(option, before, typed)
    if parameter.metavar == "FILE.py:NAME":
        return complete_function(typed)
    metavar = parameter.metavar or ""
    name, equals, value = typed.partition("=")
    if metavar.startswith("NAME="):
        if not equals:
            return (
                _beginning(typed, (f"{known}=" for known in _bound(before))) if option not in BINDING else []
            )
        found = complete_function(value) if option == "--against" else []
        return [f"{name}={one}" for one in found or _expression(before, value)]
    return _expression(before, typed) if metavar in EXPRESSIONS else []


def _names(option: str, before: list[str], typed: str) -> list[str]:
    """What the last of some names may become."""
    from gradcli.explorer.check_request import WITNESSES  # as above

    known = WITNESSES if option == "--witness" else _bound(before)
    head, comma, beginning = typed.rpartition(",")
    return [head + comma + name for name in known if name.startswith(beginning)]


def _arguments(command: str, before: list[str], typed: str) -> list[str]:
    """What an argument may become: an operation, a shell, an expression whose last name goes on."""
    from gradcli.cli.app import COMMANDS  # as above
    from gradcli.explorer.completion import complete_operation
    from gradcli.explorer.completion_paths import complete_function, complete_path

    if command == "ops":
        return complete_operation(typed)
    if command == "completion":
        from gradcli.cli.completion import Shell  # it asks this module

        return _beginning(typed, [shell.value for shell in Shell])
    if not COMMANDS[command][1]:
        return []
    if command != "check":
        return _expression(before, typed)
    if ".py:" in typed:
        return complete_function(typed)
    files = complete_path(typed, ".py") if typed else []
    return [*files, *_expression(before, typed)]


def _expression(before: list[str], typed: str) -> list[str]:
    """What an expression may become whose last name is being typed, or a file that holds one."""
    from gradcli.explorer.completion import complete_expression  # as above
    from gradcli.explorer.completion_paths import complete_path

    if typed.startswith("@"):
        return [f"@{path}" for path in complete_path(typed[1:])]
    count, found = complete_expression(typed, dict.fromkeys(_bound(before)))
    head = typed[: len(typed) - count]
    return [head + name for name in found] if count or typed.endswith(".") else []


def _options(command: str) -> dict[str, Any]:
    """The options of a command, each with its parameter."""
    import typer  # as above

    from gradcli.cli.app import command_line

    group = typer.main.get_command(command_line([command]))
    found = group.commands[command] if hasattr(group, "commands") else group
    parameters: list[Any] = [one for one in found.params if not getattr(one, "hidden", False)]
    names = {name: one for one in parameters for name in (*one.opts, *one.secondary_opts)}
    return {name: one for name, one in names.items() if name.startswith("-")} | {"--help": None}


def _bound(words: list[str]) -> list[str]:
    """The names that -v and -c bind, each once."""
    texts = [word for option, word in pairwise(words) if option in BINDING]
    return list(dict.fromkeys(text.partition("=")[0].strip("\"' ") for text in texts))
