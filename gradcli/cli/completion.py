"""`gradcli completion`: scripts that let a shell complete commands, options, operations and names."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from gradcli.cli.declaring import Argument, Option

__all__ = ["Shell", "completion"]

# Each asks `gradcli completion --for` with the words so far, the last of them unfinished,
# and gets a line for each word that it may become. Expressions go on, so no space is put behind them.
# Bash takes `--dtype=fl` and `a:b` apart: it tells the line, and replaces the end of the word that it passes.
BASH = """\
_gradcli() {
    mapfile -t COMPREPLY < <(gradcli completion --for --line "$2" -- "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 0 ]] && compopt -o default 2>/dev/null
    [[ ${COMPREPLY[0]} == --* || $COMP_CWORD -eq 1 ]] || compopt -o nospace 2>/dev/null
}
complete -F _gradcli gradcli
"""
# zsh keeps the open quote of a word out of its PREFIX.
ZSH = """\
#compdef gradcli
_gradcli() {
    local -a found
    local typed=${(Q)PREFIX}
    found=("${(@f)$(gradcli completion --for -- "${(@Q)words[2,CURRENT-1]}" "$typed" 2>/dev/null)}")
    found=(${found:#})
    (( $#found )) || { _files; return }
    if [[ $found[1] == --* || CURRENT -eq 2 ]]; then compadd -U -- $found; else compadd -U -S '' -- $found; fi
}
if [[ $funcstack[1] == _gradcli ]]; then _gradcli; else compdef _gradcli gradcli; fi
"""
# fish adds files to whatever is found, unless it is told not to; and it keeps the open quote of a word.
FISH = """\
function __gradcli_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct | string replace -r '^["\\']' '')
    set -l found (gradcli completion --for -- $words[2..-1] "$typed" 2>/dev/null)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path "$typed"
    end
end
complete -c gradcli -f -a '(__gradcli_complete)'
"""


class Shell(StrEnum):
    """The shells that are known."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


SPECIAL = re.compile(r"[^\w@%+=:,./~-]")  # what a word in bash needs a backslash for
SCRIPTS = {Shell.bash: BASH, Shell.zsh: ZSH, Shell.fish: FISH}
For = Annotated[bool, Option("--for", hidden=True, help="Print what the last of the words may become.")]
Line = Annotated[
    str | None,
    Option("--line", hidden=True, help="The words are one line; print what this end of it may become."),
]


def completion(
    words: Annotated[
        list[str] | None, Argument(metavar="bash|zsh|fish", help="The shell to print a script for.")
    ] = None,
    *,
    asked: For = False,
    line: Line = None,
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
        for word in _found(words or [""], line):
            streams.write(word)
        return
    shells = [shell.value for shell in Shell]
    if words is None or len(words) != 1 or words[0] not in shells:
        raise InputFault("E500", f"name a shell: {', '.join(shells)}", help="gradcli completion bash")
    streams.write(SCRIPTS[Shell(words[0])].rstrip("\n"))


def _found(words: list[str], end: str | None) -> list[str]:
    """What the last word may become; of a line, what its end may become that the shell replaces."""
    from gradcli.cli.completing import completions, words_of  # only those who press the key need it

    if end is None:
        return list(completions(words))
    (_, *words), quote = words_of(words[0])
    kept = len(words[-1]) - len(end) if words and words[-1].endswith(end) else 0
    found = [word[kept:] for word in completions(words or [""])]
    return found if quote else [SPECIAL.sub(r"\\\g<0>", word) for word in found]
