"""Random well-formed expressions over all operations, as texts with bindings, drawn by a seed.

An operation is called as its record's example calls it; what the example takes is replaced by further
expressions, by variables of other shapes that broadcast, and by values of awkward sizes.
"""

from __future__ import annotations

import ast
import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from gradcli.diagnostics import GradcliError
from gradcli.explorer.job import Job, job_session, read_job
from gradcli.explorer.request import EvalRequest
from gradcli.explorer.tracing import Traced, trace_job
from gradcli.ops.catalog import catalog

SHAPES = {"x": (2, 2), "y": (2, 2), "v": (2,), "s": ()}
MAKERS = ("ones", "zeros", "randn")
PREFIXES = {"torch": "", "F": "F.", "linalg": "linalg.", "special": "special."}
RANDOM = ("dropout", "rand", "bernoulli", "multinomial", "normal", "rrelu", "gumbel", "shuffle", "fractional")
ONE_TRIANGLE = ("cholesky", "eigh", "eigvalsh")  # of a symmetric matrix: of others it is a convention
GLUE = (
    "{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} / {1}", "{0} * {1} + {0}", "-{0} * {1}", "{0} ** 2 + {1}",
    "where({0} > {1}, {0}, {1})", "maximum({0}, {1})", "0.5 * {0} * {1}", "{0} @ {1}", "({0} - {1}) ** 3",
    "2 ** {0} * {1}", "1 / (1 + {0} ** 2) + {1}", "{0} * {1}.mean()", "atan2({0}, {1})", "hypot({0}, {1})",
)  # fmt: skip
SQUASHES = ("tanh({0})", "sigmoid({0})", "({0} / 8)", "sin({0})")
PARTS = (
    "{0}[0]",
    "{0}[..., -1]",
    "{0}[..., None]",
    "{0}.reshape(-1)",
    "{0}.flip(0)",
    "{0}[{0} > 0]",
    "{0}[[0, 0]]",
)
ENDS = (
    "sum({0})",
    "mean({0})",
    "sum(sin({0}))",
    "sum({0} * {0})",
    "{0}",
    "sum({0} * x)",
    "sum(tanh({0}) * v)",
)
WRITES = (
    "a = {0} * 1; a.mul_({1}); sum(a * {2})", "a = {0} * 1; a[0] = {1}; sum(a * a * {2})",
    "a = {0} + 0; a += {1}; b = a[0]; b.mul_(2); sum(a * {2})",
    "a = {0} * 2; a[..., 0] *= {1}; sum(sin(a) * {2})",
    "a = {0} - 0; a.sigmoid_(); sum(a * {1} + {2})", "a = zeros(2, 2); a[:, 1] = {1}; sum(a * {0} * {2})",
    "a = {0} * 1; a.clamp_(-1, 1); sum(a * {1} * {2})", "a = {0}.detach() * {1}; sum(a * {2})",
)  # fmt: skip


class Drawn(NamedTuple):
    """An expression with its bindings; `request` is what `gradcli check` is asked."""

    text: str
    bindings: tuple[str, ...]
    dtype: str

    @property
    def request(self) -> EvalRequest:
        return EvalRequest((self.text,), self.bindings, dtype=self.dtype)

    @property
    def command(self) -> str:
        import shlex

        words = ["gradcli", "check", self.text, *(w for one in self.bindings for w in ("-v", one))]
        return shlex.join(words + (["--dtype", self.dtype] if self.dtype != "float64" else []))


