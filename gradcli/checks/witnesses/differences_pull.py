"""A cotangent pulled back through one step by differences, with its bound and what sits on a kink."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.witnesses.differences_jacobian import jacobian
from gradcli.checks.witnesses.differences_partials import Kink, partials
from gradcli.checks.witnesses.differences_step import is_float_cast
from gradcli.checks.witnesses.stencils import EPS, UNKNOWN
from gradcli.checks.witnesses.stencils_sides import Side, one_sided
from gradcli.checks.witnesses.structure import recognised
from gradcli.checks.witnesses.structure_symmetry import symmetrised
from gradcli.plan.trace import DOUBLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.checks.witnesses.differences_partials import Partials
    from gradcli.checks.witnesses.differences_step import LocalStep
    from gradcli.checks.witnesses.structure import Adjoint

__all__ = ["Cotangent", "pull", "scaled", "through", "unspread"]

DRAWS = 2  # of random signs, with which arguments are moved by their errors
LARGER = 2.0**10  # by this much these are exaggerated, so that the effect is seen above rounding
NEAR = 1e-5  # but the move is no larger than this share of the argument
SAFETY = 4.0
ROUGHLY = 1e-4  # of a slope: sides that are no further apart are one
RARE = 0.05  # of the elements


class Cotangent(NamedTuple):
    """What is known of the derivative for each element of a value, flat.

    Attributes:
        values, bounds: float64; what sits on a kink counts nothing in them.
        kinked: bool, the elements whose derivative depends on a step that sits on a kink or an edge.
        matters: bool, whether the results depend on the element: for values that have no derivative.
    """

    values: Any
    bounds: Any
    kinked: Any
    matters: Any

    @classmethod
    def exact(cls, g: Any) -> Cotangent:
        """A given cotangent."""
        return cls(g, np.zeros(g.shape), np.zeros(g.shape, bool), g != 0)

    @classmethod
    def zero(cls, size: int) -> Cotangent:
        """Nothing depends on it."""
        return cls.exact(np.zeros(size))

    def only(self, places: Any) -> Cotangent:
        """The same of some elements (bool), the others counting nothing."""
        return Cotangent(
            np.where(places, self.values, 0),
            np.where(places, self.bounds, 0),
            self.kinked & places,
            self.matters & places,
        )

    def plus(self, other: Cotangent) -> Cotangent:
        """The sum of two uses of a value."""
        values = self.values + other.values
        bounds = self.bounds + other.bounds + EPS * abs(values)
        return Cotangent(values, bounds, self.kinked | other.kinked, self.matters | other.matters)


def pull(
    local: LocalStep, position: int, cotangents: Sequence[Cotangent], known: list[Any], budget: float
) -> tuple[Cotangent, list[Kink]]:
    """Returns the cotangent of the argument at `position`, and the kinks found (their step not filled in).

    Args:
        local: the step.
        position: of the argument.
        cotangents: one per result.
        known: the errors of all arguments; None: exact.
        budget: how many numbers may be computed.

    Raises:
        TooBigError: the elements are too many for the budget.
    """
    g = Cotangent(*(np.concatenate([cotangents[k][part] for k in local.floats] or [np.zeros(0)])
                    for part in range(4)))  # fmt: skip
    g = g._replace(kinked=g.kinked.astype(bool), matters=g.matters.astype(bool))
    discrete = [c.matters for k, c in enumerate(cotangents) if k not in local.floats]
    if local.step.record.kind == "elementwise" and local.floats:
        return _elementwise(local, position, g, known)
    if not local.is_float(position) or not local.floats:
        return _discrete(local, position, g, discrete)
    if is_float_cast(local.step, local.arguments[position]):
        return g, []
    found, kinks = _mapped(local, position, g, budget)
    return found._replace(bounds=found.bounds + _moved(local, position, g, found, known, budget)), kinks


def _moved(  # noqa: PLR0913 - a pull, and what it gave
    local: LocalStep, position: int, g: Cotangent, found: Cotangent, known: list[Any], budget: float
) -> Any:
    """How wrong a cotangent may be because the step's arguments are: what becomes of it when they move."""
    record = local.step.record
    moving = {
        i: error
        for i, error in enumerate(known)
        if error is not None and (record.kind == "general" or (record.multilinear and i != position))
    }
    if not moving:
        return 0.0
    random = np.random.default_rng(position)
    total = np.zeros(found.values.size)
    for _ in range(DRAWS):
        larger = min(
            [LARGER]
            + [max(1.0, NEAR * float(abs(local.arguments[i]).max(initial=0) / error.max(initial=1e-300)))
               for i, error in moving.items()]
        )  # fmt: skip
        other = local.moved({i: larger * e * random.choice([-1.0, 1.0], e.shape) for i, e in moving.items()})
        values = _mapped(other, position, g, budget)[0].values
        total += ((values - found.values) / larger) ** 2
    return SAFETY * np.sqrt(total / DRAWS)


