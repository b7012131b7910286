"""A session at the prompt: names that persist from one input to the next."""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from gradcli.autograd import Tensor, context
from gradcli.diagnostics import Diagnostic, Source
from gradcli.explorer.bindings import read_bindings, read_value
from gradcli.explorer.functions import Function
from gradcli.explorer.job import job_session, passing_on
from gradcli.explorer.nonfinite import Watch, nonfinite_warnings
from gradcli.explorer.repl.handing import Definition, Handed, defined, hand_over, literal, state_of
from gradcli.explorer.values import frozen, kind_name
from gradcli.explorer.workspace import Workspace, unbound
from gradcli.language import NOTHING, Formatter, compile_program, tree
from gradcli.language.program import Program, parse
from gradcli.language.tree.walking import walk
from gradcli.reports.evaluation import Evaluation, Root
from gradcli.reports.sessions import Shown, VariableLine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradcli.explorer.request import EvalRequest
    from gradcli.language import Executable, Meter

__all__ = ["Input", "Session"]

PRINT = "print"
NOTHING_SHOWN = Shown(None)
LATER = (tree.Define, tree.Function, tree.Comprehension)  # parts of a program that may run after it
AMBIENT = ("grad_enabled", "inference", "anomaly", "check_nan")  # as before where an input fails


class Input(NamedTuple):
    """Something that was typed and ran.

    Attributes:
        text: it, as a line of a script: an expression with a value is printed.
        defaults: lines that make the leaves it made.
    """

    text: str
    defaults: tuple[str, ...]


