"""The rest of torch's face against PyTorch: methods, devices, random fills, options of printing, messages."""

# Each case is one expression run with both modules; any error of theirs is compared.
# ruff: noqa: BLE001, E402, E501, PLC3002

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gradcli import torch as gt

pytestmark = pytest.mark.oracle

KINDS = (
    NotImplementedError,
    RuntimeError,
    OverflowError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    AssertionError,
)


def told(expression: Any, module: Any) -> str:
    """What an expression gives as text, or the message of its error; the same stream of numbers for both."""
    module.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            text = str(expression(module))
        except Exception as error:
            kind = next((one.__name__ for one in KINDS if isinstance(error, one)), "?")
            return f"{kind}: {error}"
        finally:
            module.set_printoptions(profile="default")
    return re.sub(r"0x[0-9a-f]+", "0x", text)


def leaf(t: Any) -> Any:
    return t.tensor([1.0, 2.0], requires_grad=True)


def grid(t: Any) -> Any:
    return t.arange(6.0).reshape(2, 3)


FILLS = [
    "uniform_()", "uniform_(-1, 1)", "uniform_(2, 1)", "normal_()", "normal_(1, 2)", "normal_(0, -1)", "bernoulli_()",
    "bernoulli_(0.3)", "bernoulli_(2.0)", "random_()", "random_(10)", "random_(2, 5)", "random_(5, 5)", "exponential_()",
    "exponential_(2.0)", "exponential_(-1.0)", "cauchy_()", "cauchy_(1, 2)", "cauchy_(1, -2)", "log_normal_()",
    "log_normal_(0, 0.5)", "log_normal_(0, -1)", "geometric_(0.3)", "geometric_(0.0)",
]  # fmt: skip


def called(tensor: Any, text: str) -> Any:
    """The method that a text such as `uniform_(-1, 1)` calls."""
    name, _, rest = text.partition("(")
    return getattr(tensor, name)(
        *[float(one) if "." in one else int(one) for one in rest[:-1].split(",") if one]
    )


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "int32", "bool", "uint8"])
@pytest.mark.parametrize("fill", FILLS)
def test_a_tensor_is_filled_with_the_numbers_of_pytorch(fill: str, dtype: str) -> None:
    if dtype not in ("float32", "float64") and not fill.startswith(("random_()", "bernoulli_(0.3)")):
        return  # what other dtypes refuse, the generator's own tests compare
    mine, theirs = (
        told(lambda t: [called(t.zeros(size, dtype=getattr(t, dtype)), fill) for size in (3, 20)], module)
        for module in (gt, torch)
    )
    assert mine == theirs


