"""The laws' shared support: which records there are, seeded samples of each, and their formulas run.

Test modules here take one of SUBJECTS (`record`: every record but composites) as a parameter and `laws`
as a fixture; pytest imports them one by one (`--import-mode=importlib`), so support lives here.
"""

# A law speaks of a record, its inputs, outputs, cotangents and parameters at once:
# ruff: noqa: PLR0913

from __future__ import annotations

import zlib
from functools import cache
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError
from gradcli.ops.algebra import NUMPY
from gradcli.ops.catalog import catalog
from gradcli.ops.rules import Facts, backward_rule, push
from gradcli.symbolic import PreciseAlgebra

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.ops.record import Record

Case = tuple[tuple[Any, ...], dict[str, Any]]


class Sampler:
    """Seeded arrays for the laws: float64 unless said otherwise."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def normal(self, *shape: int) -> Any:
        return np.asarray(self.random.standard_normal(shape))

    def positive(self, *shape: int) -> Any:
        return np.exp(0.7 * self.normal(*shape))[()] + np.zeros(shape)

    def unit(self, *shape: int) -> Any:
        """In (0.05, 0.95)."""
        return np.asarray(0.05 + 0.9 * self.random.random(shape))

    def integers(self, high: int, *shape: int) -> Any:
        return np.asarray(self.random.integers(0, high, shape))

    def boolean(self, *shape: int) -> Any:
        found = np.asarray(self.random.random(shape) < 0.5)
        if found.size > 1:  # both values occur
            found.flat[0], found.flat[-1] = True, False
        return found

    def regular(self, n: int, *batch: int) -> Any:
        """A well-conditioned matrix (or a stack of them)."""
        return self.normal(*batch, n, n) + 2.5 * np.sqrt(n) * np.eye(n)

    def spd(self, n: int, *batch: int) -> Any:
        """A symmetric positive definite matrix (or a stack of them)."""
        root = self.normal(*batch, n, n)
        return root @ np.swapaxes(root, -1, -2) + n * np.eye(n)

    def zeros_in(self, *shape: int) -> Any:
        """Normals of which about a third are zero, at least one."""
        found = self.normal(*shape)
        found[self.random.random(shape) < 0.3] = 0
        if found.size:
            found.flat[found.size // 2] = 0
        return found

    def distinct(self, *shape: int) -> Any:
        """Values at least 1/4 apart."""
        count = int(np.prod(shape))
        return np.asarray((self.random.permutation(count) - count / 2 + 0.37).reshape(shape) / 2)

    def within(self, domain: Any, *shape: int) -> Any:
        """Points of a domain, away from its edges and holes."""
        low, high = domain.low, domain.high
        if low == -inf and high == inf:
            found = 1.5 * self.normal(*shape)
        elif high == inf:
            found = low + self.positive(*shape)
        elif low == -inf:
            found = high - self.positive(*shape)
        else:
            found = low + (high - low) * self.unit(*shape)
        for hole in domain.without:
            found = np.where(abs(found - hole) < 0.1, hole + 0.5, found)
        return found


class Laws:
    """What the laws have in common: samples, and a record's formulas run in any algebra."""

    precise = PreciseAlgebra(50)
    numpy = NUMPY

    def sampler(self, record: Record) -> Sampler:
        return Sampler(zlib.crc32(record.name.encode()))

    @cache  # noqa: B019 - one instance for the run
    def cases(self, record: Record) -> list[Case]:
        """The record's samples; points of the domain for an elementwise record without parameters."""
        s = self.sampler(record)
        if record.samples is not None:
            return [(tuple(map(np.asarray, values)), dict(params)) for values, params in record.samples(s)]
        return [(tuple(s.within(domain, 2, 3) for domain in record.domain), {})]

    def positions(self, record: Record, values: Sequence[Any], params: dict[str, Any]) -> tuple[int, ...]:
        """The arguments that have a derivative, here and in PyTorch."""
        if not record.differentiable:
            return ()
        floats = [i for i, x in enumerate(values) if record.rule(i) is not None and x.dtype.kind == "f"]
        outputs = [np.asarray(y) for y in self.outputs(self.numpy, record, values, params)]
        gs = self.cotangents(outputs)
        return tuple(i for i in floats if gs and self._implemented(record, values, outputs, gs, params, i))

    def _implemented(self, *case: Any) -> bool:
        """Whether the rule of one argument is one, and not PyTorch's error that there is none."""
        *rest, position = case
        try:
            self.vjp(self.numpy, *rest, (position,))
        except GradcliError as error:
            if error.diagnostic.code == "E407":
                return False
            raise
        return True

    def outputs(self, m: Any, record: Record, values: Sequence[Any], params: dict[str, Any]) -> list[Any]:
        found = m.apply(record, values, params)
        return list(found) if isinstance(found, (tuple, list)) else [found]

    def vjp(
        self,
        m: Any,
        record: Record,
        values: Sequence[Any],
        outputs: Sequence[Any],
        cotangents: Sequence[Any],
        params: dict[str, Any],
        needs: tuple[int, ...],
    ) -> list[Any]:
        """The cotangents of the arguments at `needs`, each of its argument's shape."""
        rule = backward_rule(record, sum(1 << i for i in needs), len(values))
        saved = [values[slot] if slot >= 0 else outputs[~slot] for slot in rule.save]
        facts = Facts(params, [tuple(np.shape(x)) for x in values], [tuple(y.shape) for y in outputs])
        g = cotangents[0] if len(cotangents) == 1 else tuple(cotangents)
        return [
            self.conform(m, pull(m, g, saved, facts), tuple(np.shape(values[i])))
            for i, pull in zip(rule.positions, rule.pulls, strict=True)
        ]

    def conform(self, m: Any, g: Any, shape: tuple[int, ...]) -> Any:
        """The cotangent summed (or spread) to its argument's shape, as the engine does."""
        if tuple(g.shape) == shape:
            return g
        if len(g.shape) < len(shape) or (0 not in shape and np.prod(g.shape) < np.prod(shape)):
            return m.expand(g, shape=shape, rank=len(g.shape))
        return m.sum_to(g, shape=shape, rank=len(g.shape))

    def jvp(
        self, m: Any, record: Record, values: Sequence[Any], outputs: Sequence[Any], tangents: Sequence[Any],
        params: dict[str, Any],
    ) -> list[Any]:  # fmt: skip
        """The tangents of the outputs (None: zero)."""
        return push(m, record, values, outputs, tangents, params)

    def cotangents(self, outputs: Sequence[Any]) -> list[Any]:
        """A random cotangent per float output, as the engine passes them."""
        s = Sampler(7)
        return [s.normal(*np.shape(y)).astype(y.dtype) for y in outputs if np.asarray(y).dtype.kind == "f"]

    def exactly(self, values: Sequence[Any]) -> list[Any]:
        """The values in the precise algebra."""
        return [self.precise.array(x) for x in values]

    def free(self, record: Record, x: Any) -> Any:
        """How x may move: a function of direction arrays.

        An operation on symmetric or triangular matrices may read one triangle only, and its gradient is
        then a convention off the matrices of that kind: such an argument moves among its kind.
        """
        square = record.kind == "general" and x.ndim > 1 and x.shape[-1] == x.shape[-2] > 1
        if square and np.array_equal(x, np.swapaxes(x, -1, -2)):
            return lambda direction: (direction + np.swapaxes(direction, -1, -2)) / 2
        if square and not np.triu(x, 1).any():
            return np.tril
        if square and not np.tril(x, -1).any():
            return np.triu
        return lambda direction: direction

    def has_digits(self, record: Record, values: Sequence[Any], params: dict[str, Any]) -> bool:
        """Whether the precise algebra can evaluate the record."""
        try:
            self.outputs(self.precise, record, self.exactly(values), params)
        except GradcliError as error:
            if error.diagnostic.code == "E308":
                return False
            raise
        return True


def primitives() -> list[Record]:
    """Every record but the composites, which are fronts over these."""
    return [record for record in catalog().values() if record.kind != "composite"]


SUBJECTS = {
    "record": primitives,
    "elementwise": lambda: [r for r in primitives() if r.kind == "elementwise"],
    "linear": lambda: [r for r in primitives() if r.kind == "linear"],
    "differentiable": lambda: [r for r in primitives() if r.differentiable],
    "curved": lambda: [r for r in primitives() if r.differentiable and r.kind != "linear"],
    "any_record": lambda: list(catalog().values()),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, subjects in SUBJECTS.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, subjects(), ids=lambda record: record.name)


LAWS = Laws()


@pytest.fixture(scope="session")
def laws() -> Laws:
    return LAWS


@pytest.fixture(autouse=True)
def quiet_floats() -> Any:
    """Overflow and division by zero are values here, as in a session."""
    with np.errstate(all="ignore"):
        yield
