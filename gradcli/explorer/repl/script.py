"""A session as a script, and a script in a session."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.autograd import Tensor, context, session
from gradcli.diagnostics import GradcliError, Source
from gradcli.explorer import names
from gradcli.explorer.attributes import member
from gradcli.explorer.pythonic import BUILTINS, CONSTANTS
from gradcli.language import PLAIN, Function, compile_program
from gradcli.language.program import parse
from gradcli.ops.dtypes import FLOAT32

if TYPE_CHECKING:
    from gradcli.explorer.repl.session import Session

__all__ = ["Loaded", "load_script", "script_text"]

NON_FINITE = re.compile(r"\b(?:inf|nan)\b")  # as values are written out
HEAD = "# A session of gradcli: `gradcli run` runs it, and so does `.load` at the prompt."
MODULES = {
    "torch": "", "math": "import math", "F": "import torch.nn.functional as F", "nn": "from torch import nn",
    "linalg": "from torch import linalg", "special": "from torch import special",
    "autograd": "from torch import autograd",
}  # fmt: skip


class Loaded(NamedTuple):
    """What came of a script.

    Attributes:
        taken: the names whose values the session has now.
        left: those whose values only a script can have: classes, modules of networks, optimizers.
    """

    taken: tuple[str, ...]
    left: tuple[str, ...]


def script_text(session: Session) -> str:
    """Returns a script that does what was typed."""
    lines = [HEAD, "import torch", *_imports(session)]
    lines += [f"torch.set_default_dtype(torch.{session.request.dtype})", "", *session.given]
    for one in session.inputs:
        lines += [*one.defaults, one.text]
    return "\n".join(lines) + "\n"


def _imports(session: Session) -> list[str]:
    """The lines that import what the inputs use without having bound it."""
    bound = {line.partition(" ")[0] for line in session.given}
    modules: dict[str, None] = {}
    members: dict[str, dict[str, None]] = {}
    for name in NON_FINITE.findall("\n".join(session.given)):
        members.setdefault("math", {})[name] = None
    for one in session.inputs:
        program = parse(Source("<input>", "\n".join([*one.defaults, one.text])), session.request.limits)
        for name in (*program.free_names(), *program.free_functions()):
            if name in bound or name in BUILTINS or name in names.SHARED:
                continue
            if name in MODULES:
                modules[MODULES[name]] = None
            elif (home := _home(name)) is not None:
                members.setdefault(home, {})[name] = None
        bound |= program.scope.bound
    imported = [f"from {home} import {', '.join(sorted(found))}" for home, found in sorted(members.items())]
    return [*(line for line in modules if line), *imported]


def _home(name: str) -> str | None:
    """The module that a name is imported from."""
    if name in CONSTANTS:
        return "math"
    for path in names.SEARCHED:
        if not name.startswith("_") and member(path, name) is not None:
            return f"torch.{path}" if path else "torch"
    return None


def load_script(here: Session, source: Source) -> Loaded:
    """Runs a script as `gradcli run` does, and takes over what it has made.

    Raises:
        GradcliError: where the script fails; then nothing is taken over.
    """
    from gradcli.explorer.scripts.callables import Kind, Library, Routine  # scripts alone pay for them
    from gradcli.explorer.scripts.calls import explained
    from gradcli.explorer.scripts.host import ScriptHost

    program = parse(source, here.request.limits)
    fresh = session(default_dtype=FLOAT32, budget=context.budget, seed=here.request.seed)
    with fresh:
        host = ScriptHost(here.write)
        executable = compile_program(program, host)
        host.attend(executable)
        scope = executable.scope({"__name__": "__main__"})
        try:
            executable.run(scope)
        except (GradcliError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - no traceback ever
            raise explained("the script", error) from None
    made = {
        name: value
        for name, value in scope.items()
        if not name.startswith("_")
        and not isinstance(value, (Library, Routine, Kind))
        and CONSTANTS.get(name) is not value
    }
    taken = {name: value for name, value in made.items() if _is_shared(value)}
    here.adopt(_as_input(source.text, here.request.dtype), taken)
    return Loaded(tuple(taken), tuple(name for name in made if name not in taken))


def _is_shared(value: Any) -> bool:
    """Whether a value is the same in expressions and in scripts."""
    return isinstance(value, (Tensor, Function)) or type(value) in PLAIN


def _as_input(text: str, dtype: str) -> str:
    """A script inside another one, with its own default dtype."""
    return f"torch.set_default_dtype(torch.float32)\n{text.rstrip()}\ntorch.set_default_dtype(torch.{dtype})"
