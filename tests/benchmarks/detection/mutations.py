"""Wrong derivative rules made from right ones, without touching their source: a mutant is a copy of a record.

A mutation stands between the rule and whoever asks it. Some change what goes in (a stale or swapped saved
value, another parameter) or what comes out (a factor, a shift by one); the others look inside: the rule runs
in an algebra that counts each operation of the formula and gets one of them wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import Any, NamedTuple

import numpy as np
from counted import Counted, each, is_float, rolled

from gradcli.diagnostics import GradcliError
from gradcli.ops.record import NO_PARAMS, Params, Record
from gradcli.ops.rules import BackwardRule, Facts, backward_rule, parameters

Pull = Callable[[Any, Any, Any, Any], Any]
Mark = Callable[[Any, Any], None]
SLIPS = {
    **dict.fromkeys(("add", "sub"), ("left term dropped", "right term dropped", "sign of the right term")),
    **dict.fromkeys(("mul", "div_true"), ("left factor dropped", "right factor dropped")),
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne"), ("at equality the other way", "negated")),
    "where": ("branches swapped", "mask dropped"),
    "masked": ("mask dropped", "mask negated"),
    "neg": ("sign dropped",),
    "pow_scalar": ("exponent + 1", "1 % off"),
    "cast": (),
}
BY_KIND = {"f": "1 % off", "b": "negated", "i": "the neighbour's"}  # of other operations' results
FAILURES = (GradcliError, ArithmeticError, ValueError, TypeError, IndexError, AttributeError)


class Touch:
    """Told values before and after they are got wrong.

    Attributes:
        other: whether any was another afterwards.
    """

    def __init__(self) -> None:
        self.other = False

    def __call__(self, before: Any, after: Any) -> None:
        if isinstance(before, (tuple, list)):
            for one, two in zip(before, after, strict=False):
                self(one, two)
        elif isinstance(before, np.ndarray):
            self.other = self.other or not np.array_equal(before, after)


class Mutation(NamedTuple):
    """What is done to the rule of one argument.

    Attributes:
        name: of the slip.
        wrap: the rule made wrong: the argument's position, its rule, and who is told a value before and after
            -> rule.
    """

    name: str
    wrap: Callable[[int, Pull, Mark], Pull]


class Place(NamedTuple):
    """A rule, and what it is given at some point: which slips there are to make.

    Attributes:
        events: the operations of its formula in order, as `listen` hears them: name and kind of result.
        shape: of its argument.
        found: of its own result, before what was broadcast is summed.
        saved: the values that it is given.
        outputs: how many cotangents.
        params: the parameters that it asks for.
    """

    events: Sequence[tuple[str, str]]
    shape: tuple[int, ...]
    found: tuple[int, ...]
    saved: Sequence[Any]
    outputs: int
    params: Params


class _Rules(dict[Any, Any]):
    """A record's compiled rules, of which that for one argument is wrong."""

    def __init__(self, record: Record, position: int, mutation: Mutation) -> None:
        super().__init__()
        self.record, self.position, self.mutation = record, position, mutation
        self.touch = Touch()

    def get(self, key: Any, default: Any = None) -> BackwardRule:  # noqa: ARG002 - a dict's own
        if key not in self:
            mask, count = key if isinstance(key, tuple) else (key, len(self.record.args))
            rule = copy(backward_rule(self.record, mask, count))
            rule.pulls = tuple(
                self._wrong(rule, count) if at == self.position else pull
                for at, pull in zip(rule.positions, rule.pulls, strict=True)
            )
            rule.pull = rule.pulls[0] if len(rule.pulls) == 1 else None
            self[key] = rule
        return self[key]  # type: ignore[no-any-return] # a rule

    def _wrong(self, rule: BackwardRule, count: int) -> Pull:
        """The wrong rule, which is given what it alone would save, whatever others save besides."""
        alone = backward_rule(self.record, 1 << self.position, count)
        wrong = self.mutation.wrap(self.position, alone.pulls[0], self.touch)
        places = [rule.save.index(slot) for slot in alone.save]
        return lambda m, g, saved, facts: wrong(m, g, [saved[place] for place in places], facts)


def mutant(record: Record, position: int, mutation: Mutation) -> Record:
    """Returns a copy of a record whose rule for one argument is wrong."""
    found = copy(record)
    found.compiled = _Rules(record, position, mutation)
    return found


class WrongTangent:
    """A jvp formula got wrong; it is asked for values by the names of the right one's parameters."""

    def __init__(self, formula: Any, mutation: Mutation) -> None:
        self.__code__ = formula.__code__
        self.names = parameters(formula)
        self.touch = Touch()
        self.wrong = mutation.wrap(0, self.as_pull(formula), self.touch)

    def as_pull(self, formula: Any) -> Pull:
        """The formula as a function of a tangent, the values besides, and nothing else."""

        def pull(m: Any, t: Any, saved: Any, facts: Any) -> Any:
            given = iter(saved)
            return formula(
                m,
                *[t if name == "t" else facts.params[name] if name in facts.params else next(given)
                  for name in self.names],
            )  # fmt: skip

        return pull

    def __call__(self, m: Any, *values: Any) -> Any:
        t, saved, facts = self.sorted(values)
        return self.wrong(m, t, saved, facts)

    def sorted(self, values: Sequence[Any]) -> tuple[Any, list[Any], Facts]:
        """The tangent; the values besides that are arrays; the rest, which is parameters and shapes."""
        given = dict(zip(self.names, values, strict=True))
        t = given.pop("t", None)
        plain = {name: x for name, x in given.items() if not hasattr(x, "dtype")}
        return t, [x for name, x in given.items() if name not in plain], Facts(plain, (), ())


