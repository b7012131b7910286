"""Formulas made callable: which values a backward or forward rule needs, found from its parameters.

`backward_rule(record, needs)` is made once per record and pattern of arguments that require
grad. It says what a node must save (`save`) and how each cotangent is computed (`pulls`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy import ndarray

if TYPE_CHECKING:
    from gradcli.ops.record import Params, Record

__all__ = ["BackwardRule", "Select", "backward_rule", "forward_pull", "push"]


class Select(NamedTuple):
    """A partial derivative that is `value` where `mask` holds; elsewhere the cotangent is dropped."""

    mask: Any
    value: Any


Pull = Callable[[Any, Any, Any, Any], Any]  # (m, cotangent, saved values, facts) -> cotangent of the argument


class BackwardRule:
    """What one pattern of arguments that require grad saves and computes.

    A class with slots, whose fields are found faster than those of a named tuple: every node asks for them.

    Attributes:
        record: the operation.
        save: argument positions, and outputs as ~index.
        positions: the needed arguments that have a rule.
        pulls: the functions that give their cotangents.
        pull: the only one of them; None where there are several or none.
        shaped: a formula asks for argument shapes.
        arity: how many arguments there are, with or without rule.
        elementwise: the operation is of that kind.
        lone: it is, and has but one position.
        single: one value is saved.
    """

    __slots__ = (
        "arity", "elementwise", "lone", "positions", "pull", "pulls", "record", "save", "shaped", "single",
    )  # fmt: skip

    def __init__(self, record: Record, positions: tuple[int, ...], arity: int) -> None:
        self.record = record
        self.positions = positions
        self.arity = arity
        save: list[int] = []
        self.shaped = False
        for position in positions:
            rule = record.rule(position)
            for name in parameters(rule) if callable(rule) else ():
                self.shaped = self.shaped or name == "shapes" or name.endswith("_shape")
                save += [slot for slot in _slots(record, name, arity) if slot not in save]
        self.save = tuple(save)
        self.single = len(save) == 1
        self.pulls = tuple(_pull(record, at, record.rule(at), save, arity) for at in positions)
        self.elementwise = record.kind == "elementwise"
        self.lone = self.elementwise and len(positions) == 1
        self.pull = self.pulls[0] if len(positions) == 1 else None


class Facts:
    """What a formula may ask besides saved values: shapes and parameters."""

    __slots__ = ("out_shapes", "params", "shapes")

    def __init__(self, params: Params, shapes: Sequence[Any], out_shapes: Sequence[Any]) -> None:
        self.params = params
        self.shapes = shapes
        self.out_shapes = out_shapes


def parameters(formula: Callable[..., Any]) -> tuple[str, ...]:
    """Returns the formula's parameter names after `m`."""
    code = formula.__code__
    return code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]


def backward_rule(record: Record, mask: int, count: int) -> BackwardRule:
    """Returns the rule for the arguments whose bits are set in `mask`, out of `count`; kept on the record."""
    key = mask if record.star < 0 else (mask, count)
    found = record.compiled.get(key)
    if found is None:
        positions = tuple(i for i in range(count) if mask >> i & 1 and record.rule(i) is not None)
        found = record.compiled[key] = BackwardRule(record, positions, count)
    return found


def _slots(record: Record, name: str, count: int) -> tuple[int, ...]:
    """The saved slots a formula's parameter stands for: none for shapes and parameters."""
    if name in record.args:
        at = record.args.index(name)
        return tuple(range(at, count)) if at == record.star else (at,)
    if name in record.outputs:
        return (~record.outputs.index(name),)
    return ()


def _pull(record: Record, position: int, rule: Any, save: list[int], count: int) -> Pull:
    if rule.__class__ is int and rule == 1:  # sums and differences hand their cotangent on
        return lambda m, g, saved, facts: g
    if not callable(rule):
        return lambda m, g, saved, facts: _scale(m, g, rule)
    names = parameters(rule)
    slots = [_slots(record, name, count) for name in names]
    finish = _scale if record.kind == "elementwise" else None
    if record.star < 0 and all(slots):
        return _saved_only(rule, [save.index(found[0]) for found in slots], finish)
    getters = [_getter(record, position, name, count, save) for name in names]
    if finish is None:
        return lambda m, g, saved, facts: rule(m, *[get(g, saved, facts) for get in getters])
    return lambda m, g, saved, facts: _scale(m, g, rule(m, *[get(g, saved, facts) for get in getters]))


def _saved_only(rule: Callable[..., Any], at: list[int], finish: Any) -> Pull:
    """A pull whose formula names saved values alone: the usual partial, kept short because it is hot."""
    if finish is None:
        return lambda m, g, saved, facts: rule(m, *[saved[i] for i in at])
    if len(at) == 1:
        (first,) = at

        def pull(m: Any, g: Any, saved: Any, _facts: Any) -> Any:
            partial = rule(m, saved[first])
            kind = partial.__class__
            return g * partial if kind is ndarray or kind is float else _scale(m, g, partial)

        return pull
    return lambda m, g, saved, facts: _scale(m, g, rule(m, *[saved[i] for i in at]))