def _elementwise(
    local: LocalStep, position: int, g: Cotangent, known: list[Any]
) -> tuple[Cotangent, list[Kink]]:
    shape = local.outputs[0].shape
    if not local.is_float(position):
        return unspread(
            Cotangent.zero(g.values.size)._replace(matters=g.matters), shape, local.shape(position)
        ), []
    found, kinks = partials(local, position, np.flatnonzero(g.matters), known)
    return unspread(scaled(g, found), shape, local.shape(position)), kinks


def scaled(g: Cotangent, found: Partials) -> Cotangent:
    """Returns a cotangent pulled through an elementwise function of one argument of its shape."""
    moved = found.kinked | (found.slopes != 0)
    values = g.values * found.slopes
    bounds = abs(g.values) * found.bounds + g.bounds * (abs(found.slopes) + found.bounds) + EPS * abs(values)
    reached = found.kinked | (g.kinked & moved)
    return Cotangent(values, bounds, reached, g.matters & (moved | (found.bounds == UNKNOWN)))


def unspread(g: Cotangent, shape: tuple[int, ...], smaller: tuple[int, ...]) -> Cotangent:
    """Returns a cotangent summed to the shape that was broadcast."""
    if shape == smaller:
        return g
    lead = len(shape) - len(smaller)
    dims = (*range(lead), *(d + lead for d, n in enumerate(smaller) if n == 1 and shape[d + lead] != 1))
    values, bounds, kinked, matters = (part.reshape(shape) for part in g)
    count = math.prod(shape[d] for d in dims)
    rounding = EPS * math.sqrt(count) * abs(values).sum(dims)
    return Cotangent(
        values.sum(dims).ravel(),
        (bounds.sum(dims) + rounding).ravel(),
        kinked.any(dims).ravel(),
        matters.any(dims).ravel(),
    )


def _mapped(local: LocalStep, position: int, g: Cotangent, budget: float) -> tuple[Cotangent, list[Kink]]:
    """Through a step that is recognised as linear, or with its Jacobian."""
    x = np.asarray(local.arguments[position])
    linear = local.linear_part(position) if x.size and local.center.size else None
    if linear is not None:
        others = [
            np.asarray(local.arguments[i])
            for i in range(len(local.arguments))
            if i != position and local.is_float(i)
        ]
        adjoint = recognised(linear, x.shape, [y.shape for y in local.outputs], others)
        if adjoint is not None:
            terms = max(1.0, g.values.size / x.size)
            return through(adjoint, g, EPS * (2 + math.sqrt(terms))), []
    found = jacobian(local, position, budget)
    size = abs(found.values)
    values = found.pull(g.values, found.values)
    bounds = (
        found.pull(abs(g.values), found.bounds)
        + found.pull(g.bounds, size + found.bounds)
        + EPS * (2 + math.sqrt(found.outside.shape[1])) * found.pull(abs(g.values), size)
    )
    on_kink = found.pull(g.matters.astype(float), found.kinked.astype(float)) > 0
    reached = on_kink | (found.pull(g.kinked.astype(float), size) > 0)
    matters = on_kink | (found.pull(g.matters.astype(float), size) > 0)
    values, bounds = (symmetrised(local, part, x.shape) for part in (values, bounds))
    reached, matters = (symmetrised(local, part.astype(float), x.shape) > 0 for part in (reached, matters))
    kinks = []
    if on_kink.any():
        at = np.flatnonzero(on_kink)
        left, right = (_directional(local, position, g, at, sign) for sign in (-1, 1))
        apart = abs(left.values - right.values) + left.bounds + right.bounds
        # Of an operation without kinks that are known: noise that looked like one, where both sides are one.
        # Noise does so here and there; where many elements do, the point is a special one.
        noise = not local.step.record.kinks and len(at) <= RARE * x.size
        smooth = noise & (apart <= ROUGHLY * abs(left.values))
        values[at[smooth]] = ((left.values + right.values) / 2)[smooth]
        bounds[at[smooth]] = apart[smooth]
        reached[at[smooth]] = False
        if not smooth.all():
            kinks.append(Kink(-1, position, at[~smooth], left.values[~smooth], right.values[~smooth]))
    return Cotangent(values, bounds, reached, matters), kinks