class Session:
    """The state of a prompt; to be entered before anything is run.

    Attributes:
        request: the options that hold for every input.
        given: what the options bind: the line of a script for each name.
        inputs: what was typed and ran, in order.
        write: what `print` writes with.
        last: the last value with a graph, as an expression.
    """

    def __init__(
        self, request: EvalRequest, warn: Callable[[Diagnostic], None], write: Callable[[str], Any]
    ) -> None:
        self.request = request
        self.given: list[str] = []
        self.inputs: list[Input] = []
        self.last = ""
        self._space = Workspace()
        self._warn = warn
        self.write = write
        self._formatter: Formatter | None = None
        self._definitions: dict[str, Definition] = {}
        self._meters: list[Meter] = []  # of the inputs that made functions
        self._count = 0
        self._ambient = job_session(request)

    def __enter__(self) -> Self:
        """Begins it, with what the options bind.

        Raises:
            GradcliError: a binding cannot be read or computed.
        """
        request = self.request
        self._ambient.__enter__()
        try:
            self._space.bind(read_bindings(request.constants, request.variables, request.limits))
            self._default = read_value(Source("--default", request.default), request.limits)
        except BaseException:
            self._ambient.__exit__(None, None, None)
            raise
        self.given = [self._script_line(name) for name in self._space.values]
        self._space.values[PRINT] = Function(PRINT, self._print)
        return self

    def __exit__(self, *error: object) -> None:
        self._ambient.__exit__(*error)

    @property
    def values(self) -> dict[str, Any]:
        """The names with their values."""
        return {name: value for name, value in self._space.values.items() if name != PRINT}

    def run(self, text: str) -> Shown:
        """Returns the value of what was typed; nothing for an assignment and for None.

        Raises:
            GradcliError: it cannot be read or run. The names are as they were, but for what ran before.
        """
        self._count += 1
        program = parse(Source(f"<input {self._count}>", text), self.request.limits)
        made = self._make_defaults(program)
        reads = {name: state_of(self._space.values[name]) for name in self._read_by(program)}
        try:
            executable, value, watch = self._run(program)
        except BaseException:
            self._forget(made)
            raise
        for name in program.scope.bound:
            self._definitions.pop(name, None)
        self._definitions |= defined(program, self._count, reads, self._space.values)
        shown = NOTHING_SHOWN if value is NOTHING else self._shown(value)
        self._remember(executable, made, value)
        self._tell(made, shown, watch)
        return shown

    def adopt(self, text: str, found: Mapping[str, Any]) -> None:
        """Takes over the values that a script has made.

        Args:
            text: of the script.
            found: by name.
        """
        self.inputs.append(Input(text, ()))
        for name, value in found.items():
            self._space.values[name] = value
            self._definitions.pop(name, None)

    def handed(self, text: str) -> Handed:
        """Returns an expression with what it needs of the session's names, for another command.

        Raises:
            GradcliError: it cannot be read, or needs what cannot be handed over.
        """
        return hand_over(parse(Source("<input>", text), self.request.limits), self.values, self._definitions)

    def variables(self) -> list[VariableLine]:
        """Returns the names of the session, in the order in which they came."""
        return [self._line(name, value) for name, value in self.values.items()]

    def _run(self, program: Program) -> tuple[Executable, Any, Watch]:
        """Runs a program; where it fails, grad mode and its like are as before."""
        executable = compile_program(program, self._space.host)
        self._formatter = executable.formatter
        if any(isinstance(node, LATER) for node in walk(program.statements)):
            self._meters.append(executable.meter)
        for meter in self._meters:  # functions of earlier inputs may take as many steps as this one
            meter.left = self.request.limits.steps
        kept = [getattr(context, name) for name in AMBIENT]
        watch = context.watch = Watch()
        try:
            with passing_on(self._warn):
                value = executable.run(self._space.values)
        except BaseException:
            for name, before in zip(AMBIENT, kept, strict=True):
                setattr(context, name, before)
            raise
        finally:
            context.watch = None
        return executable, value, watch

    def _make_defaults(self, program: Program) -> tuple[str, ...]:
        """Makes leaves of the names that nothing binds, as `eval` does; a name all alone must be bound."""
        if len(program.statements) == 1 and isinstance(program.statements[0], tree.Evaluate):
            alone = program.statements[0].value
            if isinstance(alone, tree.Name) and alone.name not in self._space.values:
                return ()
        before = len(self._space.defaults)
        self._space.bind_defaults([program], self._default)
        return tuple(self._space.defaults[before:])

    def _read_by(self, program: Program) -> list[str]:
        free = (*program.free_names(), *program.free_functions())
        return [name for name in free if name in self._space.values and name != PRINT]

    def _forget(self, made: tuple[str, ...]) -> None:
        for name in made:
            self._space.values.pop(name, None)
            self._space.leaves.pop(name, None)
            self._space.defaults.remove(name)

    def _remember(self, executable: Executable, made: tuple[str, ...], value: Any) -> None:
        steps = executable.steps
        text = executable.program.source.text
        single = len(steps) == 1 and steps[0].is_expression
        printed = single and value is not None
        line = f"print({executable.program.text(steps[0].node)})" if printed else text
        self.inputs.append(Input(line, tuple(map(self._script_line, made))))
        names = [name for step in steps for name in step.names]
        if names:
            text, value = names[-1], self._space.values.get(names[-1])
        if (single or names) and isinstance(value, Tensor) and value.requires_grad and not value.is_leaf:
            self.last = text

    def _script_line(self, name: str) -> str:
        value = self._space.values[name]
        if not isinstance(value, Tensor):
            return f"{name} = {value!r}"
        tail = ", requires_grad=True" if value.requires_grad else ""
        text = literal(value)
        return (
            f"{name} = torch.{text[:-1]}{tail})"
            if text.endswith(")")
            else f"{name} = torch.tensor({text}{tail})"
        )

    def _tell(self, made: tuple[str, ...], shown: Shown, watch: Watch) -> None:
        if made:
            self._warn(Diagnostic("W502", unbound(made, self.request.default), severity="note"))
        if shown.array is not None and watch.first:
            root = Root("", shown.array, "", None)
            report = Evaluation((root,), (), differentiated=False, defaults=(), default="", notes=())
            for warning in nonfinite_warnings(report, lambda again: again.first.update(watch.first)):
                self._warn(warning)

    def _print(self, *values: Any, sep: str = " ", end: str = "\n") -> None:
        self.write(sep.join(map(self._text, values)) + end)

    def _text(self, value: Any, *, quoted: bool = False) -> str:
        assert self._formatter is not None  # noqa: S101 - something is running
        return self._formatter.text(value, quoted)

    def _shown(self, value: Any) -> Shown:
        if value is None:
            return NOTHING_SHOWN
        if isinstance(value, Tensor):
            return Shown(frozen(value._array))
        return Shown(None, self._text(value, quoted=True))

    def _line(self, name: str, value: Any) -> VariableLine:
        if not isinstance(value, Tensor):
            return VariableLine(name, kind_name(value), "", Shown(None, self._plain(value)), None)
        role = "constant" if not value.requires_grad else "variable" if value.is_leaf else "computed"
        grad = value.grad if value.is_leaf or value.retains_grad else None
        shown = None if grad is None else frozen(grad._array)
        return VariableLine(name, role, value.dtype.name, Shown(frozen(value._array)), shown)

    def _plain(self, value: Any) -> str:
        return str(value) if self._formatter is None else self._text(value, quoted=True)