def _scale(m: Any, g: Any, partial: Any) -> Any:
    """The cotangent times a partial derivative, which may be a plain number or a Select."""
    if partial.__class__ is int:
        if partial == 1:
            return g
        if partial == -1:
            return -g
        return m.zeros_like(g) if partial == 0 else g * partial
    if partial.__class__ is Select:
        return m.masked(_scale(m, g, partial.value), partial.mask)
    return g * partial


def _getter(  # noqa: PLR0911 - one return per kind of name
    record: Record, position: int, name: str, count: int, save: list[int]
) -> Callable[[Any, Any, Any], Any]:
    """How one formula parameter is found, as a function of (cotangent, saved values, facts)."""
    slots = _slots(record, name, count)
    if name in ("g", "gs", "t"):
        return lambda g, saved, facts: g
    if record.star >= 0 and name == record.args[record.star]:
        places = [save.index(slot) for slot in slots]
        return lambda g, saved, facts: [saved[place] for place in places]
    if slots:
        place = save.index(slots[0])
        return lambda g, saved, facts: saved[place]
    if name == "i":
        return lambda g, saved, facts: position
    if name == "shapes":
        return lambda g, saved, facts: facts.shapes
    stem = name.removesuffix("_shape")
    if stem != name and stem in record.outputs:
        output = record.outputs.index(stem)
        return lambda g, saved, facts: facts.out_shapes[output]
    if stem != name and stem in record.args:
        argument = record.args.index(stem)
        return lambda g, saved, facts: facts.shapes[argument]
    return lambda g, saved, facts: facts.params[name]


def push(  # noqa: PLR0913 - an application and its tangents
    m: Any,
    record: Record,
    values: Sequence[Any],
    outputs: Sequence[Any],
    tangents: Sequence[Any],
    params: Params,
) -> list[Any]:
    """Returns the tangent of each output (None: zero), given a tangent or None per argument.

    Forward mode from the same formulas: an elementwise record's partials, a linear record's map,
    a general record's jvps. `values` and `outputs` are the algebra's primal values. A general
    record with several outputs returns a tuple of tangents from its jvp.
    """
    facts = Facts(params, [_shape(value) for value in values], [_shape(value) for value in outputs])
    moving = [i for i, tangent in enumerate(tangents) if tangent is not None and record.rule(i) is not None]
    if not moving:
        return [None] * len(outputs)
    if record.kind == "linear":
        return _push_linear(m, record, values, tangents, moving, params)
    total: list[Any] = [None] * len(outputs)
    for i in moving:
        for output, term in enumerate(_push_one(m, record, i, values, outputs, tangents[i], facts)):
            if term is not None:
                total[output] = term if total[output] is None else total[output] + term
    return total


def _push_one(  # noqa: PLR0913 - one call site
    m: Any, record: Record, i: int, values: Sequence[Any], outputs: Sequence[Any], tangent: Any, facts: Facts
) -> Sequence[Any]:
    saved = [*values, *outputs]
    count = len(values)
    if record.kind == "elementwise":
        shaped = m.expand_to(tangent, facts.out_shapes[0])
        return (forward_pull(record, i, count)(m, shaped, saved, facts),)
    formula = record.jvps[min(i, record.star) if record.star >= 0 else i]
    save = [*range(count), *(~k for k in range(len(outputs)))]
    getters = [_getter(record, i, name, count, save) for name in parameters(formula)]
    result = formula(m, *[get(tangent, saved, facts) for get in getters])
    return result if len(outputs) > 1 else (result,)


def forward_pull(record: Record, position: int, count: int) -> Pull:
    """Returns what makes a tangent of one of `count` arguments one of an elementwise record's result.

    The values that it takes as saved are those of all arguments, then the result. Kept on the record.
    """
    key = ("forward", position, count)
    found = record.compiled.get(key)
    if found is None:
        pull = _pull(record, position, record.rule(position), [*range(count), ~0], count)
        found = record.compiled[key] = pull
    return found


def _push_linear(  # noqa: PLR0913 - one call site
    m: Any, record: Record, values: Sequence[Any], tangents: Sequence[Any], moving: list[int], params: Params
) -> list[Any]:
    if not record.multilinear:
        inputs = [
            value if record.rule(i) is None else m.zeros_like(value) if tangents[i] is None else tangents[i]
            for i, value in enumerate(values)
        ]
        return _as_list(m.apply(record, inputs, params))
    terms = [
        _as_list(
            m.apply(record, [tangents[k] if k == i else value for k, value in enumerate(values)], params)
        )
        for i in moving
    ]
    total = terms[0]
    for term in terms[1:]:
        total = [left + right for left, right in zip(total, term, strict=True)]
    return total


def _as_list(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))
