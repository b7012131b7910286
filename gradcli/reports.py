"""What the explorer found: frozen, plain data and read-only arrays, so that any view can show it.

Named tuples: a dataclass takes ten times as long to make, and these are made at every start.
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = [
    "Answer", "Batch", "Block", "Check", "Directional", "Element", "Evaluation", "Family", "Flow",
    "Gradient", "Graph", "GraphNode", "Hessian", "Jacobian", "Judged", "Kept", "Minimization", "Moved",
    "Operation", "OperationLine", "Operations", "Outcome", "Partial", "Progress", "Result", "Root",
    "Sight", "Variable",
]  # fmt: skip


class Root(NamedTuple):
    """The result of one expression.

    Attributes:
        expression: its text, as the user gave it.
        array: the value.
        dtype: PyTorch's name of its dtype, without `torch.`.
        grad_fn: the name of the node that made it; None for a leaf.
    """

    expression: str
    array: Any
    dtype: str
    grad_fn: str | None


class Gradient(NamedTuple):
    """A tensor that was differentiated for.

    Attributes:
        name: the name it has in the expressions.
        array: its value.
        dtype: PyTorch's name of its dtype, without `torch.`.
        grad: the gradient, of the value's shape; None where there is none.
        absent: why there is none.
        origin: `bound`, `default` (a name that nothing bound), `made` (in the program) or `retained`.
        verdict: what the witnesses say of it; empty where they were not asked.
    """

    name: str
    array: Any
    dtype: str
    grad: Any | None
    absent: str
    origin: str
    verdict: str = ""


class Evaluation(NamedTuple):
    """What `eval` found.

    Attributes:
        roots: one per expression.
        gradients: one per tensor differentiated for; empty where backward did not run.
        differentiated: whether backward ran.
        defaults: the names that nothing bound.
        default: the expression they stand for.
        notes: facts that the user should know, a sentence each.
    """

    roots: tuple[Root, ...]
    gradients: tuple[Gradient, ...]
    differentiated: bool
    defaults: tuple[str, ...]
    default: str
    notes: tuple[str, ...]


class OperationLine(NamedTuple):
    """One operation in a list."""

    name: str
    signature: str
    summary: str


class Family(NamedTuple):
    """The operations of one family."""

    name: str
    operations: tuple[OperationLine, ...]


class Operations(NamedTuple):
    """All operations, by family."""

    families: tuple[Family, ...]


class Partial(NamedTuple):
    """A derivative as a formula.

    Attributes:
        argument: what it is the derivative for.
        formula: its text, or why there is none.
        through: the part of a composite operation that it belongs to; empty for the operation's own.
        whole: it is the gradient for the argument, made of the result's gradient g, not a factor per element.
    """

    argument: str
    formula: str
    through: str = ""
    whole: bool = False


class Operation(NamedTuple):
    """One operation, with everything that its record says.

    Attributes:
        name: its name.
        family: the family it belongs to.
        kind: `elementwise`, `linear`, `general` or `composite`.
        signature: how it is called.
        summary: what it is, in one sentence.
        spellings: every full name, below `torch`.
        node: PyTorch's name of the graph node; empty where several fit.
        partials: the derivatives.
        domain: where each argument is defined and differentiable.
        kinks: what is taken as the derivative where there is none, a sentence each.
        source: the literature.
        example: an expression; empty where there is none.
        example_result: what evaluating the example gave.
    """

    name: str
    family: str
    kind: str
    signature: str
    summary: str
    spellings: tuple[str, ...]
    node: str
    partials: tuple[Partial, ...]
    domain: tuple[Partial, ...]
    kinks: tuple[str, ...]
    source: str
    example: str
    example_result: Evaluation | None


class Outcome(NamedTuple):
    """What became of one sample of a run.

    Attributes:
        path: its file, as the user knows it.
        name: the name of the case; empty for a script.
        status: `passed`; `failed` (it ran, and something is not as it must be); `error` (it could not be run
            at all); `inconclusive` (nobody could tell); `skipped` (the run ended before its turn).
        seconds: how long it took.
        reason: why it did not pass, in one line; of one that passed, what else is to be known.
        output: what it printed.
        messages: diagnostics, as they came; the one that decided is the last.
    """

    path: str
    name: str
    status: str
    seconds: float = 0.0
    reason: str = ""
    output: str = ""
    messages: tuple[Any, ...] = ()

    @property
    def title(self) -> str:
        """The sample's name in lists: `cases.toml: a name`, or the path of a script."""
        return f"{self.path}: {self.name}" if self.name else self.path


class Batch(NamedTuple):
    """What became of a run.

    Attributes:
        outcomes: one per sample, in the order of the paths and of each file.
        seconds: how long all of it took.
        ended: why it ended early: `interrupted`, `terminated` or `fail-fast`; empty where it did not.
    """

    outcomes: tuple[Outcome, ...]
    seconds: float
    ended: str = ""

    def counts(self) -> dict[str, int]:
        """Returns how many samples have each status, those that none has left out."""
        found: dict[str, int] = {}
        for status in ("passed", "failed", "error", "inconclusive", "skipped"):
            number = sum(outcome.status == status for outcome in self.outcomes)
            if number:
                found[status] = number
        return found


