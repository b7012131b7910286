"""The algebra of formulas: records applied to terms give terms, simplified as they are made."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.explorer.diff.axes import Axes
from gradcli.explorer.diff.terms import BOOL, FLOAT, Array, Term
from gradcli.explorer.terms import exact
from gradcli.ops.algebra import NUMPY, Algebra
from gradcli.ops.shapes import broadcast_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.explorer.diff.patterns import Rule
    from gradcli.ops.record import Params, Record

__all__ = ["Formulas", "frozen_params"]

# Reductions of which one form is enough: without the dims that they reduce.
REDUCTIONS = {"norm_dims", "amax", "amin", "prod_dims", "logsumexp", "var_dims", "std_dims"}
NUMBERED = {"number": 1.0, "leaf": 2.0, "count": 2.0, "named": 2.0, "array": 2.0}


class Formulas(Algebra):
    """Makes terms, each once.

    Attributes:
        axes: of the leaves.
        simplify: whether rules are used, and derivatives in the form of books.
        guards: whether what a rule does only at exceptional points (a norm of zero) is left out.
        used: the names of the rules that made something simpler.
        assumed: what is taken from the constants as they are bound, a sentence each.
    """

    def __init__(self, *, simplify: bool = True, guards: bool = False) -> None:
        from gradcli.explorer.diff.rules import RULES  # the rules speak of the terms made here

        self.axes = Axes()
        self.simplify = simplify
        self.guards = guards
        self.used: dict[str, str] = {}
        self.assumed: dict[str, None] = {}
        self._rules: dict[str, list[Rule]] = RULES if simplify else {}
        self._made: dict[Any, Term] = {}
        self._count = 0
        self.values: dict[Term, Any] = {}  # of leaves at the point
        self.at: tuple[Term, ...] = ()  # the arguments of the call whose rule runs

    # what everything is made by

    def make(  # noqa: PLR0913 - the parts of a node
        self,
        op: str,
        args: tuple[Term, ...],
        data: Any,
        shape: tuple[int, ...],
        dtype: Any = FLOAT,
        axes: tuple[Any, ...] | None = None,
    ) -> Term:
        """Returns the term of these parts, or what a rule makes of it."""
        key = (op, *_identity(op, args, data), shape, dtype.str)
        known = self._made.get(key)
        if known is not None:
            return known
        term = Term(self, op, args, data, shape, dtype)
        term.index = self._count
        self._count += 1
        term.axes = self.axes.together(list(args), shape) if axes is None else axes
        term.size = _size(term)
        found = term
        for rule in self._rules.get(op, ()):
            simpler = rule.rewrite(self, term)
            # Only what becomes smaller is taken: so the rules come to an end.
            if simpler is not None and simpler.size < term.size and simpler.shape == shape:
                self.used[rule.name] = rule.identity
                found = simpler
                break
        self._made[key] = found
        return found

    def leaf(self, name: str, array: Any, *, moving: bool) -> Term:
        """Returns a variable or a constant with a name."""
        term = self.make("leaf", (), name, array.shape, array.dtype, self.axes.leaf(name, array.shape))
        term.moving = moving
        self.values[term] = array
        return term

    def number(self, value: Any) -> Term:
        """Returns a plain number."""
        return self.make("number", (), value if value.__class__ is Fraction else exact(value), (), FLOAT)

    def filled(self, value: Any, shape: tuple[int, ...]) -> Term:
        """Returns a number repeated to a shape."""
        return self.broadcast(self.number(value), shape)

    def constant(self, array: Any) -> Term:
        """Returns a constant array without a name; one of equal elements as the number that it repeats."""
        if array.size and array.dtype.kind == "f" and (array == array.flat[0]).all():
            return self.filled(array.flat[0], array.shape)
        if (
            array.ndim == 2  # noqa: PLR2004 - a matrix
            and array.shape[0] == array.shape[1]
            and array.dtype.kind == "f"
            and np.array_equal(array, np.eye(len(array)))
        ):
            return self.make("eye", (), len(array), array.shape)
        return self.make(
            "array",
            (),
            Array(array),
            array.shape,
            array.dtype,
            tuple(() if s == 1 else None for s in array.shape),
        )

    def broadcast(self, term: Term, shape: tuple[int, ...], like: Term | None = None) -> Term:
        """Returns a term repeated to a shape; `like` another that runs along its axes."""
        from gradcli.explorer.diff.arrangement import expand  # the terms of shape are made of those made here

        return expand(self, term, shape, like)

    def lift(self, value: Any) -> Term:
        """Returns a term, or a plain number or array as one."""
        if value.__class__ is Term:
            return value
        return self.constant(value) if isinstance(value, np.ndarray) else self.number(value)

    # what records are applied by

    def apply(self, record: Record, values: Sequence[Any], params: Params) -> Any:
        """Returns a record's result: in the kinds of terms there are, else as a call of it."""
        from gradcli.explorer.diff.records import MEANINGS  # as in `make`

        terms = [self.lift(value) for value in values]
        if params.get("keepdim") and record.name in REDUCTIONS:
            from gradcli.explorer.diff.arrangement import unsqueeze  # as in `make`

            return unsqueeze(self, self.apply(record, terms, {**params, "keepdim": False}), params["dims"])
        meaning: Callable[..., Any] | None = MEANINGS.get(record.name)
        found = None if meaning is None else meaning(self, *terms, **params)
        return self.call(record, terms, params) if found is None else found

    def call(self, record: Record, terms: Sequence[Term], params: Params) -> Any:
        """Returns the call of a record; a tuple where it has several results."""
        shapes, dtypes = self._outcome(record, terms, params)
        data = (record, frozen_params(params))
        if len(shapes) == 1:
            return self.make(
                "call", tuple(terms), data, shapes[0], dtypes[0], self._axes_of(record, terms, shapes[0])
            )
        whole = self.make("calls", tuple(terms), data, (len(shapes),), FLOAT)
        return tuple(
            self.make("item", (whole,), i, shape, dtype, (None,) * len(shape))
            for i, (shape, dtype) in enumerate(zip(shapes, dtypes, strict=True))
        )

    def _axes_of(self, record: Record, terms: Sequence[Term], shape: tuple[int, ...]) -> tuple[Any, ...]:
        if record.kind == "elementwise":
            return self.axes.together(list(terms), shape)
        if len(terms) == 1 and terms[0].shape == shape:
            return terms[0].axes
        return tuple(() if size == 1 else None for size in shape)

    def _outcome(self, record: Record, terms: Sequence[Term], params: Params) -> tuple[list[Any], list[Any]]:
        """The shapes and dtypes of a call's results: by its own rule, else by doing it at random."""
        if record.kind == "elementwise" and len(record.outputs) == 1:
            return [broadcast_all([term.shape for term in terms])], [_elementwise_dtype(record, terms)]
        if record.infer is not None and len(record.outputs) == 1:
            shape = record.infer(*[term.shape for term in terms], **params)
            if not shape or isinstance(shape[0], (int, np.integer)):
                return [tuple(shape)], [terms[0].dtype if terms[0].dtype.kind == "f" else FLOAT]
        with np.errstate(all="ignore"):
            found = NUMPY.apply(record, [self.value(term) for term in terms], params)
        several = found if isinstance(found, (tuple, list)) else (found,)
        return [np.shape(one) for one in several], [np.asarray(one).dtype for one in several]

    def value(self, term: Term) -> Any:
        """Returns the elements of a term at the point."""
        from gradcli.explorer.diff.values import value_of  # only where a shape or a constant asks for it

        return value_of(self.values, term)

    # what formulas may ask

    @property
    def pi(self) -> Term:
        """The number pi, by its name."""
        return self.make("named", (), "pi", ())

    @property
    def e(self) -> Term:
        """The number e, as exp(1)."""
        return self.exp(self.number(1))  # type: ignore[no-any-return] # a term

    def count(self, shape: tuple[int, ...], dims: tuple[int, ...]) -> Any:
        """How many elements dims span: of the argument of this shape, of the call that is differentiated."""
        term = next((term for term in self.at if term.shape == shape), None)
        return math.prod(shape[dim] for dim in dims) if term is None else self.counted(term, dims)

    def counted(self, term: Term, dims: tuple[int, ...]) -> Term:
        """Returns how many elements dims of a term span, for any size of the leaves where that is known."""
        size = math.prod(term.shape[dim] for dim in dims)
        atoms = self.axes.counted([term.axes[dim] for dim in dims])
        if not atoms or self.axes.value(atoms) != size:
            return self.number(size)
        return self.make("count", (), (atoms, size), ())

    def log_number(self, value: Any) -> Any:
        """The logarithm of a parameter, by its name."""
        return self.log(self.number(value)) if value > 0 else super().log_number(value)

    def zeros_like(self, x: Any) -> Any:
        """Zeros."""
        return self.filled(0, x.shape)

    def zeros(self, shape: tuple[int, ...], like: Any) -> Any:  # noqa: ARG002 - a formula's dtype is its leaves'
        """Zeros."""
        return self.filled(0, shape)

    def array(self, values: Any, like: Any) -> Any:  # noqa: ARG002 - as zeros
        """A constant."""
        return self.constant(np.asarray(values, np.float64))

    def cast_like(self, x: Any, like: Any) -> Any:
        """A mask as ones and zeros; other casts say nothing in a formula."""
        return self.cast(x, dtype=like.dtype)

    def masked(self, value: Any, mask: Any) -> Any:
        """`value` where `mask` holds, zero elsewhere."""
        return self.where(mask, value, 0)

    def expand_to(self, x: Any, shape: tuple[int, ...]) -> Any:
        """`x` broadcast to a shape."""
        return self.broadcast(x, shape)

    def eps(self, x: Any) -> Any:
        """The distance from 1 to the next number."""
        return self.number(float(np.finfo(x.dtype).eps))