CASES = {
    "bernoulli of a tensor": lambda t: t.zeros(5).bernoulli_(t.tensor([0.0, 1.0, 0.5, 0.5, 0.5])),
    "bernoulli by a method": lambda t: (t.zeros(5) + 0.5).bernoulli(),
    "multinomial by a method": lambda t: t.tensor([0.1, 0.2, 0.7]).multinomial(2),
    "a leaf filled": lambda t: leaf(t).uniform_(),
    "a result filled": lambda t: [getattr(leaf(t) * 1, name)() for name in ("uniform_", "normal_", "exponential_", "cauchy_", "log_normal_")],
    "a leaf filled unrecorded": lambda t: unrecorded(t, lambda: (lambda x: (x.normal_(), x._version))(leaf(t))),
    "a row filled": lambda t: (lambda x: (x[0].uniform_(), x, x._version))(t.zeros(2, 3)),
    "a transposed tensor filled": lambda t: (lambda x: (x.t().uniform_(), x))(t.zeros(2, 3)),
    "the gradient of what was filled": lambda t: gradient(t, lambda x: ((x * 1).uniform_() * 3 + x).sum()),
    "a diagonal": lambda t: (t.zeros(3, 3).fill_diagonal_(2.0), t.zeros(4, 2).fill_diagonal_(2.0, wrap=True)),
    "a diagonal of a vector": lambda t: t.zeros(4).fill_diagonal_(2.0),
    "reshaped in place": lambda t: [grid(t).t_(), grid(t).transpose_(0, 1), grid(t).unsqueeze_(0), grid(t).swapaxes_(0, 1)],
    "squeezed in place": lambda t: [grid(t).reshape(2, 1, 3).squeeze_(), grid(t).reshape(2, 1, 3).squeeze_(1)],
    "reshaped in place, as part of a graph": lambda t: gradient(t, lambda x: (lambda y: (y.unsqueeze_(0), y.t_(), y * t.tensor([[1.0], [3.0]]))[2].sum())(x * 1)),
    "a leaf reshaped unrecorded": lambda t: unrecorded(t, lambda: (lambda x: (x.unsqueeze_(0), x.is_leaf))(leaf(t))),
    "a view reshaped and changed": lambda t: gradient(t, lambda x: (lambda y: (y[:1].unsqueeze_(0).mul_(3), y)[1].sum())(x * 2)),
    "a leaf reshaped in place": lambda t: leaf(t).unsqueeze_(0),
    "versions of what was reshaped": lambda t: (lambda x: (x.t_()._version, x.stride(), x.shape))(grid(t)),
    "bytes of floats": lambda t: t.tensor([1.0, 2.0]).view(t.int32),
    "bytes of pairs of floats": lambda t: t.tensor([1.0, 2.0]).view(t.int64),
    "bytes of halves of integers": lambda t: t.tensor([1, 2]).view(t.int32),
    "bytes that do not fit": lambda t: t.tensor([1.0, 2.0, 3.0]).view(t.float64),
    "bytes of a scalar": lambda t: t.tensor(1.0).view(t.int64),
    "arrays": lambda t: (np.asarray(grid(t)), np.array(grid(t), dtype=np.int64), np.sin(grid(t)), grid(t) * np.ones(3)),
    "an array of a leaf": lambda t: np.asarray(leaf(t)),
    "an array of a leaf, forced": lambda t: leaf(t).numpy(force=True),
    "a tensor times an array": lambda t: grid(t) * np.ones(3),
    "a tensor times a number of NumPy": lambda t: grid(t) * np.float32(2),
    "types": lambda t: (grid(t).type(), grid(t).type(t.int64), grid(t).type("torch.DoubleTensor"), grid(t).type(t.LongTensor)),
    "facts": lambda t: [getattr(grid(t), name)() for name in ("is_complex", "is_signed", "is_conj", "is_neg", "is_pinned", "is_shared", "get_device", "storage_offset", "dense_dim", "is_inference")],
    "more facts": lambda t: [getattr(grid(t), name) for name in ("is_cuda", "is_cpu", "is_quantized", "is_meta", "layout", "name", "device", "is_mps", "grad_dtype", "real")],
    "facts of functions": lambda t: (t.is_complex(grid(t)), t.is_same_size(grid(t), grid(t)), t.is_inference(grid(t)), t.typename(grid(t))),
    "an imaginary part": lambda t: grid(t).imag,
    "sums to a size": lambda t: (grid(t).sum_to_size(1, 3), grid(t).sum_to_size(3)),
    "a sum to no size": lambda t: grid(t).sum_to_size(4),
    "addresses": lambda t: (lambda x: (x.data_ptr() == x[0].data_ptr(), x.data_ptr() == x[1].data_ptr(), x[1].data_ptr() - x.data_ptr()))(grid(t)),
    "the CPU": lambda t: (grid(t).cpu(), grid(t).to("cpu"), grid(t).to(t.device("cpu")), grid(t).to(device="cpu", dtype=t.int32)),
    "another device": lambda t: grid(t).cuda(),
    "devices": lambda t: [t.device(name) for name in ("cpu", "cuda", "cuda:0", "mps", "meta")],
    "no device": lambda t: t.device("abc"),
    "parts of a device": lambda t: (t.device("cpu") == t.device("cpu"), t.device("cuda:1").index, t.device("cuda", 1), f"{grid(t).device}", grid(t).device == t.device("cpu")),
    "the usual line": lambda t: t.device("cuda" if t.cuda.is_available() else "mps" if t.backends.mps.is_available() else "cpu"),
    "bool minus bool": lambda t: t.tensor([True]) - t.tensor([True]),
    "number minus bool": lambda t: 1 - t.tensor([True]),
    "bool minus number": lambda t: t.tensor([True]) - 1,
    "minus bool": lambda t: -t.tensor([True]),
    "a huge number": lambda t: t.tensor([1.0]) * 10**30,
    "a huger number": lambda t: t.tensor([1.0]) + 10**400,
    "a huge number made a tensor": lambda t: t.tensor(10**30),
    "constants": lambda t: (t.pi, t.e, t.inf, t.nan),
    "old constructors": lambda t: (t.FloatTensor([1, 2]), t.LongTensor([1, 2]), t.DoubleTensor(2, 3).shape, t.BoolTensor([1, 0])),
    "unique neighbours": lambda t: (t.unique_consecutive(t.tensor([1.0, 1, 2, 1]), return_inverse=True, return_counts=True), t.unique_consecutive(t.tensor([[1, 1], [1, 1], [2, 1]]), dim=0)),
    "membership": lambda t: t.isin(grid(t), t.tensor([2.0, 4.0])),
    "shapes broadcast": lambda t: t.broadcast_shapes((2, 1), (3,)),
    "a range": lambda t: t.range(1, 4),
    "sizes": lambda t: (t.Size([2, 3]).numel(), t.Size((1,)) + t.Size((2,)), isinstance(grid(t).shape, t.Size)),
    "a generator": lambda t: (lambda g: (t.rand(2, generator=g), t.randn(2, generator=g.manual_seed(3)), g.initial_seed()))(t.Generator()),
    "a generator's state": lambda t: (lambda g: (lambda s: (t.rand(3, generator=g), g.set_state(s), t.rand(3, generator=g), s.dtype, s.shape))(g.get_state()))(t.Generator()),
    "the state of the numbers": lambda t: (lambda s: (t.rand(2), t.set_rng_state(s), t.rand(2)))(t.get_rng_state()),
    "windows": lambda t: [getattr(t, f"{name}_window")(*size) for name in ("hann", "hamming", "blackman", "bartlett") for size in ((5,), (6, False), (1,), (0,))],
    "a window of no length": lambda t: t.hann_window(-1),
    "places in a shape": lambda t: t.unravel_index(t.tensor([[3, 4], [0, 5]]), (2, 3)),
    "angles": lambda t: (t.angle(t.tensor([1.0, -1.0, 0.0, float("nan")])), t.tensor([1, -1]).angle(), gradient(t, lambda x: t.angle(x).sum())),
    "bool minus others": lambda t: t.tensor([True]) - t.ones(1),
    "others minus bool": lambda t: t.ones(1) - t.tensor([True]),
    "bool minus bool by name": lambda t: t.sub(t.tensor([True]), t.tensor([True])),
    "minus bool by name": lambda t: t.neg(t.tensor([True])),
    "a variable": lambda t: (t.autograd.Variable(t.ones(2), requires_grad=True), isinstance(t.ones(2), t.autograd.Variable)),
    "a variable of a list": lambda t: t.autograd.Variable([1.0]),
    "a variable of integers": lambda t: t.autograd.Variable(t.tensor([1]), requires_grad=True),
    "tangents by hand": lambda t: tangents(t, lambda x: x.sin() * x),
    "a tangent without a level": lambda t: t.autograd.forward_ad.make_dual(leaf(t), leaf(t)),
    "several gradients at once": lambda t: several(t),
    "versions counted by hand": lambda t: (lambda x: (t.autograd.graph.increment_version(x), x._version))(grid(t)),
}  # fmt: skip
WRITES = [
    "lt_", "le_", "gt_", "ge_", "eq_", "ne_", "less_", "greater_", "not_equal_", "less_equal_", "greater_equal_",
    "logical_and_", "logical_or_", "logical_xor_", "multiply_", "divide_", "subtract_", "true_divide_",
]  # fmt: skip
OPTIONS: list[dict[str, Any]] = [
    {"precision": 8}, {"sci_mode": True}, {"sci_mode": False}, {"linewidth": 30}, {"threshold": 5, "edgeitems": 2},
    {"profile": "short"}, {"profile": "full"}, {"precision": 2, "sci_mode": False},
]  # fmt: skip


