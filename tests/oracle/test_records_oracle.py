"""Records against PyTorch: conventions at kinks and edges, and PyTorch's own sample inputs."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gradcli import torch as ours  # noqa: E402 - after the skip
from gradcli.autograd import session  # noqa: E402
from gradcli.autograd.methods import function_of  # noqa: E402
from gradcli.diagnostics import GradcliError  # noqa: E402
from gradcli.ops.catalog import catalog, spelled  # noqa: E402
from gradcli.ops.dtypes import FLOAT64  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore::UserWarning")]

# Wherever an operation of one or two numbers may have a kink, a jump or an edge.
POINTS = (-6.0, -3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0, 6.0, 20.0)
# Where PyTorch's numbers are not to be followed: its trigamma is 1e31 and the like at the poles.
NOT_FOLLOWED = {"digamma"}
# Samples that cannot be compared: vectors determined up to a sign, random masks, a function of PyTorch's
# as an argument.
LEFT_OUT = {
    "linalg.eigh", "linalg.svd", "svd",
    "nn.functional.dropout", "nn.functional.scaled_dot_product_attention",
    "nn.functional.triplet_margin_with_distance_loss",
}  # fmt: skip
SAMPLES = 4
RTOL, ATOL = 1e-6, 1e-8


def _counterpart(record):
    """PyTorch's function for a record, found by the first spelling that PyTorch knows."""
    for spelling in record.spellings():
        if not spelling.startswith("Tensor."):
            place = torch
            for part in spelling.split("."):
                place = getattr(place, part, None)
            if place is not None:
                return place
    return None


def _plain(record):
    """Public elementwise operations of one or two tensors that need no further argument."""
    if record.kind != "elementwise" or not record.differentiable or record.discrete or len(record.args) > 2:
        return False
    return _counterpart(record) is not None and record.name not in NOT_FOLLOWED


KINKED = [record for record in catalog().values() if _plain(record)]


def _same(found, expected, what):
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, f"{what}: shape {found.shape}, PyTorch {expected.shape}"
    bad = ~np.isclose(found, expected, rtol=RTOL, atol=ATOL, equal_nan=True)
    assert not bad.any(), (
        f"{what}: {found[bad][:5]}, PyTorch {expected[bad][:5]}, at {np.argwhere(bad)[:5].tolist()}"
    )


def _theirs(function, arrays):
    leaves = [torch.tensor(x, requires_grad=True) for x in arrays]
    out = function(*leaves)
    out.sum().backward()
    gradients = [leaf.grad.numpy(force=True) for leaf in leaves if leaf.grad is not None]
    return out.detach().numpy(), gradients, out.grad_fn.name()


def _ours(record, arrays):
    with session(default_dtype=FLOAT64):
        leaves = [ours.tensor(x.tolist(), dtype=ours.float64, requires_grad=True) for x in arrays]
        out = function_of(record)(*leaves)
        out.sum().backward()
        return (
            out.detach().numpy(),
            [leaf.grad.numpy() for leaf in leaves if leaf.grad is not None],
            out.grad_fn.name(),
        )


@pytest.mark.parametrize("record", KINKED, ids=lambda record: record.name)
def test_kinks_and_edges_follow_pytorch(record):
    axes = np.meshgrid(*[POINTS] * len(record.args))
    arrays = [axis.ravel() for axis in axes]
    try:
        value, gradients, node = _theirs(_counterpart(record), arrays)
    except (RuntimeError, TypeError):  # not differentiable, or it needs another argument
        pytest.skip("PyTorch does not differentiate it as called")
    found, ours_gradients, our_node = _ours(record, arrays)
    _same(found, value, f"{record.name}: the value")
    assert our_node == node
    for position, (x, y) in enumerate(zip(ours_gradients, gradients, strict=True)):
        _same(x, y, f"{record.name}: the gradient for argument {position}")


def _spelling(op):
    """Our spelling of an operator in PyTorch's catalogue of samples."""
    for name in (op.name, f"Tensor.{op.name}"):
        if name in spelled():
            return name
    return None


def _samples():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db

    return [
        op
        for op in op_db
        if _spelling(op) and op.supports_autograd and not op.variant_test_name and op.name not in LEFT_OUT
    ]


def _mapped(value, convert):
    """A sample's arguments with each tensor converted, and once only where it occurs twice."""
    if isinstance(value, torch.Tensor):
        return convert(value)
    if isinstance(value, (tuple, list)) and not isinstance(value, torch.Size):
        return type(value)(_mapped(one, convert) for one in value)
    return {k: _mapped(v, convert) for k, v in value.items()} if isinstance(value, dict) else value


def _fresh(value):
    """PyTorch's samples share tensors, whose gradients would add up."""
    return value.detach().clone().requires_grad_(value.requires_grad)


def _as_ours(value):
    if isinstance(value, torch.Tensor):
        dtype = getattr(ours, str(value.dtype).removeprefix("torch."))
        tensor = (
            ours.tensor(value.detach().numpy().tolist(), dtype=dtype).reshape(tuple(value.shape)).detach()
        )
        return tensor.requires_grad_() if value.requires_grad else tensor
    return value


def _dtypes(value):
    """The arguments that are dtypes, in our words."""
    if isinstance(value, dict):
        return {k: _dtypes(v) for k, v in value.items()}
    if isinstance(value, torch.Size):
        return tuple(value)
    return getattr(ours, str(value).removeprefix("torch.")) if isinstance(value, torch.dtype) else value


