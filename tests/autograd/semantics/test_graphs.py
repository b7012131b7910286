"""grad_fn: PyTorch's names, and the next functions of each node."""

from __future__ import annotations

import pytest

NAMES = {
    "x + 1": ("AddBackward0", lambda torch, x: x + 1),
    "x - 1": ("SubBackward0", lambda torch, x: x - 1),
    "1 - x": ("RsubBackward1", lambda torch, x: 1 - x),
    "x * 2": ("MulBackward0", lambda torch, x: x * 2),
    "x / 2": ("DivBackward0", lambda torch, x: x / 2),
    "2 / x": ("MulBackward0", lambda torch, x: 2 / x),
    "x ** 2": ("PowBackward0", lambda torch, x: x**2),
    "square": ("PowBackward0", lambda torch, x: x.square()),
    "x ** x": ("PowBackward1", lambda torch, x: x**x),
    "2 ** x": ("PowBackward2", lambda torch, x: 2**x),
    "sum": ("SumBackward0", lambda torch, x: x.sum()),
    "sum(dim)": ("SumBackward1", lambda torch, x: x.sum(0)),
    "mean": ("MeanBackward0", lambda torch, x: x.mean()),
    "mean(dim)": ("MeanBackward1", lambda torch, x: x.mean(0)),
    "prod": ("ProdBackward0", lambda torch, x: x.prod()),
    "prod(dim)": ("ProdBackward1", lambda torch, x: x.prod(0)),
    "max": ("MaxBackward1", lambda torch, x: x.max()),
    "max(dim)": ("MaxBackward0", lambda torch, x: x.max(0)[0]),
    "clamp": ("ClampBackward1", lambda torch, x: x.clamp(0, 1)),
    "softmax": ("SoftmaxBackward0", lambda torch, x: x.softmax(0)),
    "x @ x": ("MmBackward0", lambda torch, x: x @ x),
    "x @ v": ("MvBackward0", lambda torch, x: x @ x[0]),
    "v @ v": ("DotBackward0", lambda torch, x: x[0] @ x[1]),
    ".T": ("PermuteBackward0", lambda torch, x: x.T),
    ".t()": ("TBackward0", lambda torch, x: x.t()),
    "x[0]": ("SelectBackward0", lambda torch, x: x[0]),
    "x[:1]": ("SliceBackward0", lambda torch, x: x[:1]),
    "x[[0]]": ("IndexBackward0", lambda torch, x: x[[0]]),
    "reshape": ("ViewBackward0", lambda torch, x: x.reshape(4)),
    "double": ("ToCopyBackward0", lambda torch, x: x.double()),
    "sign": ("SignBackward0", lambda torch, x: x.sign()),
    "-x": ("NegBackward0", lambda torch, x: -x),
    "abs": ("AbsBackward0", lambda torch, x: abs(x)),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_node_has_pytorchs_name(torch, name):
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    wanted, operation = NAMES[name]
    assert operation(torch, x).grad_fn.name() == wanted


def test_the_next_functions_lead_back_to_the_leaves(torch, graph):
    x = torch.ones(2, 2, requires_grad=True)
    y = x + 2
    out = (y * y * 3).mean()
    assert graph(out.grad_fn) == (
        "MeanBackward0(MulBackward0(MulBackward0(AddBackward0(AccumulateGrad, -), "
        "AddBackward0(AccumulateGrad, -)), -))"
    )


def test_inputs_that_do_not_require_grad_leave_a_gap(torch, graph):
    x, c = torch.ones(2, requires_grad=True), torch.ones(2)
    assert graph((c * x).grad_fn) == "MulBackward0(-, AccumulateGrad)"
    assert graph((x**2).grad_fn) == "PowBackward0(AccumulateGrad)"
    assert graph((2 / x).grad_fn) == "MulBackward0(ReciprocalBackward0(AccumulateGrad), -)"


def test_a_leaf_has_one_accumulator_which_knows_it(torch):
    x = torch.ones(2, requires_grad=True)
    y, z = x * 2, x * 3
    accumulator = y.grad_fn.next_functions[0][0]
    assert accumulator.name() == "torch::autograd::AccumulateGrad"
    assert accumulator is z.grad_fn.next_functions[0][0]
    assert accumulator.variable is x
    assert accumulator.next_functions == ()


def test_next_functions_tell_which_output_a_cotangent_is_for(torch):
    a, b = (torch.ones(2, 2, requires_grad=True) * 1).unbind(0)
    assert (a.output_nr, b.output_nr) == (0, 1)
    assert (b * 2).grad_fn.next_functions[0][1] == 1
    assert a.grad_fn is b.grad_fn


def test_plus_x_is_x_itself(torch):
    x = torch.ones(2, requires_grad=True)
    assert (+x) is x


def test_steps_have_nodes_with_zero_gradients(torch):
    x = torch.tensor([1.5, -2.5], requires_grad=True)
    (x.floor() + x.sign() + x.round()).sum().backward()
    assert x.grad.tolist() == [0, 0]


def test_the_quotient_rounded_down_cannot_be_differentiated(torch, message):
    x = torch.tensor([1.5], requires_grad=True)
    y = x // 2
    assert y.grad_fn.name() == "torch::autograd::NotImplemented"
    assert message(RuntimeError, y.backward) == "derivative for aten::floor_divide is not implemented"
