"""Forward mode: tangents from the same records, through views, in-place changes, and differentiable again."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli import torch
from gradcli.autograd import session
from gradcli.autograd.forward import jvp

POINT = [[0.3, -1.2, 0.7], [1.1, 0.4, -0.6]]
ALONG = [[0.5, 0.2, -0.9], [-0.4, 1.3, 0.8]]


@pytest.fixture(autouse=True)
def fresh():
    with session(default_dtype=torch.float64.dtype):
        yield


def in_place(x):
    y = x * 2
    y += x
    y.mul_(x)
    y.exp_()
    return y


def through_a_view(x):
    y = x * 2
    view = y.view(-1)
    view.mul_(3)
    view.sin_()
    return y * x


def view_taken_before(x):
    y = x.clone()
    turned = y.t()
    y.mul_(x)
    return turned * turned


def written(x):
    y = torch.zeros(2, 3)
    row = y[0]
    y[1] = x[0] * x[1]
    y[0, 1] = x.sum()
    return y * 2 + row


def overwritten(x):
    y = x * x
    y[0] = 5.0
    y[1, 2] *= 3
    return y


def independent_copies(x):
    y = x + 0
    z = y + 0
    z.mul_(5)
    return y * z


def zeroed(x):
    y = x * 3
    y.zero_()
    return y + x * x


PROGRAMS = {
    "polynomial": lambda x: (x * x * x + 2 * x).sum(),
    "broadcast": lambda x: x.exp() * x.sum(0),
    "matrix": lambda x: (x @ x.t()).tanh(),
    "quotient": lambda x: 1 / (x * x + 1) - x / 3,
    "powers": lambda x: (x * x + 1) ** (x * 0.5) + 2**x,
    "reductions": lambda x: x.mean(1, keepdim=True) * x + x.max(1)[0].sum() + x.prod(0),
    "scan": lambda x: x.logsumexp(1) + x.cumsum(1).sum(1),
    "where": lambda x: torch.where(x > 0, x.sin(), x.cos()),
    "joining": lambda x: torch.cat([x, x * 2], 0).t()[0] * torch.stack([x[0], x[1]], 0).sum(),
    "indexing": lambda x: x[[0, 1, 1]] * x[1, 2] + x[:, ::2].sum(),
    "solve": lambda x: torch.linalg.solve(x @ x.t() + torch.tensor([[5.0, 0.0], [0.0, 6.0]]), x),
    "in place": in_place,
    "through a view": through_a_view,
    "view taken before": view_taken_before,
    "written": written,
    "overwritten": overwritten,
    "independent copies": independent_copies,
    "zeroed": zeroed,
}


def along(function, point, direction):
    out, tangent = jvp(function, [torch.tensor(point)], [torch.tensor(direction)])
    assert tangent.shape == out.shape
    return tangent


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_tangent_is_the_slope_along_its_direction(name):
    function = PROGRAMS[name]
    point, direction, step = np.array(POINT), np.array(ALONG), 1e-6
    with torch.no_grad():
        above, below = (function(torch.tensor(point + s * direction)).numpy() for s in (step, -step))
    np.testing.assert_allclose(
        along(function, point, direction).numpy(), (above - below) / (2 * step), rtol=1e-7, atol=1e-8
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_forward_and_reverse_mode_agree(name):
    function = PROGRAMS[name]
    tangent = along(function, POINT, ALONG)
    weights = torch.tensor(np.cos(np.arange(tangent.numel())).reshape(tangent.shape))
    x = torch.tensor(POINT, requires_grad=True)
    try:
        (gradient,) = torch.autograd.grad(function(x), x, weights)
    except RuntimeError as error:
        assert name == "in place"  # what exp_ and mul_ saved was changed: PyTorch refuses it too
        assert "modified by an inplace operation" in str(error)  # noqa: PT017 - which of the two it is, is the point
        return
    assert float((gradient * torch.tensor(ALONG)).sum()) == pytest.approx(
        float((tangent * weights).sum()), rel=1e-12
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_gradient_of_a_slope_is_the_slope_of_the_gradient(name):
    function = PROGRAMS[name]
    x = torch.tensor(POINT, requires_grad=True)
    _, tangent = jvp(function, [x], [torch.tensor(ALONG)])
    (found,) = torch.autograd.grad((tangent * tangent).sum(), x, materialize_grads=True)
    step = 1e-5
    wanted = np.zeros((2, 3))
    for place in np.ndindex(2, 3):
        moved = np.zeros((2, 3))
        moved[place] = step
        above, below = (along(function, np.array(POINT) + s * moved, ALONG).numpy() for s in (1, -1))
        wanted[place] = ((above**2).sum() - (below**2).sum()) / (2 * step)
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-6, atol=1e-6)


def test_a_hessian_vector_product_is_a_slope_of_the_gradient():
    def slope(x):
        return torch.autograd.grad((x**3).sum() + x.prod(), x, create_graph=True)[0]

    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    gradient, product = jvp(slope, [x], [torch.tensor([1.0, 0.0, -1.0])])
    assert gradient.tolist() == [9, 15, 29]
    assert product.tolist() == [6 - 2, 3 - 1, 2 - 18]


def test_the_users_own_tangent_is_left_alone():
    direction = torch.tensor([1.0, 2.0])
    jvp(lambda x: (x * 1).mul_(5).add_(x), [torch.ones(2)], [direction])
    assert direction.tolist() == [1, 2]


def test_what_does_not_depend_on_the_primals_has_a_zero_tangent():
    out, tangents = jvp(lambda x: (torch.ones(3), x.detach() * 2, x * 2), [torch.ones(2)], [torch.ones(2)])
    assert [t.tolist() for t in tangents] == [[0, 0, 0], [0, 0], [2, 2]]
    assert len(out) == 3


def test_several_primals_add_their_slopes():
    _, tangent = jvp(
        lambda x, y: x * y, [torch.tensor(3.0), torch.tensor(5.0)], [torch.tensor(1.0), torch.tensor(10.0)]
    )
    assert tangent.item() == 35


def test_primals_and_tangents_must_match():
    with pytest.raises(ValueError, match=r"a shape of \[3\] and its primal of \[2\]"):
        jvp(lambda x: x, [torch.ones(2)], [torch.ones(3)])
    with pytest.raises(ValueError, match="got 1 primals and 2 tangents"):
        jvp(lambda x: x, [torch.ones(2)], [torch.ones(2), torch.ones(2)])
    with pytest.raises(TypeError, match="must be tensors"):
        jvp(lambda x: x, [torch.ones(2)], [1.0])