class Ear:
    """A right jvp formula that keeps what it was given and what it did.

    Attributes:
        place: of the last call.
    """

    def __init__(self, formula: Any) -> None:
        self.__code__ = formula.__code__
        self.right = WrongTangent(formula, Mutation("none", lambda position, pull, mark: pull))
        self.place = Place((), (), (), (), 0, NO_PARAMS)

    def __call__(self, m: Any, *values: Any) -> Any:
        t, saved, facts = self.right.sorted(values)
        events, _ = listen(self.right.wrong, m, t, saved, facts)
        self.place = Place(events, np.shape(t), np.shape(t), saved, 1, facts.params)
        return self.right(m, *values)


def forward_mutant(record: Record, position: int, mutation: Mutation) -> Record:
    """Returns a copy of a record whose forward rule for one argument is wrong."""
    found = copy(record)
    at = min(position, record.star) if record.star >= 0 else position
    jvps = list(record.jvps)
    jvps[at] = WrongTangent(jvps[at], mutation)
    found.jvps = tuple(jvps)
    return found


def mutations(  # noqa: C901 - a list of cases
    place: Place,
) -> Iterator[Mutation]:
    """Yields the ways to get a rule wrong."""
    yield _result("factor 2", lambda m, g: g * 2)
    yield _result("factor 1.001", lambda m, g: g * 1.001)
    yield _result("sign", lambda m, g: -g)
    yield _result("nothing", lambda m, g: g * 0)
    if place.found != place.shape:
        yield Mutation("first slice for the sum over what was broadcast", _first_slice)
    rank = len(place.shape)
    for dim in range(-rank, 0):
        if place.shape[dim] > 1:
            yield _result(
                f"off by one along dim {dim}",
                lambda m, g, d=dim: _rolled_along(m, g, d),
            )
    if rank > 1 and min(place.shape[-2:]) > 1:
        yield _result("elements in the order of the transpose", _transposed)
    yield from _of_saved(place.saved)
    for k in range(place.outputs if place.outputs > 1 else 0):
        yield _cotangent(k)
    for name, value in place.params.items():
        if name in ("rank", "i"):
            continue  # not the user's: how many dims there are, which argument it is
        if type(value) is int:
            yield _parameter(name, (value + 1, value - 1, value + 2))
        elif type(value) is float:
            yield _parameter(name, (value * 1.01 + 0.01,))
        elif type(value) is bool:
            yield _parameter(name, (not value,))
    for at, (event, kind) in enumerate(place.events):
        for slip in SLIPS.get(event, (BY_KIND[kind],)):
            yield Mutation(f"{event} (operation {at}): {slip}", _inside(at, event, slip))


def _of_saved(saved: Sequence[Any]) -> Iterator[Mutation]:
    """The slips with saved values that are floats: stale, forgotten, shifted, swapped."""
    floats = [slot for slot, x in enumerate(saved) if is_float(x)]
    for slot in floats:
        yield _given(f"saved value {slot} stale", slot, lambda m, x: x * 1.01)
        yield _given(f"saved value {slot} taken for zero", slot, lambda m, x: x * 0)
        if saved[slot].ndim and saved[slot].shape[-1] > 1:
            yield _given(f"saved value {slot} of the neighbour", slot, rolled)
        for other in floats:
            if other < slot and saved[other].shape == saved[slot].shape:
                yield _swapped(slot, other)


def _result(name: str, change: Callable[[Any, Any], Any]) -> Mutation:
    def wrap(position: int, pull: Pull, mark: Mark) -> Pull:
        def wrong(m: Any, g: Any, saved: Any, facts: Any) -> Any:
            found = pull(m, g, saved, facts)
            if found is None:
                return None
            # A tangent, or one for each result; a cotangent is one.
            right = _conformed(m, found, facts.shapes[position]) if facts.shapes else found
            wrong = each(right, lambda t: change(m, t)) if not facts.shapes else change(m, right)
            mark(right, wrong)
            return wrong

        return wrong

    return Mutation(name, wrap)


def _rolled_along(m: Any, g: Any, dim: int) -> Any:
    rank = len(g.shape)  # a tangent may have fewer dims than its argument
    return m.roll(g, shifts=(1,), dims=(max(dim, -rank),), rank=rank) if rank else g


def _transposed(m: Any, g: Any) -> Any:
    if len(g.shape) < 2:
        return g
    return m.reshape(m.transpose(g, dims=(-2, -1)), shape=tuple(g.shape), rank=len(g.shape))


