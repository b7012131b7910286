"""Subscripts and what is written through them, against PyTorch."""

# Tables of cases, one a line; closures called at once; any error of PyTorch is compared.
# ruff: noqa: E501, B023, BLE001, E402

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradcli.torch as gt
from gradcli.autograd.subscript import get_item, set_item

# PyTorch warns of lists that stand for tuples and of masks of bytes.
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore::UserWarning")]

SHAPE = (2, 3, 4)


def both(value: Any) -> tuple[Any, Any]:
    """A key for gradcli and for PyTorch; arrays become tensors."""
    if isinstance(value, np.ndarray):
        return gt.tensor(value), torch.tensor(value)
    if isinstance(value, tuple):
        pairs = [both(one) for one in value]
        return tuple(mine for mine, _ in pairs), tuple(theirs for _, theirs in pairs)
    return value, value


def same(a: Any, b: Any) -> bool:
    return (a is None) == (b is None) and (a is None or np.allclose(a, b))


def message(action: Any) -> tuple[str, str]:
    try:
        action()
    except Exception as error:
        kind = next(c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins")
        return kind, str(error).splitlines()[0]
    return "", ""


def name_chain(node: Any) -> list[str]:
    found = []
    while node is not None:
        found.append(node.name())
        node = node.next_functions[0][0] if node.next_functions else None
    return found


I, J = np.array([1, 0, 1]), np.array([[0], [2]])
MASK = np.arange(24).reshape(SHAPE) % 3 == 0
KEYS = [
    0, -1, (0, 1), (0, 1, 2), slice(1, None), slice(None), slice(0, 2), slice(None, None, 2), slice(5, 9), ...,
    (), None, (slice(None), None), (..., None), (None, ..., 0), (slice(None), slice(None)), [0], [[0, 1], [1, 0]],
    ([0, 1], [1, 0]), ([0, 1],), I, (0, I), (I, slice(None), I), (slice(None), I), (slice(None), I, J), (J, I), (I, J),
    (slice(None), slice(None), I), (I, None, 1), (I, ..., I), (None, I), np.array(1), np.array(True), np.array(False),
    True, False, (slice(None), True), [True, False], (True, False), MASK, MASK[0], MASK[:, 0, 0], (slice(None), MASK[0]),
    (0, MASK[0]), (MASK[:, :, 0], 1), (slice(None), MASK[0, :, 0], slice(0, 2)), (MASK[:, 0, 0], slice(None), 0),
    (..., [0, 3]), [], range(2), np.array([], dtype=np.int64), (0, ..., 1), [slice(0, 1), 0], (I, slice(1, 2), 0),
    np.array([1, 0], dtype=np.int32), np.array([1, 0], dtype=np.uint8), (slice(None), -1, slice(None, -1)),
]  # fmt: skip
# A view without elements shares no memory, so that nothing is written to it: no node either.
# Nor does PyTorch write through masks of bytes.
USABLE = [
    key
    for key in KEYS
    if not (isinstance(key, slice) and key.start == 5) and getattr(key, "dtype", None) != np.uint8
]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_reading_gives_the_values_the_gradient_and_the_nodes_of_pytorch(key: Any) -> None:
    array = np.random.default_rng(0).standard_normal(SHAPE)
    x, tx = gt.tensor(array, dtype=gt.float64, requires_grad=True), torch.tensor(array, requires_grad=True)
    mine_key, their_key = both(key)
    assert message(lambda: get_item(x, mine_key)) == message(lambda: tx[their_key])
    if message(lambda: tx[their_key])[0]:
        return
    mine, theirs = get_item(x, mine_key), tx[their_key]
    assert np.array_equal(mine.detach().numpy(), theirs.detach().numpy())
    assert name_chain(mine.grad_fn) == name_chain(theirs.grad_fn)
    (mine * mine).sum().backward()
    (theirs * theirs).sum().backward()
    assert np.allclose(x.grad.numpy(), tx.grad.numpy())


@pytest.mark.parametrize("key", USABLE, ids=str)
@pytest.mark.parametrize("filling", ["number", "scalar", "row", "whole"])
def test_writing_gives_the_values_the_gradients_and_the_nodes_of_pytorch(key: Any, filling: str) -> None:
    generator = np.random.default_rng(0)
    array, row = generator.standard_normal(SHAPE), generator.standard_normal(4)
    found = []
    mine_key, their_key = both(key)
    for tensor, get, put, k in (
        (lambda a: gt.tensor(a, dtype=gt.float64, requires_grad=True), get_item, set_item, mine_key),
        (
            lambda a: torch.tensor(a, requires_grad=True),
            lambda x, at: x[at],
            lambda x, at, v: x.__setitem__(at, v),
            their_key,
        ),
    ):
        x, v = tensor(array), tensor(row)
        y = x * 2
        try:
            value = {
                "number": lambda: 7,
                "scalar": lambda: get(v, 0),
                "row": lambda: v * 1,
                "whole": lambda: get(y * 3, k) * get(v, 1),
            }[filling]()
            put(y, k, value)
        except Exception as error:
            found.append(message(lambda error=error: (_ for _ in ()).throw(error)))
            continue
        (y * y).sum().backward()
        grads = [None if leaf.grad is None else leaf.grad.numpy() for leaf in (x, v)]
        found.append((y.detach().numpy(), grads, y.grad_fn.name()))
    mine, theirs = found
    if isinstance(mine[0], str) or isinstance(theirs[0], str):
        assert mine == theirs
        return
    assert np.allclose(mine[0], theirs[0])
    assert mine[2] == theirs[2]
    assert all(map(same, mine[1], theirs[1]))


def program(name: str, t: Any, get: Any, put: Any) -> tuple[Any, ...]:  # noqa: C901, PLR0912 - one branch per form
    """Returns the root and the leaves of a program that writes through subscripts."""
    x = t(np.arange(1.0, 13).reshape(3, 4))
    v = t(np.array([0.5, -1.0, 2.0, 3.0]))
    y = x * 1
    if name == "views of views":
        a = get(y, slice(1, None))
        put(get(a, 0), slice(1, 3), get(v, slice(0, 2)) * 3)
        put(a, (1, 0), get(v, 2))
    elif name == "transposed":
        put(y.T, 1, get(v, slice(0, 3)))
        put(y.T.T, (0, 1), get(v, 3) * get(y * 2, (1, 1)))
    elif name == "several writes":
        for i in range(3):
            put(y, i, get(y * 1, (i - 1) % 3) * v)
    elif name == "masked to zero":
        put(y, y > 5, 0)
    elif name == "mask in a view":
        row = get(y, 1)
        put(row, row > 5, get(v, 0))
    elif name == "added at indices":
        at = t.index([0, 2])
        put(y, at, get(y, at) + v * v)
    elif name == "view used after its base changed":
        row = get(y, 0)
        put(y, (slice(None), 1), get(v, slice(0, 3)))
        put(y, (0, 0), (row * 3).sum())
    elif name == "base used after its view changed":
        row = get(y, 2)
        row *= v
        put(y, 0, row)
    elif name == "into zeros":
        y = t.zeros(3, 4)
        for i in range(3):
            put(y, (i, slice(i, None)), get(v, slice(0, 4 - i)) ** 2)
    elif name == "reshaped":
        flat = y.reshape(12)
        put(flat, slice(None, None, 5), get(v, slice(0, 3)))
        put(flat, t.index([1, 2]), get(v, slice(2, 4)))
    elif name == "indexed in a column":
        put(y, (slice(None), 2), 1.5)
        put(y, (1, t.index([0, 3])), get(v, slice(1, 3)))
    elif name == "expanded":
        put(y, None, get(v, None))
        put(y, (slice(0, 2), slice(0, 1)), get(v, (slice(1, 3), None)))
    return (y * y * y).sum(), x, v


class Mine:
    def __call__(self, array: Any) -> Any:
        return gt.tensor(array, dtype=gt.float64, requires_grad=True)

    def index(self, numbers: list[int]) -> Any:
        return gt.tensor(numbers)

    def zeros(self, *shape: int) -> Any:
        return gt.zeros(*shape, dtype=gt.float64)


class Theirs(Mine):
    def __call__(self, array: Any) -> Any:
        return torch.tensor(array, requires_grad=True)

    def index(self, numbers: list[int]) -> Any:
        return torch.tensor(numbers)

    def zeros(self, *shape: int) -> Any:
        return torch.zeros(*shape, dtype=torch.float64)


@pytest.mark.parametrize(
    "name",
    [
        "views of views", "transposed", "several writes", "masked to zero", "mask in a view", "added at indices",
        "view used after its base changed", "base used after its view changed", "into zeros", "reshaped",
        "indexed in a column", "expanded",
    ],
)  # fmt: skip
@pytest.mark.parametrize("create_graph", [False, True])
def test_programs_that_write_through_views_have_the_gradients_of_pytorch(
    name: str, create_graph: bool
) -> None:
    root, x, v = program(name, Mine(), get_item, set_item)
    troot, tx, tv = program(name, Theirs(), lambda a, k: a[k], lambda a, k, b: a.__setitem__(k, b))
    assert np.allclose(root.item(), troot.item())
    mine = gt.autograd.grad(root, (x, v), create_graph=create_graph, allow_unused=True)
    theirs = torch.autograd.grad(troot, (tx, tv), create_graph=create_graph, allow_unused=True)
    arrays = [[None if g is None else g.detach().numpy() for g in grads] for grads in (mine, theirs)]
    assert all(map(same, *arrays))
    if create_graph:
        first, second = ([g for g in grads if g is not None] for grads in (mine, theirs))
        a = gt.autograd.grad(sum((g * g).sum() for g in first), (x, v), allow_unused=True)
        b = torch.autograd.grad(sum((g * g).sum() for g in second), (tx, tv), allow_unused=True)
        for p, q in zip(a, b, strict=True):
            p_array = np.zeros(1) if p is None else p.numpy()
            q_array = np.zeros(1) if q is None else q.numpy()
            assert np.allclose(p_array, q_array)


@pytest.mark.parametrize(
    ("shape", "key"),
    [
        ((2, 3), 5), ((2, 3), -3), ((2,), (0, 0)), ((2,), np.array([True, False, True])), ((), 0), ((), slice(None)),
        ((), I), ((2, 3), slice(None, None, -1)), ((2, 3), slice(0, 2, 0)), ((2, 3), "a"), ((2, 3), 1.5),
        ((2, 3), np.array([5])), ((2, 3), (slice(None), np.array([5]))), ((2, 3), np.array(1.5)),
        ((2, 3), np.array([1.5])), ((2, 3), (np.array([0, 1]), I)), ((2, 3), (None, 0, 0, 0)),
        ((2, 3), np.ones((2, 2), bool)), ((2, 3), (slice(None), np.ones(2, bool))), ((2, 3), np.array(7)),
        ((2,), (np.array([True, True]), 0)), ((2, 3), (1, slice(None), slice(None))), ((2, 3), {}),
        ((2, 3), slice(0, "a")), ((2, 3), slice(0, 1.5)), ((2, 3), [True, False, True]), ((2, 3), (0, 9)),
        ((2, 3), np.array([0], dtype=np.int16)), ((2, 3), np.zeros(0)), ((2, 3), slice(I, 3)), ((0, 3), 0),
    ],
    ids=str,
)  # fmt: skip
def test_keys_that_do_not_fit_are_refused_in_pytorchs_words(shape: tuple[int, ...], key: Any) -> None:
    x, tx = gt.zeros(*shape) if shape else gt.tensor(1.0), torch.zeros(shape)
    mine_key, their_key = both(key)
    if isinstance(key, slice) and isinstance(key.stop, int) and isinstance(key.start, np.ndarray):
        mine_key, their_key = slice(gt.tensor(key.start), 3), slice(torch.tensor(key.start), 3)
    expected = message(lambda: tx[their_key])
    assert expected[0]
    assert message(lambda: get_item(x, mine_key)) == expected
    assert message(lambda: set_item(x, mine_key, 1.0))[0]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (0, np.ones(2)), (I[:2], np.ones(2)), (I[:2], np.ones((3, 3))), (0, np.ones((2, 3))), (slice(0, 1), np.ones((2, 3))),
        (I[:2], np.ones(3, dtype=np.int64)), (0, [1, 2, 3]), (0, "a"), (0, None), (I[:2], [1]),
        (np.ones((2, 3), bool), np.ones(2)), (np.zeros((2, 3), bool), np.ones(3)),
    ],
    ids=str,
)  # fmt: skip
def test_values_that_do_not_fit_are_refused_in_pytorchs_words(key: Any, value: Any) -> None:
    x, tx = gt.zeros(2, 3, dtype=gt.float64), torch.zeros(2, 3, dtype=torch.float64)
    (mine_key, their_key), (mine, theirs) = both(key), both(value)
    expected = message(lambda: tx.__setitem__(their_key, theirs))
    assert expected[0]
    found = message(lambda: set_item(x, mine_key, mine))
    assert (found[0], found[1].replace("Double", "Float")) == (
        expected[0],
        expected[1].replace("Double", "Float"),
    )


