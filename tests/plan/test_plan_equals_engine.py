"""The law of the plan: on every record that it takes, values and gradients are those of the eager engine.

Tiles are made of a few elements here and every tensor counts as big, so that small samples go through many
tiles in several threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradcli.autograd import Tensor, grad, session
from gradcli.autograd.algebra import TENSORS
from gradcli.diagnostics import GradcliError
from gradcli.plan import grid, kernel, region, schedule, threads
from gradcli.plan.facts import STANDINS
from gradcli.plan.program import planned
from gradcli.plan.standin import GivenUp, StandIn, like
from gradcli.plan.tape import taped
from gradcli.plan.unseen import UnseenTape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.ops.record import Record

DOUBLE, SINGLE = np.dtype(np.float64), np.dtype(np.float32)
# Elementwise records whose NumPy form looks at elements, or not at its argument.
LEFT_TO_THE_ENGINE = {"isreal", "lgamma", "mvlgamma", "zeta", "zeta_of", "zeta_by"}


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(schedule, "BIG", 2)
    monkeypatch.setattr(grid, "TILE", 32)
    monkeypatch.setattr(threads, "LEAST", 1)
    monkeypatch.setattr(threads, "cores", lambda: 2)
    with np.errstate(all="ignore"):
        yield


def _differentiated(
    program: Callable[..., Any], tensors: Sequence[Tensor], seed: int = 3
) -> tuple[list[Tensor], list[Any]]:
    """The outputs of a program and the gradients of all floats among them, weighted at random."""
    found = program(*tensors)
    outputs = [y for y in (found if isinstance(found, tuple) else (found,)) if isinstance(y, Tensor)]
    roots = [y for y in outputs if y.requires_grad]
    targets = [x for x in tensors if x.requires_grad]
    if not roots or not targets:
        return outputs, []
    random = np.random.default_rng(seed)
    weights = [Tensor(np.asarray(random.standard_normal(y.shape)).astype(y.dtype.dtype)) for y in roots]
    return outputs, list(grad(roots, targets, weights, create_graph=True, allow_unused=True))


def _eagerly(program: Callable[..., Any], arrays: Sequence[Any], dtype: Any) -> list[Any]:
    with session(default_dtype=dtype):
        tensors = [Tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]
        outputs, gradients = _differentiated(program, tensors)
        return [None if y is None else y._array for y in (*outputs, *gradients)]


def _by_plan(program: Callable[..., Any], arrays: Sequence[Any], dtype: Any) -> list[Any]:
    with session(default_dtype=dtype):
        tensors = [Tensor(like(x, x.dtype), requires_grad=x.dtype.kind == "f") for x in arrays]
        with taped(UnseenTape()) as tape:
            for tensor in tensors:
                tape.input(tensor)
            outputs, gradients = _differentiated(program, tensors)
            wanted = [y for y in (*outputs, *gradients) if y is not None]
            trace = tape.trace(wanted)
        found = iter(planned(trace, [tensor._array for tensor in tensors]).run(arrays))
        return [None if y is None else next(found) for y in (*outputs, *gradients)]


def _agree(found: Sequence[Any], expected: Sequence[Any], terms: Sequence[Any] | None = None) -> None:
    """Elementwise values within 2 ulps, what is summed within n u times the sum of the terms' sizes."""
    assert len(found) == len(expected)
    for place, (y, reference) in enumerate(zip(found, expected, strict=True)):
        if reference is None:
            assert y is None
            continue
        assert y.shape == reference.shape
        assert y.dtype == reference.dtype
        if reference.dtype.kind != "f":
            np.testing.assert_array_equal(y, reference)
            continue
        np.testing.assert_array_equal(np.isnan(y), np.isnan(reference))
        np.testing.assert_array_equal(np.isposinf(y), np.isposinf(reference))
        np.testing.assert_array_equal(np.isneginf(y), np.isneginf(reference))
        eps = np.finfo(reference.dtype).eps
        zeros = (y == 0) & (reference == 0)
        np.testing.assert_array_equal(np.signbit(y[zeros]), np.signbit(reference[zeros]))
        room = 2 * eps * np.abs(reference)
        if terms is not None and terms[place] is not None:
            room = np.maximum(room, terms[place])
        elif terms is None:  # a general record sums inside; its samples are small
            room = room + 8 * eps * np.abs(reference[np.isfinite(reference)]).max(initial=0)
        ends = ~np.isfinite(reference)
        assert (ends | (np.abs(np.where(ends, 0, y - reference)) <= room)).all()


def _rooms(program: Callable[..., Any], arrays: Sequence[Any]) -> list[Any]:
    """For an elementwise program, n u times the sum of the sizes of what is summed into each gradient.

    None for the output, and for gradients that are no sums.
    """
    shape = np.broadcast_shapes(*[x.shape for x in arrays])
    wide = [
        np.array(np.broadcast_to(x, shape)).astype(DOUBLE if x.dtype.kind == "f" else x.dtype) for x in arrays
    ]
    _, *gradients = _eagerly(program, wide, DOUBLE)
    unit = max(np.finfo(x.dtype).eps for x in arrays if x.dtype.kind == "f") if gradients else 0
    rooms: list[Any] = [None]
    for x, gradient in zip((x for x in arrays if x.dtype.kind == "f"), gradients, strict=False):
        if x.shape == shape or gradient is None:
            rooms.append(None)
            continue
        lead = len(shape) - x.ndim
        over = tuple(i for i in range(len(shape)) if i < lead or x.shape[i - lead] != shape[i])
        total = np.abs(gradient).sum(over, keepdims=True)
        rooms.append(gradient.size * unit * total.reshape(x.shape))
    return rooms