class Expressions:
    """Draws expressions that run."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.refused = 0

    def draw(self) -> tuple[Drawn, Traced]:
        """An expression and its run; those that have no value or no gradient are drawn again."""
        while True:
            drawn = self._candidate()
            try:
                return drawn, run(drawn)
            except (GradcliError, RecursionError):
                self.refused += 1

    def _pick(self, many: Any) -> Any:
        return many[int(self.random.integers(len(many)))]

    def _candidate(self) -> Drawn:
        depth = int(self.random.integers(1, 7))
        self.shapes: dict[str, tuple[int, ...]] = {}
        if self.random.random() < 0.12:
            parts = [self._expression(max(1, depth // 2)) for _ in range(3)]
            text = self._pick(WRITES).format(*parts)
        else:
            text = self._pick(ENDS).format(self._expression(depth))
        names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        shapes = {name: shape for name, shape in (SHAPES | self.shapes).items() if name in names}
        bindings = tuple(f"{name}={self._values(shape).tolist()}" for name, shape in shapes.items())
        return Drawn(text, bindings, "float32" if self.random.random() < 0.2 else "float64")

    def _expression(self, depth: int) -> str:
        if depth <= 0:
            return str(self._pick(("x", "x", "x", "y", "v", "s")))
        chance = self.random.random()
        if chance < 0.25:
            return (
                "(" + self._pick(GLUE).format(self._expression(depth - 1), self._expression(depth - 2)) + ")"
            )
        if chance < 0.32:
            return str(self._pick(PARTS).format(self._expression(depth - 1)))
        return self._called(self._pick(templates()), depth - 1)

    def _called(self, template: str, depth: int) -> str:
        tree = ast.parse(template, mode="eval")
        inner = self._expression(depth) if self.random.random() < 0.7 else self._squashed(depth)
        if any(name in template for name in ONE_TRIANGLE):
            inner = f"({inner} + ({inner}).mT)"
        return "(" + ast.unparse(_Filled(self, inner, depth).visit(tree)) + ")"

    def _squashed(self, depth: int) -> str:
        """An expression whose values are kept small, so that exp of exp is not all there is."""
        return str(
            self._pick(("tanh({0})", "sigmoid({0})", "({0} / 8)", "sin({0})")).format(
                self._expression(depth - 1)
            )
        )

    def variable(self, shape: tuple[int, ...]) -> str:
        """The name of a variable of a shape."""
        name = "w" + "_".join(map(str, shape))
        self.shapes[name] = shape
        return name

    def _values(self, shape: tuple[int, ...]) -> Any:
        random = self.random
        x = random.standard_normal(shape)
        styles = (
            lambda: x, lambda: x, lambda: abs(x) + 0.1, lambda: random.uniform(0.05, 0.95, shape),
            lambda: 10 ** random.uniform(-8, 8, shape) * np.sign(x), lambda: x * 1e-8, lambda: x * 1e8,
            lambda: 10.0 ** random.integers(-8, 9) * x, lambda: np.round(x), lambda: np.round(2 * x),
            lambda: np.where(random.random(shape) < 0.4, 0.0, x), lambda: np.ones(shape),
            lambda: np.zeros(shape), lambda: np.full(shape, float(np.round(random.standard_normal(), 2))),
            lambda: np.round(x, 2), lambda: 3 * x, lambda: random.integers(1, 4, shape).astype(float),
        )  # fmt: skip
        return np.asarray(self._pick(styles)())


class _Filled(ast.NodeTransformer):
    """A template with its `x` and its constant tensors replaced."""

    def __init__(self, owner: Expressions, inner: str, depth: int) -> None:
        self.owner, self.inner, self.depth = owner, inner, depth

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == "y":
            return ast.parse(self.owner._expression(self.depth - 1), mode="eval").body
        return ast.parse(self.inner, mode="eval").body if node.id == "x" else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        made = isinstance(node.func, ast.Name) and node.func.id in MAKERS
        sizes = [a.value for a in node.args if isinstance(a, ast.Constant)]
        if made and sizes and self.owner.random.random() < 0.8 and math.prod(sizes) <= 64:
            return ast.Name(self.owner.variable(tuple(sizes)))
        node.args = [self.visit(a) for a in node.args]
        node.keywords = [self.visit(k) for k in node.keywords]
        node.func = self.visit(node.func) if isinstance(node.func, ast.Attribute) else node.func
        return node


def run(drawn: Drawn) -> Traced:
    """Returns the run of an expression with the gradient that autograd gives it."""
    with job_session(drawn.request):
        return trace_job(job_of(drawn))


def job_of(drawn: Drawn) -> Job:
    """Returns what `check` makes of an expression; inside a session."""
    return read_job(drawn.request)


@cache
def templates() -> list[str]:
    """Calls of all operations, each of which gives a tensor of floats of a variable x (and y)."""
    found = []
    for record in catalog().values():
        if any(word in record.name for word in RANDOM):
            continue
        for call in _calls(record):
            for form in ("{}", "({})[0]", "({})[-1]", "({}).float()"):
                text = form.format(call)
                if _runs(text):
                    found.append(text)
                    break
    return found


def _calls(record: Any) -> list[str]:
    calls = [record.example] if record.example else []
    arity = len(record.args)
    for face in record.faces.split():
        values = ("x", "y", "0.5")[:arity]
        if record.kind == "elementwise" and face in PREFIXES and not record.example:
            calls.append(f"{PREFIXES[face]}{record.name}({', '.join(values)})")
        if face == "method" and not record.example and record.kind == "elementwise":
            calls.append(f"x.{record.name}({', '.join(values[1:])})")
    return calls


def _runs(text: str) -> bool:
    try:
        run(
            Drawn(
                f"sum(({text}).clone() * 1.0) + 0 * sum(x)",  # clone: a tuple of tensors has none
                ("x=[[1, 0.5], [0.25, 2]]", "y=[[1, 3], [2, 1]]"),
                "float64",
            )
        )
    except GradcliError:
        return False
    return True
