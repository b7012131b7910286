"""One operation, one record: what every reader of an operation needs, in one place.

A record holds a name, implementations in the algebras that have one of their own
(`numpy`, `complex`, `sympy`, `mpmath`), and derivative formulas written once against an
algebra `m` (see `gradcli.ops.algebra`). Four kinds:

* `elementwise`: one partial derivative per argument; vjp and jvp follow.
* `linear`: a map and its transposes; linear in all arguments jointly (`cat`) or in each
  alone (`matmul`, `multilinear=True`); the jvp is the map itself.
* `general`: a vjp and a jvp per argument.
* `composite`: a front that calls other records, composite where PyTorch's is.

A formula is a plain function. Its first parameter is the algebra `m`; each further one is
looked up by its name, and what a formula names is what backward saves:

=============  ==========================================================================
`g`            the cotangent of the output (`gs`: a tuple, one per output)
`t`            the tangent of the argument a jvp is for
an argument    the value of that argument (saved); of a variadic one the list of its values
`y`            the result (saved); an output's name where there are several
`x_shape`      the shape of argument x (not saved); `y_shape`: of the result
`shapes`, `i`  all argument shapes, and the position of the argument the rule is for
a parameter    the normalised keyword parameter of that name
=============  ==========================================================================

Stacks: dims in parameters are negative, counted from the right, and formulas keep them so,
so that extra leading axes are a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

from gradcli.ops.domain import REAL, Domain

__all__ = ["NO_PARAMS", "Params", "Record", "composite", "elementwise", "general", "linear", "with_number"]

Params = Mapping[str, Any]
Rule = Any  # a formula, a constant (elementwise partials only), or None: not differentiable
NO_PARAMS: dict[str, Any] = {}


class Record:
    """An operation. Built by `elementwise`, `linear`, `general` and `composite` only.

    Attributes:
        name: unique key, and how formulas call it (`m.name`).
        kind: "elementwise", "linear", "general" or "composite".
        args: names of the value arguments; a last one with a star stands for any number of values.
        outputs: names of the outputs; `("y",)` for one.
        node: PyTorch's name of the graph node, or a function of the parameters.
        numpy: the stable implementation on arrays, `(*values, **params)`.
        complex: the same on complex arrays where it differs, False where the operation is
            not analytic and has no complex step; None: `numpy` serves.
        sympy: a name in sympy, or `(S, *values, **params)` on scalar expressions for the
            elementwise kind; on object arrays for the others; None: `definition`, else
            `numpy` on object arrays.
        mpmath: a name in mpmath, or `(P, *values, **params)`; None: as for sympy.
        definition: the plain mathematical formula `(m, *values, **params)` where the numpy
            form is a rewrite for stability; what the witnesses use.
        rules: per argument, the partial, transpose or vjp formula; None where the argument
            is not differentiable. A variadic argument has one rule for all its values.
        jvps: per argument (general kind only), the tangent formula.
        multilinear: linear in each argument alone.
        discrete: names of arguments that are indices or masks: never cast, never differentiated.
        promote: how argument dtypes meet: "promote" (PyTorch's promotion), "float" (promote,
            then integers to the default float), "keep" (no casts), "same" (must agree).
        view: the numpy form returns a view of the first argument where memory allows.
        grows: the result can be much larger than the arguments; `infer` is asked first.
        infer: result shape(s) from `(shapes, **params)`, or PyTorch's error; None: broadcast
            for elementwise, otherwise found by the map on an empty stand-in.
        front: PyTorch's call: `(m, *args, **kwargs)` -> values; None: the arguments as they are.
        domain: per argument, where it is defined and differentiable.
        kinks: what is declared at points without a derivative, one sentence each.
        samples: `(s)` -> list of `(values, params)` for the laws; None for elementwise kinds
            (drawn from the domain). `s` draws seeded arrays: `s.normal(2, 3)`, ....
        stacks: False where extra leading axes are not a batch and must be looped over.
        family, summary, source, example: for people; `example` is an expression that runs.
        faces: where it is found: any of "torch", "method", "F", "linalg", "special".
        aliases: further full names, such as "special.expit" or "Tensor.absolute".
        inplace: a method `name_` exists.
    """

    __slots__ = (
        "aliases", "args", "compiled", "complex", "definition", "discrete", "domain", "example", "faces",
        "family", "front", "grows", "infer", "inplace", "jvps", "kind", "kinks", "mpmath", "multilinear",
        "name", "node", "numpy", "outputs", "promote", "rules", "samples", "source", "stacks", "star",
        "summary", "sympy", "view",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913 - a record is this many facts
        self,
        kind: str,
        name: str,
        *,
        args: tuple[str, ...] = ("x",),
        outputs: tuple[str, ...] = ("y",),
        node: str | Callable[..., str] = "",
        numpy: Callable[..., Any] | None = None,
        complex: Callable[..., Any] | bool | None = None,  # noqa: A002 - the field's name
        sympy: str | Callable[..., Any] | None = None,
        mpmath: str | Callable[..., Any] | None = None,
        definition: Callable[..., Any] | None = None,
        rules: tuple[Rule, ...] = (),
        jvps: tuple[Rule, ...] = (),
        multilinear: bool = False,
        discrete: tuple[str, ...] = (),
        promote: str = "promote",
        view: bool = False,
        grows: bool = False,
        infer: Callable[..., Any] | None = None,
        front: Callable[..., Any] | None = None,
        domain: tuple[Domain, ...] = (),
        kinks: tuple[str, ...] = (),
        samples: Callable[..., Any] | None = None,
        stacks: bool = True,
        family: str = "",
        summary: str = "",
        source: str = "",
        example: str = "",
        faces: str = "torch method",
        aliases: tuple[str, ...] = (),
        inplace: bool = False,
    ) -> None:
        self.kind = kind
        self.name = name
        self.star = len(args) - 1 if args[-1].startswith("*") else -1  # position of the variadic argument
        self.args = tuple(arg.lstrip("*") for arg in args)
        self.outputs = outputs
        self.node = node
        self.numpy = numpy
        self.complex = complex
        self.sympy = sympy
        self.mpmath = mpmath
        self.definition = definition
        self.rules = rules
        self.jvps = jvps
        self.multilinear = multilinear
        self.discrete = discrete
        self.promote = promote
        self.view = view
        self.grows = grows
        self.infer = infer
        self.front = front
        self.domain = domain
        self.kinks = kinks
        self.samples = samples
        self.stacks = stacks
        self.family = family
        self.summary = summary
        self.source = source
        self.example = example
        self.faces = faces
        self.aliases = aliases
        self.inplace = inplace
        self.compiled: dict[Any, Any] = {}  # backward rules by pattern of needed arguments

    def __repr__(self) -> str:
        return f"<{self.kind} record {self.name}>"

    @property
    def differentiable(self) -> bool:
        """Whether any argument has a derivative rule."""
        return any(rule is not None for rule in self.rules)

    def node_name(self, params: Params) -> str:
        """PyTorch's name for a node of this operation, such as `SumBackward1`."""
        return self.node if isinstance(self.node, str) else self.node(**params)

    def rule(self, position: int) -> Rule:
        """The derivative rule for the argument at `position`."""
        return self.rules[min(position, self.star) if self.star >= 0 else position]

    def argument(self, position: int) -> str:
        """The name of the argument at `position`."""
        return self.args[min(position, self.star) if self.star >= 0 else position]

    def spellings(self) -> tuple[str, ...]:
        """Every full name it has under `torch`; a method is `Tensor.name`."""
        if not self.faces:
            return self.aliases
        prefix = {
            "torch": "",
            "method": "Tensor.",
            "F": "nn.functional.",
            "linalg": "linalg.",
            "special": "special.",
        }
        names = tuple(prefix[face] + self.name for face in self.faces.split())
        if self.inplace:
            names += (f"Tensor.{self.name}_",)
        return names + self.aliases


