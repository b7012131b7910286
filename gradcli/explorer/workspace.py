"""Programs that share names: what is bound, what is left to the default, and what each program's value is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor, context
from gradcli.diagnostics import GradcliError, Span, TypeFault
from gradcli.explorer import names
from gradcli.explorer.bindings import Binding, Value, constant, leaf
from gradcli.explorer.functions import Function
from gradcli.explorer.host import ExpressionHost
from gradcli.explorer.values import as_tensor, kind_name
from gradcli.language import NOTHING, Globals, compile_program
from gradcli.language.values.faults import KINDS
from gradcli.ops.named import Named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradcli.explorer.job import Job
    from gradcli.explorer.nonfinite import Watch
    from gradcli.language.program import Program

__all__ = ["Workspace", "located", "prepare", "unbound", "whole"]


class Workspace:
    """The names of one run.

    Attributes:
        values: everything bound: bindings, defaults, and what the programs assign.
        leaves: the tensors made by `-v` and by default, under their names.
        defaults: the names that were left to the default, in order.
    """

    def __init__(self) -> None:
        self.host = ExpressionHost()
        self.values = Globals(self.host.lookup)
        self.leaves: dict[str, Tensor] = {}
        self.defaults: list[str] = []

    def bind(self, bindings: Iterable[Binding], watch: Watch | None = None) -> None:
        """Computes the bindings, in order; each may use the ones before it. `watch` is shown their values."""
        for binding in bindings:
            with located(binding.value):
                self._bind(binding.name, self.compute(binding.value), differentiable=binding.differentiable)
            held = self.values[binding.name]
            if watch is not None and isinstance(held, Tensor):
                watch.bound(binding.name, held._array)  # noqa: SLF001 - a friend of Tensor

    def bind_defaults(self, programs: Iterable[Program], default: Value) -> None:
        """Makes a leaf of the default for each name that the programs read and nothing gives a value.

        Raises:
            NameFault: a name without a value is called.
        """
        assigned: set[str] = set()
        for program in programs:
            for name in program.free_names():
                given = name in self.values or name in assigned
                if not given and not names.known_value(name) and name not in KINDS:
                    self._bind(name, self.compute(default), differentiable=True)
                    self.defaults.append(name)
            for name in program.free_functions():
                given = name in self.values or name in assigned
                if not given and name not in KINDS and not names.known(name):
                    fault = names.unknown_name(name, called=True)
                    fault.locate(program.first_read(name))
                    raise fault
            assigned |= program.scope.bound

    def variables(self) -> list[tuple[str, Tensor]]:
        """Returns the leaves with their names, then what else the programs made that requires grad."""
        found = list(self.leaves.items())
        known = {id(tensor) for _, tensor in found}
        for name, value in self.values.items():
            if isinstance(value, Tensor) and value.is_leaf and value.requires_grad and id(value) not in known:
                found.append((name, value))
                known.add(id(value))
        return found

    def rebind(self, name: str, array: Any) -> None:
        """Gives a variable other elements, in the dtype that it has."""
        self._bind(name, array.astype(self.leaves[name].dtype.dtype), differentiable=True)

    def compute(self, value: Value) -> Any:
        """Returns the value of an option (a binding, a gradient); nothing of it is recorded."""
        program = value.program
        if program is None:
            return value.array
        self._refuse_unknown(program)
        before, context.grad_enabled = context.grad_enabled, False
        try:
            return compile_program(program, self.host).run(self.values)
        finally:
            context.grad_enabled = before

    def root(self, program: Program) -> Tensor:
        """Returns the value of a program as a tensor: of its last expression, else of its last assignment.

        Raises:
            TypeFault: it has no value, or one that is no tensor.
        """
        executable = compile_program(program, self.host)
        value = executable.run(self.values)
        if value is NOTHING:
            assigned = executable.steps[-1].names if executable.steps else ()
            if not assigned:
                raise TypeFault(
                    "E303",
                    "the program has no value",
                    span=whole(program),
                    help="end it with an expression: `y`",
                )
            value = self.values[assigned[-1]]
        with located(program):
            return _root(value)

    def _bind(self, name: str, value: Any, *, differentiable: bool) -> None:
        self.values[name] = leaf(value) if differentiable else constant(value)
        if differentiable:
            self.leaves[name] = self.values[name]

    def _refuse_unknown(self, program: Program) -> None:
        for called, found in ((True, program.free_functions()), (False, program.free_names())):
            for name in found:
                if name not in self.values and name not in KINDS and not names.known(name):
                    fault = names.unknown_name(name, called=called)
                    fault.locate(program.first_read(name))
                    raise fault


def prepare(job: Job) -> Workspace:
    """Returns the names with their values, before any program ran; to be called inside a session.

    Raises:
        GradcliError: a binding cannot be computed, or a name without a value is called.
    """
    space = Workspace()
    space.bind(job.bindings)
    space.bind_defaults(job.programs, job.default)
    return space


def unbound(names: Sequence[str], default: str) -> str:
    """Returns a word on names, one at least, that nothing bound."""
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} not bound: {default} by default"


def whole(given: Program | Value) -> Span:
    """Returns the place of a program's last statement, or of an option's value."""
    program = given.program if isinstance(given, Value) else given
    if program is not None and program.statements:
        return program.span(program.statements[-1])
    return Span(given.source, 0, len(given.source.text))


class located:  # noqa: N801 - reads as the `with` it stands in
    """Gives errors inside the block the place that a value comes from."""

    def __init__(self, given: Program | Value) -> None:
        self._given = given

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, GradcliError):
            error.locate(whole(self._given))


def _root(value: Any) -> Tensor:
    if isinstance(value, Named):
        first = value.fields[0]
        raise TypeFault(
            "E303",
            f"the value is {len(value)} tensors: {', '.join(value.fields)}",
            help=f"pick one: (...).{first}",
        )
    if isinstance(value, Function):
        raise TypeFault("E303", f"the value is the function {value.name}", help=f"call it: {value.name}(x)")
    try:
        return as_tensor(value)
    except TypeFault as fault:
        hint = ""
        if isinstance(value, (tuple, list)):
            hint = "give one expression per tensor"
        elif value is None:
            hint = "a gradient is None until backward has run; the gradient table shows it"
        raise TypeFault(
            "E303", f"the value is no tensor but {kind_name(value)}", help=hint or fault.diagnostic.help
        ) from None
