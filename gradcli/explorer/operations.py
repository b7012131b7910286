"""`ops`: which operations are there, and what is one of them like?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.autograd import Node, session
from gradcli.autograd.node import RecordNode
from gradcli.diagnostics import Diagnostic, GradcliError, NameFault, Source, Span, did_you_mean
from gradcli.explorer.bindings import read_value
from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.formula_text import rule_texts
from gradcli.explorer.names import SEARCHED
from gradcli.explorer.piecewise import in_words
from gradcli.explorer.request import Backward, EvalRequest, Limits
from gradcli.explorer.signatures import signature
from gradcli.explorer.term_algebra import FAILURES
from gradcli.explorer.workspace import Workspace, whole
from gradcli.language.program import parse_value
from gradcli.ops.catalog import catalog, spelled
from gradcli.ops.domain import REAL
from gradcli.ops.dtypes import FLOAT64
from gradcli.reports.operations import Family, Operation, OperationLine, Operations, Partial

if TYPE_CHECKING:
    from gradcli.ops.record import Record
    from gradcli.reports.evaluation import Evaluation

__all__ = ["list_operations", "one_operation"]

PREFIXES = ("torch.", "F.")
NO_FORMULA = {
    "linear": "linear: its transpose carries the gradient back",
    "general": "no formula per element: its rule works on whole tensors",
}


def list_operations() -> Operations:
    """Returns every operation that users can call, by family."""
    families: dict[str, list[OperationLine]] = {}
    for record in sorted(catalog().values(), key=lambda record: record.name):
        if record.spellings():
            line = OperationLine(record.name, signature(record), record.summary)
            families.setdefault(record.family, []).append(line)
    return Operations(tuple(Family(name, tuple(lines)) for name, lines in sorted(families.items())))


def one_operation(name: str) -> Operation:
    """Returns what is known of the operation with a name, under any spelling.

    Raises:
        NameFault: there is none.
    """
    record = _find(name)
    example = record.example or _default_example(record)
    default = _default_value(record)
    result, nodes = _tried(example, default) if example else (None, [])
    if example and result is None:  # several results: the first of them is shown
        example = f"{example}[0]"
        result, nodes = _tried(example, default)
    return Operation(
        name=record.name,
        family=record.family,
        kind=record.kind,
        signature=signature(record),
        summary=record.summary,
        spellings=record.spellings(),
        node=record.node if isinstance(record.node, str) else "",
        partials=tuple(_derivatives(record, nodes)),
        domain=tuple(
            Partial(argument, str(domain).replace("x", argument))
            for argument, domain in zip(record.args, record.domain, strict=False)
            if domain != REAL or len(record.args) == 1
        ),
        kinks=record.kinks or tuple(dict.fromkeys(kink for node in nodes for kink in node.record.kinks)),
        source=record.source,
        example=example,
        example_result=result,
    )


def _find(name: str) -> Record:
    bare = name
    for prefix in PREFIXES:
        bare = bare.removeprefix(prefix)
    known = spelled()
    for spelling in (name, *(f"{path}.{bare}".lstrip(".") for path in SEARCHED), f"Tensor.{bare}"):
        if spelling in known:
            return known[spelling]
    if name in catalog():
        return catalog()[name]
    names = {record.name for record in catalog().values() if record.spellings()}
    raise NameFault(
        "E201",
        f"no operation is called `{name[:60]}`",
        label=did_you_mean(bare, names),
        help="`gradcli ops` lists every operation",
    )


def _derivatives(record: Record, nodes: list[RecordNode]) -> list[Partial]:
    """The formulas of the record itself, else those of the operations that its example was made of."""
    own = _formulas(record)
    if own:
        return own
    found: list[Partial] = []
    for part, node in {node.record: node for node in nodes}.items():
        through = "" if part is record else part.name
        formulas = _formulas(part) or _rules(node)
        found += [formula._replace(through=through) for formula in formulas]
    if not found and record.kind in NO_FORMULA and record.differentiable:
        found = [Partial(record.args[0], NO_FORMULA[record.kind])]
    return found


def _formulas(record: Record) -> list[Partial]:
    """The partial derivatives of an elementwise record."""
    if record.kind != "elementwise" or not record.differentiable:
        return []
    from gradcli.symbolic import derivative_formulas  # sympy costs 300 ms, and only these formulas need it

    return [Partial(formula.argument, in_words(formula.text)) for formula in derivative_formulas(record)]


def _rules(node: RecordNode) -> list[Partial]:
    """The rules of a node whose record has no partial derivatives, as text."""
    try:
        return [Partial(argument, text, whole=True) for argument, text in rule_texts(node)]
    except FAILURES:  # a rule that needs more than terms can give is described in words
        return [Partial(node.record.argument(0), NO_FORMULA.get(node.record.kind, "see its parts"))]


def _nodes(root: Node | None, span: Span) -> list[RecordNode]:
    """The nodes of an example that its outermost call made, last first."""
    seen: dict[Node, None] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen[node] = None
            waiting += [target for target, _ in node.edges]
    found = [node for node in seen if isinstance(node, RecordNode)]
    return [node for node in found if node.span == span] or found


def _default_example(record: Record) -> str:
    """A call on plain variables, where the record has no example of its own."""
    if record.kind != "elementwise" or not record.spellings():
        return ""
    faces = record.spellings()
    arguments = ", ".join(record.args)
    if all(face.startswith("Tensor.") for face in faces):
        return f"x.{record.name}()" if len(record.args) == 1 else ""
    return f"{record.name}({arguments})"


def _default_value(record: Record) -> str:
    """Ones, or the half or the double of them where 1 is at the border of the domain."""
    for factor in ("", "0.5*", "2*"):
        number = float(factor.rstrip("*") or 1)
        if all(
            domain.low < number < domain.high and number not in domain.without for domain in record.domain
        ):
            return f"{factor}ones(2, 2)"
    return "ones(2, 2)"


def _tried(example: str, default: str) -> tuple[Evaluation | None, list[RecordNode]]:
    """The value and gradients of an example, each element counting 1, and the nodes it made."""
    nodes: list[RecordNode] = []
    try:
        with session(default_dtype=FLOAT64):
            space = Workspace()
            program = parse_value(Source("<example>", example))
            space.bind_defaults([program], read_value(Source("--default", default), Limits()))
            root = space.root(program)
            nodes = _nodes(root.grad_fn, whole(program))
            shape, differentiable = list(root.shape), root.requires_grad
        weights = (f"ones({shape})",) if shape else ()
        backward = Backward(run=differentiable, grad_tensors=weights if differentiable else ())
        report = evaluate(EvalRequest((example,), default=default, backward=backward), _ignore)
    except GradcliError:
        return None, nodes
    return report, nodes


def _ignore(warning: Diagnostic) -> None:
    """An example at an edge shows its inf in the table; nobody needs to be warned of it."""