def unrecorded(t: Any, call: Any) -> Any:
    with t.no_grad():
        return call()


def gradient(t: Any, function: Any) -> Any:
    x = leaf(t)
    function(x).backward()
    return x.grad


def tangents(t: Any, function: Any) -> Any:
    with t.autograd.forward_ad.dual_level():
        x = t.autograd.forward_ad.make_dual(t.tensor([1.0, 2.0]), t.ones(2))
        return tuple(t.autograd.forward_ad.unpack_dual(function(x)))


def several(t: Any) -> Any:
    seen: list[Any] = []
    x, y = leaf(t), leaf(t)
    a, b = x * 2, y * 3
    t.autograd.graph.register_multi_grad_hook((a, b), seen.append)
    (a * b).sum().backward()
    return seen


@pytest.mark.parametrize("name", CASES)
def test_an_expression_gives_what_it_gives_in_pytorch(name: str) -> None:
    assert told(CASES[name], gt) == told(CASES[name], torch)


@pytest.mark.parametrize("name", WRITES)
def test_a_result_is_written_over_the_first_argument_as_in_pytorch(name: str) -> None:
    def run(t: Any) -> Any:
        return getattr(t.arange(4.0), name)(t.tensor([1.0, 1.0, 5.0, 3.0]))

    assert told(run, gt) == told(run, torch)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options_of_printing_change_the_text_as_in_pytorch(options: dict[str, Any]) -> None:
    def run(t: Any) -> Any:
        t.set_printoptions(**options)
        return [t.tensor([1.123456789, 1e5, 1e-6]), t.arange(20.0) / 7, t.arange(2.0)]

    assert told(run, gt) == told(run, torch)


def test_options_of_printing_end_with_their_session() -> None:
    from gradcli.autograd import session

    with session():
        gt.set_printoptions(precision=1)
        assert str(gt.tensor([0.25])) == "tensor([0.2])"
    assert str(gt.tensor([0.25])) == "tensor([0.2500])"
