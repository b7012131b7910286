"""`eval`: what are the values of these expressions, and what are their gradients?"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from gradcli.autograd import Tensor, context
from gradcli.diagnostics import Diagnostic, GradcliError
from gradcli.explorer import names
from gradcli.explorer.differentiate import NO_GRAPH, differentiate
from gradcli.explorer.job import Job, job_session, named_tensor, passing_on, read_job
from gradcli.explorer.nonfinite import Watch, nonfinite_warnings
from gradcli.explorer.values import array_of, frozen
from gradcli.explorer.workspace import Workspace, whole
from gradcli.reports.evaluation import Evaluation, Gradient, Root

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.host import ExpressionHost
    from gradcli.explorer.request import Backward, EvalRequest

__all__ = ["evaluate"]

UNUSED = "no root depends on it"
BIG = 2**20  # elements; below, the engine is done before a plan is made
HANDWRITTEN = ("backward", "grad", "hook", "anomaly")  # words of programs that differentiate by themselves
VALUE_ALONE = "--no-backward shows the value alone"
CUTTING = ("detach", ".data", "no_grad", "inference_mode")  # the words of what cuts a value off


def evaluate(request: EvalRequest, warn: Callable[[Diagnostic], None]) -> Evaluation:
    """Returns the values of the expressions and their gradients.

    `warn` is told what the user should know and that stops nothing: a nan or inf, with its origin.

    Raises:
        GradcliError: a text cannot be read or run, or PyTorch would refuse to differentiate.
    """
    with job_session(request):
        job = read_job(request)
    with passing_on(warn):
        try:
            report = _run(job)
        except GradcliError as error:
            from gradcli.explorer.why.explain import explain  # only when something went wrong

            explain(error, lambda over: _run(job, over=over), options=True)
            if NO_GRAPH in error.diagnostic.message and request.command in ("eval", "graph"):
                error.diagnostic = error.diagnostic._replace(help=f"{error.diagnostic.help}; {VALUE_ALONE}")
            raise
        if any(row.absent == UNUSED for row in report.gradients) and _cuts_off(job):
            from gradcli.explorer.why.absent import told_why  # only where there is something to tell

            report = told_why(report, UNUSED, lambda over: _run(job, over=over))
    for warning in nonfinite_warnings(report, lambda watch: _watched(job, watch)):
        warn(warning)
    return report


def _cuts_off(job: Job) -> bool:
    return any(word in program.source.text for program in job.programs for word in CUTTING)


def _watched(job: Job, watch: Watch) -> None:
    """Runs everything again, with somebody looking at each result; what it warns of was said before."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _run(job, watch)


def _run(
    job: Job, watch: Watch | None = None, over: Callable[[ExpressionHost], ExpressionHost] | None = None
) -> Evaluation:
    """The report of a run; `watch` is shown every result, `over` lays a host over the programs' own."""
    with job_session(job.request):
        context.watch = watch
        space = Workspace()
        if over is not None:
            space.host = over(space.host)
        space.bind(job.bindings, watch)
        space.bind_defaults(job.programs, job.default)
        if over is not None:
            _introduce(space, job)
        try:
            return _finish(job, space, plain=over is None)
        except GradcliError as error:
            raise _noted(error, space) from None


def _introduce(space: Workspace, job: Job) -> None:
    """Tells the host of the values that options and defaults gave, as assignments tell of a program's."""
    places = {binding.name: whole(binding.value) for binding in job.bindings}
    for name, value in space.values.items():
        context.span = places.get(name)
        space.host.assigned(name, value)
    context.span = None