def test_a_leaf_that_requires_grad_is_not_written_to() -> None:
    for key in (0, ..., slice(None), I[:2]):
        x, tx = gt.ones(2, 3, requires_grad=True), torch.ones(2, 3, requires_grad=True)
        mine_key, their_key = both(key)
        expected = message(lambda tx=tx, k=their_key: tx.__setitem__(k, 1.0))
        assert expected[0]
        assert message(lambda x=x, k=mine_key: set_item(x, k, 1.0)) == expected


@pytest.mark.parametrize("write", ["row", "whole", "other row", "index"])
def test_writing_over_what_backward_needs_is_the_error_of_pytorch(write: str) -> None:
    found = []
    for t, get, put in (
        (Mine(), get_item, set_item),
        (Theirs(), lambda a, k: a[k], lambda a, k, b: a.__setitem__(k, b)),
    ):
        y, v = t(np.ones((3, 4))) * 1, t(np.ones(4))
        if write == "row":
            put(y, 0, get(y, 0) * v)
        elif write == "whole":
            put(y, slice(None), get(y, slice(None)) * v)
        elif write == "other row":
            z = get(y, 1) * v
            put(y, 0, z)
        elif write == "index":
            z = y * y
            put(y, t.index([0]), get(z, 0))
        found.append(message(lambda y=y: y.sum().backward()))
    assert found[1][0] == "RuntimeError"
    assert found[0] == found[1]
