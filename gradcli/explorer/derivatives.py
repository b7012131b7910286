"""Expressions written down and made linear at their bindings: what Jacobians and Hessians are read from."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.autograd import Tensor, context, grad
from gradcli.diagnostics import Diagnostic, GradcliError, InputFault, RuntimeFault
from gradcli.explorer.differentiate import advised, recorded_gradient, weighed
from gradcli.explorer.job import job_session, named_tensor, passing_on
from gradcli.explorer.nonfinite import nonfinite_warnings
from gradcli.explorer.values import array_of, frozen
from gradcli.explorer.workspace import prepare, unbound, whole
from gradcli.plan import taped
from gradcli.plan.derivatives import Linear
from gradcli.reports.derivatives import Variable
from gradcli.reports.evaluation import Evaluation, Gradient, Root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gradcli.explorer.job import Job
    from gradcli.explorer.nonfinite import Watch
    from gradcli.explorer.request import EvalRequest
    from gradcli.explorer.workspace import Workspace
    from gradcli.language.program import Program
    from gradcli.plan.tape import Tape

__all__ = [
    "Written",
    "batches",
    "require_scalar",
    "said",
    "warn_nonfinite",
    "write_down",
]


class Written(NamedTuple):
    """Expressions that ran once.

    Attributes:
        linear: the trace at the bindings: of the roots, or of the gradient of the only root.
        roots: the values.
        variables: what they are differentiated for, by name.
        gradient: of the root, an array per variable; empty where the trace is that of the roots.
        space: the names.
    """

    linear: Linear
    roots: list[Tensor]
    variables: dict[str, Tensor]
    gradient: tuple[Any, ...]
    space: Workspace

    def shown_roots(self, job: Job) -> tuple[Root, ...]:
        """Returns the values as a report has them."""
        return tuple(
            Root(
                program.source.text.strip(),
                frozen(array_of(root)),
                root.dtype.name,
                None if root.grad_fn is None else root.grad_fn.name(),
            )
            for program, root in zip(job.programs, self.roots, strict=True)
        )

    def shown_variables(self) -> tuple[Variable, ...]:
        """Returns the variables as a report has them."""
        defaults = self.space.defaults
        return tuple(
            Variable(name, frozen(array_of(tensor)), tensor.dtype.name, default=name in defaults)
            for name, tensor in self.variables.items()
        )

    def notes(self, job: Job) -> list[str]:
        """Returns a word on the names that nothing bound."""
        names = [name for name in self.space.defaults if name in self.variables]
        if not names:
            return []
        return [f"{unbound(names, job.request.default)}; -v {names[0]}=... binds it"]


def write_down(job: Job, what: str, *, seconds: bool = False) -> Written:
    """Returns the expressions, run and linear at their bindings; to be called inside a session.

    Args:
        job: what was asked, read.
        what: is wanted, for errors: `a Jacobian`.
        seconds: it is the gradient of the only root that is made linear, for second derivatives.

    Raises:
        GradcliError: a program cannot run, has no derivative or, for second derivatives, no single element.
    """
    space = prepare(job)
    with taped() as tape:
        roots = weighed(job.seeds, space, [space.root(program) for program in job.programs])
        variables = _variables(job, space, what)
        for tensor in variables.values():
            tape.input(tensor)
        outputs, gradient = roots, []
        if seconds:
            require_scalar(roots, job.programs, what)
            outputs = gradient = _gradient(tape, roots, list(variables.values()), job.programs)
        trace = tape.trace(outputs)
    for program, root in zip(job.programs, roots, strict=True):
        if array_of(root).dtype.kind != "f":
            raise RuntimeFault(
                "E401",
                f"the value is of dtype {root.dtype.name}, which has no derivative",
                span=whole(program),
                help="whole numbers and bools are constants; differentiate what they are made of",
            )
    if not seconds:
        _refuse_what_backward_refuses(roots, list(variables.values()), job.programs)
    values = tape.values(trace) if seconds else None
    linear = Linear(trace, [array_of(tensor) for tensor in variables.values()], values)
    return Written(linear, roots, variables, tuple(map(array_of, gradient)), space)


def require_scalar(roots: Sequence[Tensor], programs: Sequence[Program], what: str) -> None:
    """Returns if there is one root of one element.

    Raises:
        InputFault: there are several.
        RuntimeFault: it has another number of elements.
    """
    if len(roots) > 1:
        raise InputFault(
            "E506",
            f"{what} needs one expression, and there are {len(roots)}",
            help="add them up, or ask for one after the other",
        )
    array = array_of(roots[0])
    if array.size != 1:
        raise RuntimeFault(
            "E401",
            f"{what} needs a value of one element, and this one has shape {list(array.shape)}",
            span=whole(programs[0]),
            help="reduce it: sum(...), mean(...); or pick an element: (...)[0]; `gradcli jacobian` "
            "differentiates every element",
        )


def _variables(job: Job, space: Workspace, what: str) -> dict[str, Tensor]:
    """What is differentiated for: the names of --wrt, or all leaves, also those that the programs make."""
    found = {name: tensor for name, tensor in space.variables() if tensor.requires_grad}
    if job.request.backward.wrt:
        found = {name: named_tensor(space, name, "--wrt") for name in job.request.backward.wrt}
        for name, tensor in found.items():
            if not (tensor.is_leaf and tensor.requires_grad):
                why = "it does not require grad" if tensor.is_leaf else "it is computed from others"
                raise InputFault(
                    "E506",
                    f"--wrt: `{name}` is no variable: {why}",
                    help=f"bind it with -v: -v {name}=...",
                )
    if not found:
        raise InputFault(
            "E506",
            f"no variable requires grad, so there is nothing to take {what} for",
            help="bind one with -v (not -c): -v x=2",
        )
    return found


def _gradient(
    tape: Tape, roots: list[Tensor], tensors: list[Tensor], programs: Sequence[Program]
) -> list[Tensor]:
    """The gradient, recorded, or PyTorch's error."""
    try:
        return recorded_gradient(roots, tensors, tape)
    except GradcliError as error:
        raise advised(error, roots, programs[0], tuple(programs)) from None