def _finish(job: Job, space: Workspace, *, plain: bool) -> Evaluation:
    """Runs the programs, then backward, once every name has a value; `plain`: with nobody listening."""
    if plain and _is_big(job, space):
        from gradcli.explorer.planned import run_planned  # small evals do without

        found = run_planned(
            job, space, lambda: [tensor for _, tensor, _ in _sought(job.request.backward, space)]
        )
        if found is not None:
            return _report(
                job, space, found.roots, [], list(found.notes), differentiated=found.differentiated
            )
    roots = [space.root(program) for program in job.programs]
    asked = job.request.backward
    wanted = [named_tensor(space, name, "--wrt") for name in asked.wrt]
    retained = [(name, named_tensor(space, name, "--retain-grad")) for name in asked.retain_grad]
    notes: list[str] = []
    differentiated = asked.run
    if differentiated and _nothing_to_differentiate(asked, space, roots):
        differentiated = False
        notes.append("no variable requires grad, so there are no gradients; bind one with -v")
    if differentiated:
        for name, tensor in retained:
            try:
                tensor.retain_grad()
            except GradcliError as error:
                error.advise(f"no variable that requires grad leads to `{name}`; bind one with -v")
                raise
        notes += differentiate(asked, space, job.programs, job.seeds, roots, wanted)
        times = asked.passes * (len(roots) if asked.separately else 1)
        if times > 1 and not asked.zero_between:
            notes.append(f"each gradient is the sum over {times} backward passes")
    return _report(job, space, roots, retained, notes, differentiated=differentiated)


def _is_big(job: Job, space: Workspace) -> bool:
    """Whether tensors are so big, and what is asked so plain, that a plan pays."""
    asked = job.request.backward
    if asked.retain_graph or asked.create_graph or asked.retain_grad or asked.detect_anomaly:
        return False
    if asked.passes > 1 or asked.separately or context.attended:
        return False
    sizes = (array_of(value).size for value in space.values.values() if isinstance(value, Tensor))
    return sum(sizes) >= BIG and not any(
        word in program.source.text for program in job.programs for word in HANDWRITTEN
    )


def _noted(error: GradcliError, space: Workspace) -> GradcliError:
    """The error, with a word on functions that the user may have meant to call."""
    functions = [name for name in space.defaults if names.known(name)]
    if functions:
        found = error.diagnostic
        note = f"`{functions[0]}` is taken as a variable here; the function is called, {functions[0]}(x)"
        error.diagnostic = found._replace(notes=(*found.notes, note))
    return error


def _nothing_to_differentiate(asked: Backward, space: Workspace, roots: list[Tensor]) -> bool:
    """Whether a value is all there can be, and all that was asked for."""
    return (
        not (space.leaves or asked.wrt or asked.grad_tensors or asked.retain_grad or asked.passes > 1)
        and not any(root.requires_grad for root in roots)
        and not any(isinstance(value, Tensor) and value.requires_grad for value in space.values.values())
    )


def _report(  # noqa: PLR0913 - the parts of a run
    job: Job,
    space: Workspace,
    roots: list[Tensor],
    retained: list[tuple[str, Tensor]],
    notes: list[str],
    *,
    differentiated: bool,
) -> Evaluation:
    asked = job.request.backward
    shown = tuple(
        Root(
            expression=program.source.text.strip(),
            array=frozen(array_of(root)),
            dtype=root.dtype.name,
            grad_fn=None if root.grad_fn is None else root.grad_fn.name(),
        )
        for program, root in zip(job.programs, roots, strict=True)
    )
    rows: list[Gradient] = []
    if differentiated:
        rows = [_gradient(name, tensor, origin) for name, tensor, origin in _sought(asked, space)]
        rows += [_gradient(name, tensor, "retained") for name, tensor in retained if not tensor.is_leaf]
    return Evaluation(
        shown, tuple(rows), differentiated, tuple(space.defaults), job.request.default, tuple(notes)
    )


def _sought(asked: Backward, space: Workspace) -> list[tuple[str, Tensor, str]]:
    """What gradients are shown for, besides retained ones: the names of --wrt, or all leaves."""
    origin = {name: "default" if name in space.defaults else "bound" for name in space.leaves}
    if asked.wrt:
        return [(name, space.values[name], origin.get(name, "made")) for name in asked.wrt]
    return [
        (name, tensor, origin[name] if tensor is space.leaves.get(name) else "made")
        for name, tensor in space.variables()
    ]


def _gradient(name: str, tensor: Tensor, origin: str) -> Gradient:
    absent = ""
    if tensor.grad is None:
        absent = UNUSED if tensor.requires_grad else "it does not require grad"
    return Gradient(
        name=name,
        array=frozen(array_of(tensor)),
        dtype=tensor.dtype.name,
        grad=None if tensor.grad is None else frozen(array_of(tensor.grad)),
        absent=absent,
        origin=origin,
    )
