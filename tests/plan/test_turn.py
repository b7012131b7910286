"""A planned turn of a loop leaves tensors as the engine leaves them, bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradcli import torch
from gradcli.autograd import Tensor
from gradcli.autograd.algebra import TENSORS
from gradcli.diagnostics import GradcliError
from gradcli.plan.sameness import identical
from gradcli.plan.tape import taped
from gradcli.plan.turn import turn_plan
from gradcli.plan.turn_tape import Sites, TurnTape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.plan.turn import TurnPlan

pytestmark = pytest.mark.usefixtures("doubles")


def heard(turn: Callable[[], None], state: Sequence[Tensor]) -> TurnTape:
    tape = TurnTape(state)
    with taped(tape):
        turn()
    tape.end(state)
    return tape


def plan_of(turn: Callable[[], None], state: Sequence[Tensor]) -> TurnPlan | None:
    """The plan of a turn whose tensors all stay, after two turns."""
    one, two = heard(turn, state), heard(turn, state)
    return turn_plan(one, two, state)


def by_plan(plan: TurnPlan, state: Sequence[Tensor], turns: int = 1) -> list[Any]:
    """What a tensor holds after some turns; then all is put back."""
    before = [np.array(tensor._array) for tensor in state]
    assert plan.begin(state)
    for _ in range(turns):
        plan.compute()
        plan.commit()
    plan.end(turns)
    found = [np.array(tensor._array) for tensor in state]
    for tensor, array in zip(state, before, strict=True):
        tensor._array[...] = array
    return found


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_operation_and_its_gradient_are_the_engines(record: Any, laws: Any, dtype: Any) -> None:
    for values, params in laws.cases(record):
        needed = laws.positions(record, values, params)
        arrays = [np.array(value) for value in values]
        arrays = [array.astype(dtype) if array.dtype.kind == "f" else array for array in arrays]
        operands = [Tensor(array, requires_grad=i in needed) for i, array in enumerate(arrays)]
        leaves = [operands[i] for i in needed]
        first = TENSORS.apply(record, operands, params)
        outputs = list(first) if isinstance(first, (tuple, list)) else [first]
        kept = [Tensor(np.zeros_like(one._array)) for one in (*outputs, *leaves)]
        weights = [
            Tensor(np.linspace(0.5, 1.5, y._array.size).reshape(y.shape).astype(dtype)) for y in outputs
        ]

        def turn(
            operands: Any = operands, params: Any = params, leaves: Any = leaves, kept: Any = kept,
            weights: Any = weights,
        ) -> None:  # fmt: skip
            found = TENSORS.apply(record, operands, params)
            found = list(found) if isinstance(found, (tuple, list)) else [found]
            through = [(root, w) for root, w in zip(found, weights, strict=True) if root.requires_grad]
            if through:
                torch.autograd.backward(*map(list, zip(*through, strict=True)))
            with torch.no_grad():
                for target, source in zip(kept, [*found, *(leaf.grad for leaf in leaves)], strict=True):
                    if source is not None:
                        target.copy_(source)
                for leaf in leaves:
                    leaf.mul_(1.0 + 2.0**-20)  # still inside the domain, and on the same side of kinks
                    leaf.grad = None

        state = [*operands, *kept, *weights]
        try:
            plan = plan_of(turn, state)
        except GradcliError:
            continue
        assert plan is not None
        found = by_plan(plan, state, 2)
        turn()
        turn()
        assert all(identical(a, tensor._array) for a, tensor in zip(found, state, strict=True))


def descent() -> tuple[Callable[[], None], list[Tensor]]:
    """A turn of gradient descent with momentum by an optimizer, and all its tensors."""
    w = Tensor(np.array([3.0, -2.0]), requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.5)

    def turn() -> None:
        optimizer.zero_grad()
        (w**4).sum().backward()
        optimizer.step()

    turn()
    return turn, [w, optimizer.state[w]["momentum_buffer"]]


def test_an_optimizer_makes_its_own_step() -> None:
    turn, state = descent()
    plan = plan_of(turn, state)
    assert plan is not None
    found = by_plan(plan, state, 5)
    for _ in range(5):
        turn()
    assert all(identical(a, tensor._array) for a, tensor in zip(found, state, strict=True))


def test_versions_are_as_after_the_engine() -> None:
    turn, state = descent()
    plan = plan_of(turn, state)
    assert plan is not None
    version = state[0]._version
    by_plan(plan, state, 3)
    assert state[0]._version == version + 3


def test_changes_that_tensors_count_together_are_counted_once() -> None:
    whole = Tensor(np.zeros(4))
    u, v = whole[:2].detach(), whole[2:].detach()
    del whole

    def turn() -> None:
        u.add_(1)
        v.add_(2)

    plan = plan_of(turn, [u, v])
    assert plan is not None
    version = u._version
    by_plan(plan, [u, v], 3)
    assert u._version == v._version == version + 6


def test_the_last_turn_can_be_taken_back() -> None:
    turn, state = descent()
    plan = plan_of(turn, state)
    assert plan is not None
    assert plan.begin(state)
    for _ in range(2):
        before = [np.array(tensor._array) for tensor in state]
        plan.compute()
        plan.commit()
    version = state[0]._version
    plan.undo()
    plan.end(1)
    assert state[0]._version == version - 1
    assert all(identical(a, tensor._array) for a, tensor in zip(before, state, strict=True))


def test_a_plan_does_not_begin_where_what_it_took_for_fixed_has_changed() -> None:
    x, w = Tensor(np.array([1.0, 2.0])), Tensor(np.zeros(2))
    plan = plan_of(lambda: w.add_(x * 2), [x, w])
    assert plan is not None
    assert plan.begin([x, w])
    plan.end(0)
    x._array[0] = 5.0
    assert not plan.begin([x, w])
    assert not plan.begin([Tensor(x._array), Tensor(w._array)])


def test_a_tensor_that_another_replaces_is_carried_on() -> None:
    state = [Tensor(np.array([1.0, 2.0]))]

    def turn() -> TurnTape:
        tape = TurnTape(state)
        with taped(tape):
            state[0] = torch.sin(state[0]) * 1.5
        tape.end(state)
        return tape

    assert turn_plan(turn(), turn(), state) is None  # where nobody can put another
    plan = turn_plan(turn(), turn(), state, replaceable=[0])
    assert plan is not None
    assert plan.begin(state)
    for _ in range(4):
        plan.compute()
        plan.commit()
    before, expected = state[0], np.array(state[0]._array)
    state[0] = plan.end(4)[0]
    assert identical(before._array, expected)
    for _ in range(4):
        expected = np.sin(expected) * 1.5
    assert identical(state[0]._array, expected)


def test_plain_numbers_are_given_where_they_are_asked_for() -> None:
    w = Tensor(np.array([1.0, 2.0]))
    seen = []

    def turn() -> None:
        w.mul_(0.5)
        seen.append(w.sum().item())

    assert plan_of(turn, [w]) is None
    one, two = heard(turn, [w]), heard(turn, [w])
    one.told, two.told = [(one.told[0][0], (3, 7))], [(two.told[0][0], (3, 7))]  # as if a text had asked
    plan = turn_plan(one, two, [w], Sites(((3, 7),)))
    assert plan is not None
    assert plan.begin([w])
    assert plan.compute() == {(3, 7): 3.0 * 0.5**5}
    plan.end(0)


def history() -> tuple[Callable[[], Any], list[Tensor]]:
    w, total = Tensor(np.ones(2), requires_grad=True), Tensor(np.zeros(2))
    return lambda: total.add_(w), [w, total]


def shared() -> tuple[Callable[[], Any], list[Tensor]]:
    w = Tensor(np.ones(2))
    other = w.detach()
    return lambda: w.mul_(0.5), [w, other]


def decided() -> tuple[Callable[[], Any], list[Tensor]]:
    w = Tensor(np.ones(2))
    return lambda: w.mul_(0.5 if w[0] > 0 else 2.0), [w]


def read_after_the_step() -> tuple[Callable[[], Any], list[Tensor]]:
    turn, (w, buffer) = descent()
    kept = Tensor(np.zeros(2))

    def more() -> None:
        turn()
        with torch.no_grad():
            kept.copy_(w)

    return more, [w, buffer, kept]


def reading_memory() -> tuple[Callable[[], Any], list[Tensor]]:
    turn, (w, buffer) = descent()
    kept = Tensor(np.zeros(2))

    def more() -> None:
        kept.copy_(buffer)
        turn()

    return more, [w, buffer, kept]


def changed_unheard() -> tuple[Callable[[], Any], list[Tensor]]:
    w = Tensor(np.ones(2))

    def turn() -> None:
        w._array *= 0.5
        w._count_change()

    return turn, [w]


def refused() -> tuple[Callable[[], Any], list[Tensor]]:
    w = Tensor(np.ones(2))

    def turn() -> None:
        try:
            torch.linalg.cholesky(torch.stack([w, w]))
        except GradcliError:
            w.mul_(0.5)

    return turn, [w]


def turns_differ() -> tuple[Callable[[], Any], list[Tensor]]:
    w, rates = Tensor(np.ones(2)), iter((0.1, 0.2))
    return lambda: w.mul_(next(rates)), [w]


@pytest.mark.parametrize(
    "case",
    [
        history, shared, decided, read_after_the_step, reading_memory, changed_unheard, refused, turns_differ,
    ],
)  # fmt: skip
def test_a_turn_is_not_planned(case: Callable[[], tuple[Callable[[], Any], list[Tensor]]]) -> None:
    turn, state = case()
    assert plan_of(turn, state) is None
