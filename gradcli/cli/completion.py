"""`gradcli completion`: scripts that let a shell complete commands, options, operations and names."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from gradcli.cli.declaring import Argument, Option

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["completion", "completions"]

# Each asks `gradcli completion --for` with the words so far, the last of them unfinished,
# and gets a line for each word that it may become. Expressions go on, so no space is put behind them.
BASH = """\
_gradcli() {
    mapfile -t COMPREPLY < <(gradcli completion --for -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$2" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 0 ]] && compopt -o default 2>/dev/null
    [[ ${COMPREPLY[0]} == -* || $COMP_CWORD -eq 1 ]] || compopt -o nospace 2>/dev/null
}
complete -F _gradcli gradcli
"""
ZSH = """\
#compdef gradcli
_gradcli() {
    local -a found
    local typed=${(Q)words[CURRENT]}
    found=("${(@f)$(gradcli completion --for -- "${(@)words[2,CURRENT-1]}" "$typed" 2>/dev/null)}")
    found=(${found:#})
    (( $#found )) || { _files; return }
    if [[ $found[1] == -* || CURRENT -eq 2 ]]; then compadd -U -- $found; else compadd -U -S '' -- $found; fi
}
if [[ $funcstack[1] == _gradcli ]]; then _gradcli; else compdef _gradcli gradcli; fi
"""
FISH = """\
function __gradcli_complete
    set -l words (commandline -opc)
    gradcli completion --for -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c gradcli -a '(__gradcli_complete)'
"""


class Shell(StrEnum):
    """The shells that are known."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


SCRIPTS = {Shell.bash: BASH, Shell.zsh: ZSH, Shell.fish: FISH}
For = Annotated[bool, Option("--for", hidden=True, help="Print what the last of the words may become.")]


def completion(
    words: Annotated[
        list[str] | None, Argument(metavar="bash|zsh|fish", help="The shell to print a script for.")
    ] = None,
    *,
    asked: For = False,
) -> None:
    """Print the script that makes a shell complete words.

    Commands, options, their choices, operations, and the names in expressions.

    Once, or from the shell's own start-up file:

    gradcli completion bash > ~/.local/share/bash-completion/completions/gradcli

    gradcli completion zsh > "${fpath[1]}/_gradcli"

    gradcli completion fish > ~/.config/fish/completions/gradcli.fish
    """
    from gradcli.cli import streams  # what only this command needs
    from gradcli.diagnostics import InputFault

    if asked:
        for word in completions(words or [""]):
            streams.write(word)
        return
    shells = [shell.value for shell in Shell]
    if words is None or len(words) != 1 or words[0] not in shells:
        raise InputFault("E500", f"name a shell: {', '.join(shells)}", help="gradcli completion bash")
    streams.write(SCRIPTS[Shell(words[0])].rstrip("\n"))


def completions(words: list[str]) -> Iterable[str]:
    """Returns what the last word may become, after the words before it; nothing where a file may stand."""
    from gradcli.cli.app import COMMANDS  # it has loaded this module

    *before, typed = words
    if not before:
        return _beginning(typed, (*COMMANDS, "--help", "--version"))
    command = before[0]
    if command not in COMMANDS:
        return []
    options = _options(command)
    option = before[-2] if before[-1] == "=" else before[-1]  # bash takes --format=svg for three words
    choices = getattr(getattr(options.get(option), "type", None), "choices", None)
    if choices is not None:
        return _beginning(typed, choices)
    if typed.startswith("--") or typed == "-":
        return _beginning(typed, options)
    return _arguments(command, before, typed)


def _beginning(typed: str, known: Iterable[str]) -> list[str]:
    return [name for name in known if name.startswith(typed)]


def _arguments(command: str, before: list[str], typed: str) -> list[str]:
    """What an argument may become: an operation, a shell, an expression whose last name goes on."""
    from gradcli.cli.app import COMMANDS  # as above
    from gradcli.explorer.completion import complete_expression, complete_operation

    if command == "ops":
        return complete_operation(typed)
    if command == "completion":
        return _beginning(typed, [shell.value for shell in Shell])
    if not COMMANDS[command][1] or typed.startswith("@"):
        return []
    count, found = complete_expression(typed, _bound(before))
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


def _bound(words: list[str]) -> dict[str, Any]:
    """The names that -v and -c bind, without their values."""
    texts = [word for option, word in pairwise(words) if option in {"-v", "-c", "--var", "--const", "--over"}]
    return {text.partition("=")[0].strip("\"' "): None for text in texts}
