"""`graph` and `explain`: what does autograd record, and what happens when it is walked backward?"""

# ruff: noqa: SLF001 - a friend of Tensor

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gradcli.autograd import Tensor
from gradcli.autograd.node import AccumulateGrad
from gradcli.checks.naming import text_at
from gradcli.diagnostics import Diagnostic, GradcliError, InputFault
from gradcli.explorer.differentiate import differentiate
from gradcli.explorer.graph_journey import Journey
from gradcli.explorer.graph_labels import label_graph
from gradcli.explorer.graph_nodes import describe
from gradcli.explorer.graph_recorder import recording
from gradcli.explorer.graph_rules import answer_formulas, glossary, node_rules
from gradcli.explorer.job import Job, job_session, named_tensor, passing_on, read_job
from gradcli.explorer.workspace import prepare, whole
from gradcli.reports.graphs import Answer, Graph

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.autograd.node import Edge, Node
    from gradcli.explorer.graph_recorder import Recorder
    from gradcli.explorer.request import EvalRequest
    from gradcli.explorer.workspace import Workspace

__all__ = ["record_graph"]

NO_GRAPH = "no variable requires grad, so there is no graph"


def record_graph(
    request: EvalRequest, warn: Callable[[Diagnostic], None], *, formulas: bool = True, most: int = 0
) -> Graph:
    """Returns the graph of the expressions, with what backward does at each node.

    Args:
        request: what is asked.
        warn: told what the user should know and that stops nothing.
        formulas: also say each rule, and each variable's gradient, as a formula.
        most: how many nodes it may have; 0: any number.

    Raises:
        GradcliError: a text cannot be read or run, PyTorch would refuse to differentiate, there is no graph,
            or it has too many nodes.
    """
    with job_session(request):
        job = read_job(request)
    with passing_on(warn):
        try:
            graph, finite = _run(job, formulas=formulas, most=most)
        except GradcliError as error:
            _explained(error, request)
            raise
    if not finite:
        from gradcli.explorer.evaluate import evaluate  # it finds where a nan or inf first came from

        evaluate(request, lambda found: None if found.code == "W401" else warn(found))
    return graph


def _explained(error: GradcliError, request: EvalRequest) -> None:
    """Raises the error as `eval` would, which knows more to say; not one of the graph's size."""
    if error.diagnostic.code == "E601":
        return
    from gradcli.explorer.evaluate import evaluate  # only when something went wrong

    evaluate(request, lambda _: None)


def _run(job: Job, *, formulas: bool, most: int) -> tuple[Graph, bool]:
    """The report, and whether all its numbers are finite."""
    asked = job.request.backward
    with job_session(job.request):
        space = prepare(job)
        roots, recorder = _recorded(job, space)
        wanted = [named_tensor(space, name, "--wrt") for name in asked.wrt]
        nodes = _nodes(job, roots, most)
        labels = label_graph(nodes, roots, space, recorder, seeded=bool(job.seeds))
        rules = node_rules(labels, recorder, nodes) if formulas else ({}, {})
        edges = [root.gradient_edge() for root in roots if root.requires_grad]
        formulas_of = answer_formulas(labels, recorder, nodes, edges) if formulas and asked.run else {}
        journey = Journey(nodes)
        notes: tuple[str, ...] = ()
        if asked.run:
            notes = differentiate(asked, space, job.programs, job.seeds, roots, wanted)
        order = journey.order + [node for node in reversed(nodes) if node not in journey.seen]
        numbers = {node: number for number, node in enumerate(order, 1)}
        sought = {tensor.gradient_edge(): name for name, tensor in zip(asked.wrt, wanted, strict=True)}
        sought = sought or {(node, 0): labels.of[node] for node in nodes if _answered(node)}
        described = tuple(describe(node, numbers, labels, recorder, journey, *rules) for node in order)
    graph = Graph(
        expressions=tuple(program.source.text.strip() for program in job.programs),
        roots=tuple((numbers[node], output) for node, output in edges),
        nodes=described,
        forward=tuple(numbers[node] for node in nodes if not isinstance(node, AccumulateGrad)),
        answers=tuple(
            _answer(name, edge, numbers[edge[0]], formulas_of, recorder, journey)
            for edge, name in sought.items()
            if edge[0] in numbers
        ),
        notes=notes,
        defaults=tuple(space.defaults),
        default=job.request.default,
        differentiated=asked.run,
        result=labels.result,
        scalar=labels.scalar,
        glossary=glossary(
            [
                *rules[0].values(),
                *(rule.whole for one in rules[1].values() for rule in one),
                *formulas_of.values(),
            ]
        ),
    )
    return graph, _finite(roots, journey)


def _recorded(job: Job, space: Workspace) -> tuple[list[Tensor], Recorder]:
    """The values of the programs, and what was heard while they ran."""
    with recording() as recorder:
        roots = [space.root(program) for program in job.programs]
    for tensor in (*roots, *space.values.values()):  # what in-place changes of parts made
        if isinstance(tensor, Tensor) and tensor._edge is not None:
            recorder.values.setdefault(tensor._edge, tensor._array)
    return roots, recorder


def _nodes(job: Job, roots: Sequence[Tensor], most: int) -> list[Node]:
    """The nodes that the roots lead to.

    Raises:
        InputFault: there are none, or more than `most`.
    """
    if not any(root.requires_grad for root in roots):
        span = whole(job.programs[0])
        raise InputFault("E506", NO_GRAPH, span=span, help="bind one with -v (not -c): -v x=2")
    nodes = _reachable(roots)
    if most and len(nodes) > most:
        raise _too_many(nodes, most)
    return nodes


def _answered(node: Node) -> bool:
    return isinstance(node, AccumulateGrad) and node.variable.requires_grad


def _answer(  # noqa: PLR0913 - what is known of a run
    name: str, edge: Edge, number: int, formulas: Mapping[Node, str], recorder: Recorder, journey: Journey
) -> Answer:
    """The report on what is differentiated for."""
    node = edge[0]
    array = node.variable._array if isinstance(node, AccumulateGrad) else recorder.values[edge]
    formula = formulas.get(node, "") if edge in journey.arrived else ""
    return Answer(name, number, formula, journey.frozen(array), journey.arrived.get(edge))


def _reachable(roots: Sequence[Tensor]) -> list[Node]:
    """The nodes that the roots lead to: the leaves', then the others in the order in which they ran."""
    seen: dict[Node, None] = {}
    waiting = [root.gradient_edge()[0] for root in roots if root.requires_grad]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen[node] = None
            waiting += [target for target, _ in reversed(node.edges)]
    return sorted(seen, key=lambda node: node.sequence)  # stable: leaves stay as they were found


def _too_many(nodes: Sequence[Node], most: int) -> GradcliError:
    """The error that says how many nodes there are, and which part of the program makes most of them."""
    counts = Counter(node.span for node in nodes if node.span is not None)
    span, count = counts.most_common(1)[0] if counts else (None, 0)
    where = "narrow the expression"
    if span is None or count <= max(len(nodes) // 10, 1):
        span = None
    else:
        where = f"narrow `{text_at(span)}`, which makes {count} of them"
    return InputFault(
        "E601",
        f"the graph has {len(nodes)} nodes, more than the {most} that --max-nodes allows",
        span=span,
        help=f"{where}, or raise --max-nodes",
    )


def _finite(roots: Sequence[Tensor], journey: Journey) -> bool:
    import numpy as np  # every command has it by now

    arrays = [*(root._array for root in roots), *journey.arrived.values()]
    return all(np.isfinite(array).all() for array in arrays)