def _leaves(*values):
    for value in values:
        if hasattr(value, "requires_grad"):
            if value.requires_grad:
                yield value
        elif isinstance(value, (tuple, list)):
            yield from _leaves(*value)
        elif isinstance(value, dict):
            yield from _leaves(*value.values())


def _outputs(found):
    return [y for y in (found if isinstance(found, (tuple, list)) else [found]) if hasattr(y, "dtype")]


def _backward(outs):
    roots = [y for y in outs if y.requires_grad]
    if roots:
        total = roots[0].sum()
        for y in roots[1:]:
            total = total + y.sum()
        total.backward()


# PyTorch lists these arguments in another order than its public function takes them.
REORDERED = {
    "where": lambda f: lambda x, condition, other: f(condition, x, other),
    "einsum": lambda f: lambda operands, equation: f(equation, *operands),
    "polygamma": lambda f: lambda x, n: f(n, x),
    "nn.functional.embedding": lambda f: lambda weight, index, **k: f(index, weight, **k),
}


def _compare(op, function, sample):
    """One sample in both; False where it is not comparable."""
    theirs_args, theirs_kwargs = _mapped([[sample.input, *sample.args], sample.kwargs], cache(_fresh))
    leaves = list(_leaves(*theirs_args, theirs_kwargs))
    if any(str(leaf.dtype) not in ("torch.float64", "torch.float32") for leaf in leaves):
        return False
    try:
        theirs = _outputs(op(*theirs_args, **theirs_kwargs))
    except RuntimeError:  # a sample that PyTorch itself has for other dtypes only
        return False
    if any(y.is_complex() for y in theirs):
        return False
    with session(default_dtype=FLOAT64):
        args, kwargs = _mapped([theirs_args, theirs_kwargs], cache(_as_ours))
        args, kwargs = [_dtypes(x) for x in args], _dtypes(kwargs)
        try:
            found = _outputs(function(*args, **kwargs))
        except GradcliError as error:
            pytest.fail(f"{op.name}: {error} on {sample.summary()}")
        _backward(theirs)
        _backward(found)
        for number, (x, y) in enumerate(zip(found, theirs, strict=True)):
            _same(x.detach().numpy(), y.numpy(force=True), f"{op.name}: output {number}")
        for number, (x, y) in enumerate(zip(_leaves(*args, kwargs), leaves, strict=True)):
            assert (x.grad is None) == (y.grad is None), (
                f"{op.name}: gradient {number} is missing on one side"
            )
            if y.grad is not None:
                _same(x.grad.numpy(), y.grad.numpy(force=True), f"{op.name}: gradient {number}")
    return True


@pytest.mark.parametrize("op", _samples(), ids=lambda op: op.name)
def test_pytorchs_own_samples_agree(op):
    function = REORDERED.get(op.name, lambda f: f)(function_of(spelled()[_spelling(op)]))
    try:
        samples = list(op.sample_inputs("cpu", torch.float64, requires_grad=True))[:SAMPLES]
    except (RuntimeError, TypeError, AssertionError):
        pytest.skip("PyTorch has no float64 samples")
    if not any([_compare(op, function, sample) for sample in samples]):  # noqa: C419 - all of them run
        pytest.skip("no sample is comparable")


TIED = [[1.0, 1.0, 0.0], [2.0, 2.0, 2.0], [0.0, 0.0, 0.0], [-1.0, 3.0, 3.0]]
CHOICES = {
    "max": [(), (-1,), (0,)], "min": [(), (-1,), (0,)], "amax": [(), (-1,)], "amin": [(), (-1,)],
    "median": [(), (-1,)], "nanmedian": [(), (-1,)], "mode": [(-1,)], "kthvalue": [(2, -1)], "sort": [(-1,)],
    "topk": [(2, -1)], "cummax": [(-1,)], "cummin": [(-1,)], "prod": [(), (-1,)], "cumprod": [(-1,), (0,)],
    "std": [(), (-1,)], "var": [(), (-1,)], "norm": [(), (1, -1), (2, -1), (3, -1), (float("inf"), -1)],
    "logsumexp": [(-1,)], "logcumsumexp": [(-1,)], "aminmax": [()], "renorm": [(2, 0, 1.0)],
    "nn.functional.normalize": [()],
}  # fmt: skip
CALLS = [(name, args) for name, calls in CHOICES.items() if name in spelled() for args in calls]


@pytest.mark.parametrize(
    ("name", "args"), CALLS, ids=lambda part: part if isinstance(part, str) else f"{part}"
)
def test_ties_and_zeros_follow_pytorch(name, args):
    theirs = torch
    for part in name.split("."):
        theirs = getattr(theirs, part)
    x = torch.tensor(TIED, dtype=torch.float64, requires_grad=True)
    expected = _outputs(theirs(x, *args))
    _backward(expected)
    with session(default_dtype=FLOAT64):
        leaf = ours.tensor(TIED, requires_grad=True)
        found = _outputs(function_of(spelled()[name])(leaf, *args))
        _backward(found)
    for number, (y, z) in enumerate(zip(found, expected, strict=True)):
        _same(y.detach().numpy(), z.numpy(force=True), f"{name}{args}: output {number}")
    _same(leaf.grad.numpy(), x.grad.numpy(), f"{name}{args}: the gradient")
