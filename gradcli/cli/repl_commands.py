"""What stands behind a dot at the prompt: the session's own commands, and every command of gradcli."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from gradcli.cli import streams
from gradcli.diagnostics import InputFault, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gradcli.cli.asking import Asked
    from gradcli.explorer.repl.session import Session
    from gradcli.views.console import Console

__all__ = ["COMMAND", "Commands"]

COMMAND = re.compile(r"\s*\.([a-z]\w*)(?:\s+(.*))?", re.DOTALL)
# Where the options of a command begin; what stands before them is one expression, spaces and all.
OPTIONS = re.compile(r"\s+(?=--[a-z]|-[vc]\s*[\"']?\w+\s*=(?!=)|-o\s)")
NAMING = re.compile(r"(?:^|\s)(?:-[vc]|--var|--const|--over)[\s=]+[\"']?(\w+)\s*=")
REFUSED = frozenset(("repl", "completion"))
LINES = {
    "help": ("[COMMAND]", "this, or the options of a command"),
    "vars": ("", "the names with their values and gradients"),
    "save": ("FILE.py", "write the session as a script"),
    "load": ("FILE.py", "run a script and take over what it makes"),
    "quit": ("", "leave, as Ctrl-D does"),
}
HELP = """\
An expression shows its value, an assignment nothing; y.backward() fills x.grad.
A name that nothing binds becomes a leaf, as in `gradcli eval`; x = tensor([1., 2.], requires_grad=True)
makes one. An open bracket or a colon asks for more lines, an empty line ends a block.
Ctrl-C cancels the line or the computation, Ctrl-D leaves.
"""
TAKEN = "Of an expression with your names, else of the last value; options as on the command line:"


class Commands:
    """Runs what is typed in a session.

    Attributes:
        left: whether the user has left.
    """

    def __init__(
        self, session: Session, asked: Asked, digits: int, *, full: bool = False, json: bool = False
    ) -> None:
        self.left = False
        self._session = session
        self._asked = asked
        self._digits = digits
        self._full = full
        self._json = json
        self._own: dict[str, Callable[[str], None]] = {
            "help": self._help,
            "vars": self._vars,
            "save": self._save,
            "load": self._load,
            "quit": self._quit,
        }

    def names(self) -> list[str]:
        """Returns the commands, without the dot."""
        return [*self._own, *_others()]

    def complete(self, text: str) -> tuple[int, list[str]]:
        """Returns how many characters before the cursor are being typed, and what they may become."""
        from gradcli.explorer.completion import complete_expression, complete_operation

        begun = re.fullmatch(r"\.(\w*)", text)
        if begun:
            return len(begun[1]), [name for name in self.names() if name.startswith(begun[1])]
        asked = re.fullmatch(r"\.ops\s+(\w*)", text)
        if asked:
            return len(asked[1]), complete_operation(asked[1])
        return complete_expression(re.sub(r"^\.\w+\s", "", text), self._session.values)

    def run(self, text: str) -> None:
        """Runs an input: a program, or a command behind a dot.

        Raises:
            GradcliError: it cannot be run; the session goes on.
        """
        found = COMMAND.fullmatch(text)
        if found is None:
            if text.strip():
                self._program(text)
            return
        name, rest = found[1], (found[2] or "").strip()
        if name in self._own:
            self._own[name](rest)
        elif name in _others():
            self._command(name, rest)
        else:
            raise InputFault(
                "E551",
                f"there is no command `.{name}`",
                label=did_you_mean(name, self.names()),
                help="`.help` lists them",
            )

    def _program(self, text: str) -> None:
        with self._asked.deadline():
            shown = self._session.run(text)
        if self._json:
            from gradcli.views.session_json import value_json  # texts do without

            line = value_json(shown)
        else:
            from gradcli.views.session import value_text  # JSON does without

            line = value_text(shown, streams.columns_of(sys.stdout), self._digits, full=self._full)
        if line:
            streams.write(line)

    def _command(self, name: str, rest: str) -> None:
        """Runs a command of gradcli on an expression with the session's names."""
        from gradcli.cli.app import COMMANDS, run

        expression, arguments = _parted(rest)
        if self._json and "--json" not in arguments and "--format" not in arguments:
            arguments.append("--json")
            rest += " --json"
        if not COMMANDS[name][1] or "--help" in arguments:
            run([name, *_words(rest)])
            return
        handed = self._session.handed(expression or self._last(name))
        for note in handed.notes:
            sys.stderr.write(f"{note}\n")
        named = set(NAMING.findall(f" {rest}"))
        given = self._options(max(map(len, (*handed.variables, *handed.constants, handed.expression))))
        for option, texts in (("-v", handed.variables), ("-c", handed.constants)):
            for text in texts:
                if text.partition("=")[0] not in named:
                    given += [option, text]
        run([name, *given, *arguments, "--", handed.expression])

    def _options(self, longest: int) -> list[str]:
        """The options of the session that hold for its commands; texts of its own length may pass."""
        request = self._session.request
        limits = request.limits._replace(text=max(request.limits.text, longest))
        options = {"seed": request.seed, "dtype": request.dtype, "default": request.default}
        options |= {f"max-{name.replace('_', '-')}": value for name, value in limits._asdict().items()}
        options |= {"max-elements": request.max_elements, "max-bytes": request.max_bytes}
        return [f"--{name}={value}" for name, value in options.items()] + [
            f"--max-seconds={self._asked.seconds}"
        ]

    def _last(self, name: str) -> str:
        if not self._session.last:
            raise InputFault("E500", "there is no value yet", help=f".{name} mean(x**2)")
        return self._session.last

    def _help(self, rest: str) -> None:
        if rest.removeprefix(".") in _others():
            self._command(rest.removeprefix("."), "--help")
            return
        streams.write(HELP)
        width = max(len(f"{name} {takes}") for name, (takes, _) in LINES.items())
        for name, (takes, what) in LINES.items():
            streams.write(f".{f'{name} {takes}':<{width}}  {what}")
        streams.write(f"\n{TAKEN}\n{', '.join(f'.{name}' for name in _others())}")

    def _vars(self, rest: str) -> None:
        del rest
        if self._json:
            from gradcli.views.session_json import variables_json  # the table does without

            streams.write(variables_json(self._session.variables()))
            return
        from gradcli.views.session import variables_table

        def draw(console: Console, ascii_only: bool) -> None:
            variables_table(self._session.variables(), console, digits=self._digits, ascii_only=ascii_only)

        streams.print_tables(draw)

    def _save(self, rest: str) -> None:
        from gradcli.cli.saving import checked_path, write_text
        from gradcli.explorer.repl.script import script_text

        path = checked_path(_file(rest, "save"), ".py")
        write_text(path, script_text(self._session))

    def _load(self, rest: str) -> None:
        from gradcli.explorer.files import read_source
        from gradcli.explorer.repl.script import load_script

        source = read_source(f"@{_file(rest, 'load')}", self._session.request.limits.text)
        with self._asked.deadline():
            loaded = load_script(self._session, source)
        sys.stdout.flush()
        if loaded.left:
            sys.stderr.write(f"not taken over, as only scripts have such values: {', '.join(loaded.left)}\n")

    def _quit(self, rest: str) -> None:
        del rest
        self.left = True


def _others() -> Iterable[str]:
    from gradcli.cli.app import COMMANDS  # it has loaded this module

    return [name for name in COMMANDS if name not in REFUSED]


def _parted(rest: str) -> tuple[str, list[str]]:
    """The expression before the options, and the options."""
    found = OPTIONS.search(f" {rest}")
    if found is None:
        return _unquoted(rest), []
    return _unquoted(f" {rest}"[: found.start()].strip()), _words(f" {rest}"[found.end() :])


def _words(text: str) -> list[str]:
    import shlex

    try:
        return shlex.split(text)
    except ValueError as error:
        raise InputFault("E500", f"the options cannot be read: {error}", help="close the quotes") from None


def _unquoted(text: str) -> str:
    """An expression that stands in quotes, as a shell wants it, without them."""
    whole = re.fullmatch(r"(['\"])([^'\"]*)\1", text)
    return whole[2] if whole else text


def _file(rest: str, name: str) -> str:
    if not rest:
        raise InputFault("E500", f".{name} needs a file", help=f".{name} session.py")
    return _unquoted(rest)
