"""Products, linear algebra and layers against PyTorch: values, nodes, first and second gradients."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradcli.torch as gt  # noqa: E402 - after the skip

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore::UserWarning")]

MATMUL = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 2)), ((5, 2, 3), (3,)), ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)), ((5, 2, 3), (5, 3, 4)), ((3,), (5, 3, 4)),
    ((1, 2, 3), (5, 3, 4)), ((6, 1, 2, 3), (5, 3, 4)),
]  # fmt: skip


def compare(function, *shapes, seed=0):
    """A function of a namespace and leaves, in both: values, node, gradients, and gradients of gradients."""
    random = np.random.default_rng(seed)
    arrays = [random.standard_normal(shape) for shape in shapes]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
    ours = [gt.tensor(array, dtype=gt.float64, requires_grad=True) for array in arrays]
    expected, found = function(torch, *theirs), function(gt, *ours)
    assert found.grad_fn.name() == expected.grad_fn.name()
    close(found, expected)
    weights = random.standard_normal(tuple(expected.shape))
    firsts = [
        space.autograd.grad((output * space.tensor(weights)).sum(), leaves, create_graph=True)
        for space, output, leaves in ((torch, expected, theirs), (gt, found, ours))
    ]
    for mine, reference in zip(firsts[1], firsts[0], strict=True):
        close(mine, reference)
    totals = [sum((one**2).sum() for one in first) for first in firsts]
    if totals[0].requires_grad:
        seconds = [
            space.autograd.grad(total, leaves, allow_unused=True, materialize_grads=True)
            for space, total, leaves in ((torch, totals[0], theirs), (gt, totals[1], ours))
        ]
        for mine, reference in zip(seconds[1], seconds[0], strict=True):
            close(mine, reference)


def close(mine, reference):
    np.testing.assert_allclose(mine.detach().numpy(), reference.detach().numpy(), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(("left", "right"), MATMUL)
def test_matmul_agrees(left, right):
    compare(lambda _, a, b: a @ b, left, right)


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ij,jk->ik", [(3, 4), (4, 2)]),
        ("ii->i", [(3, 3)]),
        ("bij,bjk->bik", [(2, 3, 4), (2, 4, 2)]),
        ("i,j->ij", [(3,), (2,)]),
        ("...ij,jk->...ik", [(2, 3, 4), (4, 2)]),
        ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 2)]),
    ],
)
def test_einsum_agrees(equation, shapes):
    compare(lambda t, *operands: t.einsum(equation, *operands), *shapes)


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (lambda t, a: t.linalg.det(a), [(3, 3)]),
        (lambda t, a: t.linalg.slogdet(a)[1], [(3, 3)]),
        (lambda t, a: t.linalg.inv(a), [(2, 3, 3)]),
        (lambda t, a, b: t.linalg.solve(a, b), [(3, 3), (3,)]),
        (lambda t, a, b: t.linalg.solve(a, b), [(3, 3), (3, 2)]),
        (lambda t, a, b: t.linalg.solve(a, b, left=False), [(3, 3), (2, 3)]),
        (lambda t, a, b: t.linalg.solve_triangular(a, b, upper=True), [(3, 3), (3, 2)]),
        (lambda t, a: t.linalg.svdvals(a), [(3, 2)]),
        (lambda t, a: t.linalg.pinv(a), [(4, 2)]),
        (lambda t, a: t.linalg.qr(a)[1], [(3, 2)]),
        (lambda t, a: t.linalg.matrix_exp(a), [(3, 3)]),
        (lambda t, a: t.linalg.eigvalsh(a), [(3, 3)]),
        (lambda t, a: t.linalg.cond(a), [(3, 3)]),
        (lambda t, a, b: t.linalg.cross(a, b), [(2, 3), (2, 3)]),
        (lambda t, a, b: t.kron(a, b), [(2, 3), (2, 2)]),
        (lambda t, a, b, c: t.addmm(a, b, c, beta=0.5, alpha=2), [(2, 4), (2, 3), (3, 4)]),
        (lambda t, a, b, c: t.nn.functional.linear(a, b, c), [(5, 2, 3), (4, 3), (4,)]),
    ],
)
def test_linear_algebra_agrees(function, shapes):
    compare(function, *shapes)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1}, {"dilation": 2, "groups": 2}])
def test_convolutions_agree(rank, options):
    sizes, kernel, groups = (5,) * rank, (2,) * rank, options.get("groups", 1)
    name = f"conv{rank}d"
    compare(
        lambda t, x, w, b: getattr(t.nn.functional, name)(x, w, b, **options),
        (2, 4, *sizes), (2, 4 // groups, *kernel), (2,),
    )  # fmt: skip
    spread = f"conv_transpose{rank}d"
    compare(
        lambda t, x, w, b: getattr(t.nn.functional, spread)(x, w, b, **options),
        (2, 4, *sizes), (4, 2, *kernel), (2 * groups,),
    )  # fmt: skip


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("avg_pool{}d", (3, 2, 1, True, False)),
        ("max_pool{}d", (3, 2, 1, 1, True)),
        ("adaptive_avg_pool{}d", (3,)),
        ("adaptive_max_pool{}d", (3,)),
        ("lp_pool{}d", (3.0, 2)),
    ],
)
def test_pools_agree(rank, name, arguments):
    compare(
        lambda t, x: getattr(t.nn.functional, name.format(rank))(x * x, *arguments),
        (2, 2, *(5,) * rank),
    )


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize(("mode", "rank"), [("linear", 1), ("bilinear", 2), ("trilinear", 3), ("bicubic", 2)])
@pytest.mark.parametrize("size", [{"size": 7}, {"size": 2}, {"scale_factor": 1.7}])
def test_interpolation_agrees(mode, rank, aligned, size):
    compare(
        lambda t, x: t.nn.functional.interpolate(x * x, mode=mode, align_corners=aligned, **size),
        (1, 2, *(4,) * rank),
    )


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "area"])
@pytest.mark.parametrize("size", [{"size": 7}, {"size": 3}, {"scale_factor": 2.3}])
def test_interpolation_by_the_nearest_element_agrees(mode, size):
    compare(lambda t, x: t.nn.functional.interpolate(x * x, mode=mode, **size), (1, 2, 4, 5))


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize(("mode", "rank"), [("bilinear", 2), ("nearest", 2), ("bicubic", 2), ("bilinear", 3)])
def test_grids_are_sampled_alike(mode, rank, padding, aligned):
    random = np.random.default_rng(0)
    arrays = [
        random.standard_normal((2, 3, *(4,) * rank)),
        random.uniform(-1.6, 1.6, (2, *(3,) * rank, rank)),
    ]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
    ours = [gt.tensor(array, dtype=gt.float64, requires_grad=True) for array in arrays]
    options = (mode, padding, aligned)
    expected = torch.nn.functional.grid_sample(*theirs, *options)
    found = gt.nn.functional.grid_sample(*ours, *options)
    close(found, expected)
    references = torch.autograd.grad((expected**2).sum(), theirs)
    for mine, reference in zip(gt.autograd.grad((found**2).sum(), ours), references, strict=True):
        close(mine, reference)


@pytest.mark.parametrize("causal", [False, True])
def test_attention_agrees(causal):
    compare(
        lambda t, q, k, v: t.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal),
        (2, 3, 4), (2, 3, 4), (2, 3, 4),
    )  # fmt: skip


@pytest.mark.parametrize(
    "function",
    [
        lambda _, a, b: a @ b,
        lambda t, a, b: t.linalg.solve(a, b),
        lambda t, a, _: t.linalg.det(a),
        lambda t, a, _: t.linalg.svd(a)[1],
        lambda t, a, _: t.linalg.pinv(a),
        lambda t, a, _: t.linalg.matrix_exp(a),
        lambda t, a, b: t.nn.functional.conv2d(a[None, None], b[None, None, :2, :2]),
        lambda t, a, _: t.nn.functional.avg_pool2d(a[None], 2),
        lambda t, a, _: t.nn.functional.interpolate(a[None], size=7, mode="linear"),
    ],
)
def test_single_precision_stays_single_precision(function):
    array = np.random.default_rng(0).standard_normal((3, 3)).astype(np.float32)
    ours = [gt.tensor(array, requires_grad=True), gt.tensor(array + 1, requires_grad=True)]
    theirs = [torch.tensor(array, requires_grad=True), torch.tensor(array + 1, requires_grad=True)]
    found, expected = function(gt, *ours), function(torch, *theirs)
    assert found.detach().numpy().dtype == np.float32
    np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=2e-4, atol=2e-4)
    found.sum().backward()
    assert ours[0].grad.numpy().dtype == np.float32