def elementwise(name: str, *, partials: tuple[Rule, ...] = (), **facts: Any) -> Record:
    """Returns the record of a function applied to each element (with broadcasting).

    `partials` holds one rule per argument: a number, a formula for the partial derivative, or
    None for an argument without one. A formula may return `m.select(mask, value)`: where the
    mask is false the cotangent is dropped, never multiplied by zero.
    """
    arity = max(len(partials), 1)
    facts.setdefault("args", {1: ("x",), 2: ("a", "b")}.get(arity, ()))
    facts.setdefault("domain", (REAL,) * len(facts["args"]))
    return Record("elementwise", name, rules=partials, **facts)


def linear(name: str, *, transposes: tuple[Rule, ...], **facts: Any) -> Record:
    """Returns the record of a linear map: `numpy` is the map, `transposes` one rule per argument."""
    return Record("linear", name, rules=transposes, **facts)


def general(name: str, *, vjps: tuple[Rule, ...], jvps: tuple[Rule, ...] = (), **facts: Any) -> Record:
    """Returns the record of an operation with a vjp and a jvp per argument."""
    return Record("general", name, rules=vjps, jvps=jvps, **facts)


def composite(name: str, **facts: Any) -> Callable[[Callable[..., Any]], Record]:
    """Returns a decorator that makes a function `(m, *args, **kwargs)` over other records a record."""

    def make(front: Callable[..., Any]) -> Record:
        return Record("composite", name, front=front, **facts)

    return make


def with_number(record: Record, position: int, name: str, node: str) -> Record:
    """Returns the elementwise record of the same function with a plain number at a position.

    PyTorch has operations of their own for that: other node names, and no entry for the number among a
    node's next functions. The number still takes part in promotion.
    """
    form = copy(record)
    form.name, form.node = name, node
    form.rules = tuple(None if i == position else rule for i, rule in enumerate(record.rules))
    form.front, form.faces, form.aliases, form.inplace, form.example = None, "", (), False, ""
    form.compiled = {}
    return form
