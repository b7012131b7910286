"""Records run on terms: what an operation or its backward rule does, in the names of the values at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.node import kept
from gradcli.checks.naming import is_plain
from gradcli.diagnostics import GradcliError
from gradcli.explorer.terms import (
    ATOM,
    OPPOSITE,
    POWER,
    RELATION,
    SIGNS,
    SUM,
    Factor,
    Term,
    number_term,
)
from gradcli.ops.algebra import Algebra
from gradcli.plan.arrays import ARRAYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.autograd.node import Node, RecordNode
    from gradcli.ops.record import Params, Record

__all__ = ["FAILURES", "Terms"]

# Rules run on cotangents of ones, not on those of the run: an operation may have no derivative, or NumPy none
# for these numbers. Then there is no formula.
FAILURES = (GradcliError, ArithmeticError, ValueError)

SAME = {"clone", "cast", "spread", "expand", "reshape"}  # of one element nothing but the shape changes
HIDDEN = {  # parameters that say nothing to a reader of a formula
    "shape", "full", "rank", "form", "dtype", "weighted", "ignore", "memory_format",
}  # fmt: skip
WITHOUT = {
    "keepdim": False, "correction": 1.0, "order": 2.0, "step": 1, "approximate": "none", "offset": 0,
    "reverse": False, "descending": False, "largest": True, "sorted": True,
}  # fmt: skip
CALLED = {"low": "min", "high": "max"}  # parameters that PyTorch's functions call otherwise
COUNTED = {  # whose dims are those of the first argument, or of the shape given: told from the left
    "sum_dims", "mean_dims", "var_dims", "std_dims", "norm_dims", "softmax_dims", "log_softmax_dims",
    "logsumexp", "max_dim", "min_dim", "cumsum", "select_put", "put_along", "slice_put",
}  # fmt: skip
SUFFIXES = ("_dims", "_dim", "_all", "_number", "_matrix", "_batched", "_both")


class Terms(Algebra):
    """Records applied to terms: the text of the call, and its numbers.

    `names` gives, per node, the terms that its saved values go by: by argument position, by ~output.
    """

    def __init__(self, names: Mapping[Node, Mapping[int, Term]] | None = None) -> None:
        self._names = names or {}

    def named(self, text: str, array: Any, *, fixed: bool = False) -> Term:  # type: ignore[override] # no rule names its results
        """A value under a name."""
        return Term(self, array, (Factor(text),), fixed=fixed)

    def lift(self, value: Any) -> Term:
        """A value or a plain number as a term."""
        if isinstance(value, Term):
            return value
        if isinstance(value, np.ndarray) and value.ndim:
            return Term(self, value, (Factor("constant"),))
        return number_term(self, value)

    def apply(self, record: Record, values: Sequence[Any], params: Params) -> Any:
        """The call as text, with the numbers it has."""
        terms = [self.lift(value) for value in values]
        with np.errstate(all="ignore"):
            arrays = [
                one.array if isinstance(value, Term) else value
                for one, value in zip(terms, values, strict=True)
            ]
            result = ARRAYS.apply(record, arrays, params)
        if isinstance(result, (tuple, list)):
            call = _call(record, terms, params)
            return tuple(
                Term(self, part, (Factor(f"{call.text}.{name}" if name != "*" else f"{call.text}[{i}]"),))
                for i, (part, name) in enumerate(zip(result, _outputs(record, len(result)), strict=True))
            )
        if all(term.fixed for term in terms) and np.size(result) and _uniform(result):
            return number_term(self, np.ravel(result)[0], np.asarray(result))
        return self._term(record, terms, params, np.asarray(result))

    def _term(  # noqa: C901, PLR0911 - a line per form of arithmetic
        self, record: Record, terms: list[Term], params: Params, array: Any
    ) -> Term:
        """The result of a call, by arithmetic where the call is arithmetic."""
        first = terms[0] if terms else number_term(self, 0)
        match record.name, len(terms):
            case "add", 2:
                return first.plus(terms[1], array)
            case "sub", 2:
                return first.plus(terms[1].with_array(terms[1].array, -terms[1].number), array)
            case "mul", 2:
                return first.times(terms[1], array)
            case (("div_true" | "div"), 2):
                return first.over(terms[1], array)
            case "reciprocal", 1:
                return number_term(self, 1).over(first, array)
            case "neg", 1:
                return first.with_array(array, -first.number)
            case "pow_scalar", 1:
                return _power(self, first, params["exponent"], array)
            case "where", 3:
                return self._where(record, terms, params, array)
            case "exp", 1 if first.text.startswith("log_softmax("):
                return self.named(first.text.removeprefix("log_"), array)
            case name, 1 if name in SAME and (
                name in {"cast", "clone"} or first.array.ndim == 0 or first.plain
            ):
                return first.with_array(array)
        return Term(self, array, (_call(record, terms, params),))

    def _where(self, record: Record, terms: list[Term], params: Params, array: Any) -> Term:
        """One of the sides where the condition is the same everywhere and no variable decides it."""
        mask, taken, other = terms
        if mask.fixed and mask.array.size and _uniform(mask.array):
            return (taken if mask.array.flat[0] else other).with_array(array)
        return Term(self, array, (_call(record, terms, params),))

    def saved_values(self, node: RecordNode, saved: Sequence[Any]) -> list[Any]:
        """What the node saved, under the names that its values have."""
        known = self._names.get(node, {})
        record = node.record
        found = []
        for slot, value in zip(node.rule.save, saved, strict=True):
            term, array = known.get(slot), kept(value)[0]
            if term is None:
                own = record.argument(slot) if slot >= 0 else record.outputs[~slot]
                term = self.named(own, array)
            elif isinstance(array, np.ndarray) and term.dtype != array.dtype:  # as what PyTorch computes in
                term = term.with_array(term.array.astype(array.dtype))
            found.append(term)
        return found

    def conform(self, g: Any, shape: tuple[int, ...], dtype: Any) -> Any:  # noqa: ARG002 - a formula has no dtype
        """The cotangent summed over the dims that broadcasting added."""
        if g.shape == shape:
            return g
        lead = g.ndim - len(shape)
        dims = [dim for dim in range(g.ndim) if dim < lead or (shape[dim - lead] == 1 and g.shape[dim] != 1)]
        array = g.array.sum(axis=tuple(dims), keepdims=True).reshape(shape)
        if g.plain:  # the sum of equal numbers
            count = int(np.prod([g.shape[dim] for dim in dims]))
            return Term(self, array, number=g.number * count)
        which = "" if not shape else f", dim={dims[0] if len(dims) == 1 else dims}"
        return Term(self, array, (Factor(f"sum({g.text}{which})"),))

    def zeros_like(self, x: Any) -> Any:
        """Zeros."""
        return number_term(self, 0, np.zeros_like(x.array))

    def zeros(self, shape: tuple[int, ...], like: Any) -> Any:
        """Zeros."""
        return number_term(self, 0, np.zeros(shape, like.array.dtype))

    def array(self, values: Any, like: Any) -> Any:
        """A constant."""
        array = np.asarray(values, like.array.dtype)
        if array.size and _uniform(array):
            return number_term(self, array.flat[0], array)
        return self.named("constant", array)

    def eps(self, x: Any) -> Any:
        """The distance from 1 to the next number."""
        return self.named("eps", np.finfo(x.array.dtype).eps)


def _power(m: Terms, base: Term, exponent: Any, array: Any) -> Term:
    if isinstance(exponent, Term) or exponent != exponent:  # noqa: PLR0124 - nan
        return Term(m, array, (Factor(f"{base.factor().within(ATOM)}**{exponent}", POWER),))
    if exponent == 1:
        return base.with_array(array)
    if base.plain and exponent in range(20):
        return Term(m, array, number=base.number ** int(exponent), fixed=base.fixed)
    size = abs(exponent)
    whole = f"{size:.6g}" if isinstance(size, float) else str(size)
    factor = base.factor() if size == 1 else Factor(f"{base.factor().within(ATOM)}**{whole}", POWER)
    return Term(m, array, (), (factor,)) if exponent < 0 else Term(m, array, (factor,))


def _call(  # noqa: C901, PLR0911 - a line per way of writing
    record: Record, terms: Sequence[Term], params: Params
) -> Factor:
    """The text of a record's call, and how tightly it holds together."""
    name = record.name
    texts = [term.factor() if record.kind == "elementwise" else _whole(term) for term in terms]
    if name in SIGNS and len(texts) == 2:  # noqa: PLR2004 - both sides of the sign
        return Factor(f"{texts[0].within(SUM)} {SIGNS[name]} {texts[1].within(SUM)}", RELATION)
    if name == "logical_not":
        return _negated(texts[0])
    if "matmul" in name or name in {"mm_matrix", "mv", "dot", "mm", "bmm"}:
        # Python reads `a*b @ c` as (a*b) @ c: brackets wherever elements and matrices are both multiplied.
        return Factor(f"{texts[0].within(POWER)} @ {texts[1].within(POWER)}", SUM)
    if name == "transpose" or (name == "permute" and tuple(params["dims"]) in {(-1, -2), (-1,)}):
        text = texts[0].within(ATOM)
        return Factor(text.removesuffix(".T") if text.endswith(".T") else f"{text}.T")
    if name == "pow_both":
        return Factor(f"{texts[0].within(ATOM)}**{texts[1].within(ATOM)}", POWER)
    if name == "pow_base":
        return Factor(f"{params['base']}**{texts[0].within(ATOM)}", POWER)
    if name == "reshape":
        return Factor(f"reshape({texts[0].text}, {list(params['shape'])})")
    if name in {"select_at", "slice"}:
        return Factor(f"{texts[0].within(ATOM)}[{_index(params, terms[0])}]")
    parts = [one.within(RELATION) for one in texts]
    if params.get("weighted") is False:
        del parts[record.args.index("weight") :]
    if name.endswith(("_dims", "_all")) and not params.get("keepdim"):
        dims = params.get("dims")
        if isinstance(dims, tuple) and len(dims) == terms[0].ndim:  # all of them, as when none is given
            params = {key: value for key, value in params.items() if key != "dims"}
    parts += [
        text
        for key, value in params.items()
        if (text := _parameter(key, value, _rank(record, terms, params)))
    ]
    return Factor(f"{_plain_name(name)}({', '.join(parts)})")