def _compare(
    program: Callable[..., Any], arrays: Sequence[Any], dtype: Any = DOUBLE, *, elementwise: bool = False
) -> None:
    """Fails where they differ; skips where the plan leaves it to the engine."""
    try:
        expected = _eagerly(program, arrays, dtype)
    except GradcliError as error:
        del error
        with pytest.raises((GivenUp, GradcliError)):
            _by_plan(program, arrays, dtype)
        return
    try:
        found = _by_plan(program, arrays, dtype)
    except (GivenUp, GradcliError):
        pytest.skip("left to the engine")
    _agree(found, expected, _rooms(program, arrays) if elementwise else None)


def _applied(record: Record, params: dict[str, Any]) -> Callable[..., Any]:
    return lambda *values: TENSORS.apply(record, values, params)


def test_a_record_gives_the_same_by_tiles(record: Record, laws: Any) -> None:
    for values, params in laws.cases(record):
        _compare(_applied(record, params), values)


def _wider(laws: Any, record: Record) -> list[tuple[Any, ...]]:
    """Points of the domain for a record of several arguments, in shapes that broadcast, of 7 by 5."""
    s = laws.sampler(record)
    shapes = [((7, 5), (5,), (7, 1)), ((7, 1), (7, 5), (1, 5)), ((), (7, 5), (7, 5)), ((7, 5), (7, 5), ())]
    values, _ = laws.cases(record)[0]
    if any(x.dtype.kind != "f" for x in values):
        return []
    domains = [record.domain[min(i, len(record.domain) - 1)] for i in range(len(values))]
    return [
        tuple(s.within(domain, *shape) for domain, shape in zip(domains, some, strict=False))
        for some in shapes
        if len(values) <= len(some)
    ]


def test_an_elementwise_record_is_not_left_to_the_engine(elementwise: Record, laws: Any) -> None:
    if "_polynomial_" in elementwise.name:
        return  # whether its degrees are small may be so or not in memory nobody wrote to
    values, params = laws.cases(elementwise)[0]
    left = False
    try:
        STANDINS.apply(elementwise, [like(np.ones(100), x.dtype) for x in values], params)
    except (GivenUp, GradcliError):
        left = True
    assert left == (elementwise.name in LEFT_TO_THE_ENGINE)


def test_broadcast_arguments_give_the_same(elementwise: Record, laws: Any) -> None:
    _, params = laws.cases(elementwise)[0]
    for values in _wider(laws, elementwise):
        _compare(_applied(elementwise, params), values, elementwise=True)


def test_single_precision_gives_the_same(elementwise: Record, laws: Any) -> None:
    for values, params in laws.cases(elementwise):
        _compare(
            _applied(elementwise, params),
            [x.astype(SINGLE) if x.dtype.kind == "f" else x for x in values],
            elementwise=True,
        )


def test_single_beside_double_gives_the_same(elementwise: Record, laws: Any) -> None:
    for values, params in laws.cases(elementwise):
        if len(values) > 1 and all(x.dtype == DOUBLE and x.ndim for x in values):
            first = values[0].astype(SINGLE)
            program = _applied(elementwise, params)
            _compare(program, [first, *values[1:]], elementwise=True)
            _compare(program, [first, *(np.array(x[0, 0]) for x in values[1:])], elementwise=True)


EITHER_ZERO = {"fmax", "fmin", "maximum", "minimum"}
HARD = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-320, 1e308, -1.0, 1.0, 0.5, -3.0])


def test_nan_infinities_and_zeros_come_out_the_same(elementwise: Record, laws: Any) -> None:
    values, params = laws.cases(elementwise)[0]
    if any(x.dtype.kind != "f" for x in values) or len(values) > 2:
        return
    # Which of 0 and -0 is larger NumPy says differently from place to place, and IEEE 754 not at all.
    hard = HARD[~np.signbit(HARD) | (HARD != 0)] if elementwise.name in EITHER_ZERO else HARD
    points = np.meshgrid(*[hard] * len(values))
    _compare(_applied(elementwise, params), [np.array(x.ravel()) for x in points], elementwise=True)


def test_nothing_gives_nothing(elementwise: Record, laws: Any) -> None:
    values, params = laws.cases(elementwise)[0]
    _compare(_applied(elementwise, params), [np.zeros((0, 3), x.dtype) for x in values], elementwise=True)


def test_a_single_number_gives_the_same(elementwise: Record, laws: Any) -> None:
    values, params = laws.cases(elementwise)[0]
    _compare(_applied(elementwise, params), [np.array(x.ravel()[0]) for x in values], elementwise=True)


def test_arguments_that_are_not_contiguous_give_the_same(elementwise: Record, laws: Any) -> None:
    values, params = laws.cases(elementwise)[0]
    if all(x.shape == (2, 3) for x in values):
        _compare(_applied(elementwise, params), [np.asfortranarray(x) for x in values], elementwise=True)
        _compare(
            _applied(elementwise, params),
            [np.repeat(np.repeat(x, 2, 0), 2, 1)[::2, ::-2] for x in values],
            elementwise=True,
        )


def test_the_modules_under_test_are_those_that_run() -> None:
    assert kernel.in_threads is threads.in_threads
    assert region.Region is schedule.Region
    assert issubclass(StandIn, np.ndarray)