class Sight(NamedTuple):
    """What one witness saw of one variable.

    Attributes:
        witness: `symbolic`, `complex`, `fd`, `precise` or `forward`.
        judged: how many elements it spoke of.
        digits: decimal digits of agreement at the element where it agrees least; None where it was silent.
        silence: why it said nothing, or not of every element; one line.
    """

    witness: str
    judged: int
    digits: float | None
    silence: str = ""


class Element(NamedTuple):
    """One element of a gradient that is worth showing.

    Attributes:
        at: where it stands.
        value: the variable there.
        gradient: what is judged.
        reference: what the best witness says; None where none spoke.
        verdict: as of the variable.
        left, right: the one-sided derivatives at a kink or an edge; None elsewhere.
        note: what else is to be said of it.
    """

    at: tuple[int, ...]
    value: float
    gradient: float
    reference: float | None
    verdict: str
    left: float | None = None
    right: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The gradient over the reference; None where that says nothing."""
        if self.reference is None or not self.reference:
            return None
        return self.gradient / self.reference


class Judged(NamedTuple):
    """The verdict on the gradient for one variable.

    Attributes:
        name: the variable.
        shape: its shape.
        verdict: the gravest of its elements': `wrong`, `inconclusive`, `edge`, `kink` or `agrees`.
        counts: how many elements have each verdict.
        judged: how many elements at least one witness spoke of.
        total: how many there are.
        sights: what each witness saw.
        worst: the element that agrees least.
        elements: those that do not simply agree, the gravest first; not all where there are many.
        notes: what else is to be known, a sentence each.
    """

    name: str
    shape: tuple[int, ...]
    verdict: str
    counts: dict[str, int]
    judged: int
    total: int
    sights: tuple[Sight, ...]
    worst: Element | None
    elements: tuple[Element, ...]
    notes: tuple[str, ...] = ()


class Check(NamedTuple):
    """What `check` found.

    Attributes:
        expressions: what was differentiated, as the user gave it.
        subject: `gradient`, `claim` (the user's own) or `second` (the gradient of the gradient).
        verdict: the gravest of the variables'.
        variables: one verdict each.
        causes: what is wrong, with its place: diagnostics, the gravest first.
        notes: facts that the user should know, a sentence each.
        seed: of everything random.
        points: at how many points it was judged.
        reproduce: the command that shows a failure at its simplest point; empty where there is none.
    """

    expressions: tuple[str, ...]
    subject: str
    verdict: str
    variables: tuple[Judged, ...]
    causes: tuple[Any, ...] = ()
    notes: tuple[str, ...] = ()
    seed: int = 0
    points: int = 1
    reproduce: str = ""


class Result(NamedTuple):
    """One output of a graph node: its name, value and gradient (None: not known, or nothing arrived)."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    value: Any | None
    gradient: Any | None


class Flow(NamedTuple):
    """What a node hands to one of its inputs in the backward pass.

    Attributes:
        to: the number of the node it goes to; None where the input does not require grad.
        output: which of that node's outputs it is for.
        operand: the input's name.
        rule: the input's gradient as a formula of the node's, which is called g; empty where none is known.
        local: the local derivative as a formula, where gradients are multiplied by one.
        factor: the local derivative's numbers.
        sent: what the rule gave; None where backward did not come here.
        dims: those that broadcasting added, which `sent` is summed over.
    """

    to: int | None
    output: int
    operand: str
    rule: str = ""
    local: str = ""
    factor: Any | None = None
    sent: Any | None = None
    dims: tuple[int, ...] = ()


class Kept(NamedTuple):
    """A value saved for backward; `status` afterwards is `kept`, `freed` or `changed` (in place)."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    version: int | None
    expected: int
    status: str


class GraphNode(NamedTuple):
    """A node of the graph.

    Attributes:
        number: its place in the order in which backward visits the nodes, from 1.
        name: PyTorch's name of it.
        variable: of a leaf's node, the variable's name.
        operation: the record's name; empty where it has none.
        text: the part of the expression that made it.
        label: what its result is called in formulas.
        formula: the operation in those names.
        results: one per output.
        flows: one per entry of PyTorch's next_functions.
        saved: what it keeps for backward.
        again: why a second backward would raise here; empty where it would not.
        kinks: what is taken as the derivative where this point has none, a sentence each.
        visited: whether backward came here.
    """

    number: int
    name: str
    variable: str
    operation: str
    text: str
    label: str
    formula: str
    results: tuple[Result, ...]
    flows: tuple[Flow, ...]
    saved: tuple[Kept, ...]
    again: str
    kinks: tuple[str, ...]
    visited: bool


class Answer(NamedTuple):
    """A variable with its gradient: its node's number, the formula where one is known, and the numbers."""

    name: str
    number: int
    formula: str
    value: Any
    gradient: Any | None


class Graph(NamedTuple):
    """The autograd graph of expressions.

    Attributes:
        expressions: as the user gave them.
        roots: per expression, the number of its node and the output.
        nodes: by number.
        forward: the numbers in the order in which the operations ran.
        answers: one per variable.
        notes, defaults, default: as of an evaluation.
        differentiated: whether backward ran.
        result: what gradients are gradients of, as in `dL/dx`.
        scalar: whether that is the one value of the one expression, so that backward starts from 1.
        glossary: words in formulas that no user can call, with what they mean.
    """

    expressions: tuple[str, ...]
    roots: tuple[tuple[int, int], ...]
    nodes: tuple[GraphNode, ...]
    forward: tuple[int, ...]
    answers: tuple[Answer, ...]
    notes: tuple[str, ...]
    defaults: tuple[str, ...]
    default: str
    differentiated: bool
    result: str = "L"
    scalar: bool = True
    glossary: tuple[tuple[str, str], ...] = ()


class Variable(NamedTuple):
    """What derivatives are taken for.

    Attributes:
        name: the name it has in the expressions.
        array: its value.
        dtype: PyTorch's name of its dtype, without `torch.`.
        default: whether nothing bound it.
    """

    name: str
    array: Any
    dtype: str
    default: bool = False


class Block(NamedTuple):
    """The derivative of one root for one variable.

    Attributes:
        root: the number of the root.
        name: the variable.
        array: the derivatives, of the root's shape followed by the variable's.
        dependent: whether the root depends on the variable at all.
    """

    root: int
    name: str
    array: Any
    dependent: bool = True


class Jacobian(NamedTuple):
    """All first derivatives.

    Attributes:
        roots: the values.
        variables: what they are differentiated for.
        blocks: one per root and variable, root by root.
        mode: `forward` or `reverse`.
        how: the mode and what it took, in a sentence.
        directions: how many tangents or cotangents went through the program.
        passes: in how many batches.
        notes: facts that the user should know, a sentence each.
    """

    roots: tuple[Root, ...]
    variables: tuple[Variable, ...]
    blocks: tuple[Block, ...]
    mode: str
    how: str
    directions: int
    passes: int
    notes: tuple[str, ...] = ()


class Hessian(NamedTuple):
    """All second derivatives of one number, and what they say of the point.

    Attributes:
        root: the value.
        variables: what it is differentiated for.
        gradient: all first derivatives, variable after variable.
        matrix: all second derivatives, in the same order.
        mode: `forward` (over reverse) or `reverse` (over reverse).
        how: the mode and what it took, in a sentence.
        eigenvalues: rising; None where they cannot be computed.
        condition: the largest over the smallest of their magnitudes; None as above.
        asymmetry: the largest difference between the matrix and its transpose.
        gradient_norm: Euclidean.
        point: `minimum`, `maximum`, `saddle`, `degenerate`, `not stationary` or `undefined`.
        verdict: that in a sentence.
        notes: facts that the user should know, a sentence each.
    """

    root: Root
    variables: tuple[Variable, ...]
    gradient: Any
    matrix: Any
    mode: str
    how: str
    eigenvalues: Any | None
    condition: float | None
    asymmetry: float
    gradient_norm: float
    point: str
    verdict: str
    notes: tuple[str, ...] = ()


class Moved(NamedTuple):
    """What a direction makes of something.

    Attributes:
        name: a variable, or the text of a root.
        array: its value.
        derivative: along the direction, of the value's shape.
    """

    name: str
    array: Any
    derivative: Any


class Directional(NamedTuple):
    """Derivatives along one direction.

    Attributes:
        product: `jvp` (of the roots) or `hvp` (of the gradient of the root).
        roots: the values.
        directions: each variable with its part of the direction.
        results: what moves: the roots, or per variable the product of the Hessian with the direction.
        mode: `forward` or `reverse`.
        how: the mode, in a sentence.
        slope: of an hvp, the derivative of the root along the direction.
        curvature: of an hvp, the second derivative along the direction scaled to length 1; None for zero.
        notes: facts that the user should know, a sentence each.
    """

    product: str
    roots: tuple[Root, ...]
    directions: tuple[Moved, ...]
    results: tuple[Moved, ...]
    mode: str
    how: str
    slope: float | None = None
    curvature: float | None = None
    notes: tuple[str, ...] = ()


class Progress(NamedTuple):
    """Where a minimisation stood after a number of steps."""

    step: int
    loss: float
    gradient_norm: float


class Minimization(NamedTuple):
    """What a minimisation came to.

    Attributes:
        expression: what was minimised.
        optimizer: its name.
        settings: its numbers, by name.
        status: `converged`, `stopped` (out of steps, or no step helps any more) or `diverged`.
        cause: why it ended, in a sentence.
        variables: the final ones.
        gradients: at the end, by name; None where nothing leads there.
        history: at the start and after every step.
        suggestion: a learning rate that does better; None where there is none to give.
        curvature: the largest magnitude of an eigenvalue of the Hessian at the start; None where unknown.
        notes: facts that the user should know, a sentence each.
    """

    expression: str
    optimizer: str
    settings: dict[str, float]
    status: str
    cause: str
    variables: tuple[Variable, ...]
    gradients: dict[str, Any]
    history: tuple[Progress, ...]
    suggestion: float | None = None
    curvature: float | None = None
    notes: tuple[str, ...] = ()