def _whole(term: Term) -> Factor:
    """A term where the places of its elements count: a number alone would not tell how many there are."""
    if not term.plain or not term.ndim:
        return term.factor()
    shape = list(term.shape)
    if term.number in {0, 1}:
        return Factor(f"{'ones' if term.number else 'zeros'}({', '.join(map(str, shape))})")
    return Factor(f"full({shape}, {term.text})")


def _negated(inner: Factor) -> Factor:
    for sign in (" <= ", " >= ", " == ", " != ", " < ", " > "):
        left, found, right = inner.text.partition(sign)
        if found and inner.strength == RELATION and not any(s in right for s in (" <", " >", "==", "!=")):
            return Factor(f"{left} {OPPOSITE[sign.strip()]} {right}", RELATION)
    return Factor(f"logical_not({inner.text})")


def _index(params: Params, term: Term) -> str:
    skipped = term.ndim + int(params["dim"])
    if "index" in params:
        return ", ".join([*[":"] * skipped, str(params["index"])])
    start, stop, step = params["start"], params["stop"], params["step"]
    return ", ".join([*[":"] * skipped, f"{start or ''}:{stop}{f':{step}' if step != 1 else ''}"])


def _rank(record: Record, terms: Sequence[Term], params: Params) -> int:
    """How many dims the dims of a call are counted among; 0 where that is not plain."""
    if record.name not in COUNTED or not terms:
        return 0
    return len(params["shape"]) if "shape" in params else terms[0].ndim


def _parameter(key: str, value: Any, rank: int = 0) -> str:
    if key in HIDDEN or (key in WITHOUT and WITHOUT[key] == value) or not is_plain(value):
        return ""
    if key == "dim" and isinstance(value, int):
        return f"dim={value + rank}"
    if key == "dims" and isinstance(value, tuple):
        value = tuple(dim + rank for dim in value)
        return f"dim={value[0]}" if len(value) == 1 else f"dim={list(value)}"
    return f"{CALLED.get(key, key)}={value!r}"


def _plain_name(name: str) -> str:
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def _outputs(record: Record, count: int) -> Sequence[str]:
    return record.outputs if len(record.outputs) == count else ["*"] * count


def _uniform(array: Any) -> bool:
    flat = np.ravel(array)
    return bool(flat.dtype.kind in "bifu" and (flat == flat[0]).all())