def _refuse_what_backward_refuses(
    roots: list[Tensor], tensors: list[Tensor], programs: Sequence[Program]
) -> None:
    """Runs one backward: a trace has no versions, and would differentiate what was changed in place."""
    reached = [root for root in roots if root.requires_grad]
    ones: list[Tensor | None] = [Tensor(np.ones_like(array_of(root))) for root in reached]
    try:
        if reached:
            grad(reached, tensors, ones, allow_unused=True)
    except GradcliError as error:
        raise advised(error, reached, programs[0], tuple(programs)) from None


@contextmanager
def said(request: EvalRequest, warn: Callable[[Diagnostic], None]) -> Iterator[None]:
    """Runs a block in a job's session, and tells `warn` of PyTorch's warnings afterwards."""
    with passing_on(warn), job_session(request):
        yield


def warn_nonfinite(
    job: Job,
    roots: tuple[Root, ...],
    derivatives: Mapping[str, Any],
    warn: Callable[[Diagnostic], None],
    walk: Callable[[], Any],
) -> None:
    """Tells `warn` of nan and inf in values and derivatives, with the operation that they first came from.

    `walk` computes the derivatives again.
    """
    rows = tuple(Gradient(name, np.zeros(()), "", array, "", "made") for name, array in derivatives.items())
    report = Evaluation(roots, rows, differentiated=True, defaults=(), default="", notes=())

    def again(watch: Watch) -> None:
        with job_session(job.request), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            context.watch = watch
            space = prepare(job)
            for program in job.programs:
                space.root(program)
            walk()

    for warning in nonfinite_warnings(report, again):
        warn(warning)


def batches(passes: int) -> str:
    """Returns how often a program was walked, in words."""
    return "all at once" if passes == 1 else f"in {passes} batches"