def through(adjoint: Adjoint, g: Cotangent, rounding: float) -> Cotangent:
    """Returns a cotangent pulled through the transpose of a linear map, `rounding` being relative."""
    bounds = adjoint.size(g.bounds + rounding * abs(g.values))
    usual = np.array_equal(g.matters, g.bounds + abs(g.values) > 0)
    matters = bounds > 0 if usual else adjoint.size(g.matters.astype(float)) > 0
    kinked = adjoint.size(g.kinked.astype(float)) > 0 if g.kinked.any() else np.zeros(bounds.shape, bool)
    return Cotangent(adjoint.pull(g.values), bounds, kinked, matters)


def _directional(local: LocalStep, position: int, g: Cotangent, at: Any, sign: int) -> Side:
    """One-sided derivatives (P,) of the results weighed by their cotangents."""
    x = np.asarray(local.arguments[position])

    def evaluate(points: Any, which: Any) -> Any:
        stack = np.broadcast_to(x.ravel(), (len(points), len(which), x.size)).copy()
        stack[:, np.arange(len(which)), at[which]] = points
        moved = local.at({position: stack.reshape(-1, *x.shape)})
        change = np.where(g.values == 0, 0, moved - local.center) @ g.values
        return change.reshape(*points.shape, 1)

    noise = float(abs(g.values) @ np.where(g.values == 0, 0, abs(local.center)))
    found = one_sided(evaluate, x.ravel()[at], np.zeros((len(at), 1)), sign, absolute=EPS * noise)
    return Side(*(part[:, 0] for part in found))


def _discrete(
    local: LocalStep, position: int, g: Cotangent, discrete: Sequence[Any]
) -> tuple[Cotangent, list[Kink]]:
    """Through a step without a derivative: what matters, and whether its result is about to flip."""
    size = math.prod(local.shape(position))
    everything = bool(g.matters.any()) or any(part.any() for part in discrete)
    matters = np.full(size, everything)
    zero = Cotangent.zero(size)
    if not local.is_float(position) or local.floats:
        return zero._replace(matters=matters), []
    kinked = flipping(local, position, np.concatenate([part.ravel() for part in discrete]))
    kinks = []
    if kinked.any():
        at = np.flatnonzero(kinked)
        nothing = np.full(len(at), np.nan)
        kinks.append(Kink(-1, position, at, nothing, nothing))
    return zero._replace(kinked=kinked, matters=matters), kinks


def flipping(local: LocalStep, position: int, matters: Any) -> Any:
    """Which elements of an argument are so near to a border that a rounding of them changes the result."""
    x = np.asarray(local.arguments[position])
    before = _results(local, position, x)
    random = np.random.default_rng(0)
    found = np.zeros(x.size, bool)
    tiny = 8 * np.spacing(abs(x))
    for signs in (1.0, -1.0, *random.choice([-1.0, 1.0], (4, *x.shape))):
        after = _results(local, position, x + signs * tiny)
        changed = (after != before) & matters
        if changed.any():
            found |= _origin(changed, local, x)
    return found


def _results(local: LocalStep, position: int, x: Any) -> Any:
    values = list(local.arguments)
    values[position] = x
    found = DOUBLES.apply(local.step.record, values, local.step.params)
    several = found if isinstance(found, tuple) else (found,)
    return np.concatenate([np.asarray(y).ravel() for y in several])


def _origin(changed: Any, local: LocalStep, x: Any) -> Any:
    """The elements of the argument behind changed elements of the result; all, if that is not elementwise."""
    if local.step.record.kind != "elementwise":
        return np.ones(x.size, bool)
    shape = np.broadcast_shapes(*(np.shape(a) for a in local.arguments))
    zero = Cotangent.zero(changed.size)
    return unspread(zero._replace(kinked=changed), shape, x.shape).kinked