def _first_slice(position: int, pull: Pull, mark: Mark) -> Pull:
    """Where the rule's result is broadcast: the first slice, not the sum."""

    def wrong(m: Any, g: Any, saved: Any, facts: Any) -> Any:
        found, shape = pull(m, g, saved, facts), facts.shapes[position]
        if found is None or not hasattr(found, "shape"):
            return found
        mark(found, found[..., :0])
        while len(found.shape) > len(shape):
            found = m.select_at(found, dim=-len(found.shape), index=0)
        if len(found.shape) == len(shape):
            for dim in range(-len(shape), 0):
                if shape[dim] == 1 and found.shape[dim] > 1:
                    found = m.slice(found, dim=dim, start=0, stop=1, step=1)
        return found

    return wrong


def _given(name: str, slot: int, change: Callable[[Any, Any], Any]) -> Mutation:
    def wrap(position: int, pull: Pull, mark: Mark) -> Pull:  # noqa: ARG001 - as all
        def wrong(m: Any, g: Any, saved: Any, facts: Any) -> Any:
            changed = [change(m, x) if i == slot and is_float(x) else x for i, x in enumerate(saved)]
            mark(saved[slot], changed[slot])
            return pull(m, g, changed, facts)

        return wrong

    return Mutation(name, wrap)


def _swapped(slot: int, other: int) -> Mutation:
    def wrap(position: int, pull: Pull, mark: Mark) -> Pull:  # noqa: ARG001 - as all
        def wrong(m: Any, g: Any, saved: Any, facts: Any) -> Any:
            changed, pair = list(saved), (saved[slot], saved[other])
            if all(map(is_float, pair)) and pair[0].shape == pair[1].shape:
                changed[slot], changed[other] = changed[other], changed[slot]
                mark(pair[0], pair[1])
            return pull(m, g, changed, facts)

        return wrong

    return Mutation(f"saved values {other} and {slot} swapped", wrap)


def _cotangent(k: int) -> Mutation:
    def wrap(position: int, pull: Pull, mark: Mark) -> Pull:  # noqa: ARG001 - as all
        def wrong(m: Any, g: Any, saved: Any, facts: Any) -> Any:
            gs = tuple(one * 0 if i == k else one for i, one in enumerate(g)) if isinstance(g, tuple) else g
            mark(g, gs)
            return pull(m, gs, saved, facts)

        return wrong

    return Mutation(f"cotangent {k} dropped", wrap)


def _parameter(name: str, values: Sequence[Any]) -> Mutation:
    def wrap(position: int, pull: Pull, mark: Mark) -> Pull:  # noqa: ARG001 - as all
        def wrong(m: Any, g: Any, saved: Any, facts: Any) -> Any:
            """With the first of the values that the shapes allow."""
            right = pull(m, g, saved, facts)
            failure: Exception = ValueError(name)
            for value in values:
                changed = Facts({**facts.params, name: value}, facts.shapes, facts.out_shapes)
                try:
                    found = pull(m, g, saved, changed)
                except FAILURES as error:
                    failure = error
                    continue
                if _shapes(found) == _shapes(right):
                    mark(np.zeros(()), np.ones(()))  # the parameter is another
                    return found
            raise failure

        return wrong

    return Mutation(f"parameter {name} another", wrap)


def _shapes(found: Any) -> Any:
    several = isinstance(found, (tuple, list))
    return [_shapes(one) for one in found] if several else tuple(getattr(found, "shape", ()))


def _conformed(m: Any, g: Any, shape: tuple[int, ...]) -> Any:
    """The cotangent summed (or spread) to its argument's shape, as the engine does."""
    g = g if hasattr(g, "shape") else m.array(np.float64(g))
    if tuple(g.shape) == tuple(shape):
        return g
    fewer = len(g.shape) < len(shape) or np.prod(g.shape) < np.prod(shape)
    return (m.expand if fewer else m.sum_to)(g, shape=tuple(shape), rank=len(g.shape))


def listen(
    pull: Pull, m: Any, g: Any, saved: Sequence[Any], facts: Facts
) -> tuple[list[tuple[str, str]], tuple[int, ...]]:
    """Returns the operations that a rule carries out, in order, and the shape of what it gives."""
    ear = Counted(m, None, "", "", lambda before, after: None)
    found = _call(pull, ear, g, saved, facts)
    return ear.heard, tuple(getattr(found, "shape", ()))


def _inside(at: int, event: str, slip: str) -> Callable[[int, Pull, Mark], Pull]:
    def wrap(position: int, pull: Pull, mark: Mark) -> Pull:  # noqa: ARG001 - as all
        return lambda m, g, saved, facts: _call(pull, Counted(m, at, event, slip, mark), g, saved, facts)

    return wrap


def _call(pull: Pull, m: Counted, g: Any, saved: Sequence[Any], facts: Facts) -> Any:
    return m.bare(pull(m, m.lifted(g), [m.lifted(x) for x in saved], facts))