def _identity(op: str, args: tuple[Term, ...], data: Any) -> tuple[Any, ...]:
    """What makes a term the same as another: of sums and products not the order."""
    numbers = [arg.index for arg in args]
    if op == "add":
        return (tuple(sorted(zip(numbers, data, strict=True))),)
    if op == "mul":
        return (data[0], tuple(sorted(zip(numbers, data[1], strict=True))))
    return (tuple(numbers), data)


def frozen_params(params: Params) -> tuple[tuple[str, Any], ...]:
    """Returns parameters in a form that can be looked up."""
    return tuple((key, _frozen(value)) for key, value in sorted(params.items()))


def _frozen(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return tuple(map(_frozen, value)) if isinstance(value, (list, tuple)) else Array(value)
    return value


def _elementwise_dtype(record: Record, terms: Sequence[Term]) -> Any:
    if record.name == "signbit" or (record.family == "comparison" and record.name != "where"):
        return BOOL
    return next((term.dtype for term in terms if term.dtype.kind == "f"), FLOAT)


def _size(term: Term) -> float:  # noqa: PLR0911 - a line per kind of term
    """What every rule makes smaller: a polynomial interpretation (Lankford 1979).

    (A B)^T weighs more than B^T A^T, x A more than A^T x, and an inverse of a transpose more than the
    transpose of an inverse, so that each of these has one direction.
    """
    sizes = [arg.size for arg in term.args]
    total: float = sum(sizes)
    match term.op:
        case "number" | "leaf" | "count" | "named" | "array":
            return NUMBERED[term.op]
        case "add":
            return total + len(sizes) + 2 * sum(c not in {1, -1} for c in term.data)
        case "mul":
            raised = sum(e not in {1, -1} for e in term.data[1]) + sum(one.op == "where" for one in term.args)
            number: float = 0 if term.data[0] == 1 else 1 if term.data[0] > 0 else 1.5
            return total + len(sizes) + raised + number
        case "matmul":
            first, last = term.args[0], term.args[-1]
            row = (first.ndim == 1 and last.ndim > 1) or "unsqueeze" in {first.op, last.op}
            repeated = sum(arg.op == "expand" for arg in term.args)
            return (2 * total + 3 if row else total) + len(sizes) + 10 * repeated
        case "transpose" | "reshape":
            return 2 * total
        case "inv":
            return total * total
        case "expand" | "unsqueeze" | "squeeze" | "steps" | "outer":
            return total + 1
        case _:
            return total + 5
