from __future__ import annotations

from typing import Any

import pytest

from gradcli import torch
from gradcli.diagnostics import AttributeFault, NotImplementedFault, RuntimeFault, TypeFault, ValueFault
from gradcli.torch.nn.naming import KeyFault

nn = torch.nn


class Net(nn.Module):  # type: ignore[misc,name-defined] # a namespace's attribute
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 3)
        self.rest = nn.Sequential(nn.ReLU(), nn.Linear(3, 1, bias=False))
        self.scale = nn.Parameter(torch.ones(2))
        self.register_buffer("seen", torch.zeros(2))
        self.register_buffer("scratch", torch.zeros(1), persistent=False)
        self.count = 3

    def forward(self, x: Any) -> Any:
        return self.rest(self.first(x * self.scale))


@pytest.fixture
def net() -> Net:
    torch.manual_seed(0)
    return Net()


def test_parameters_are_named_in_the_order_of_registration(net):
    assert [name for name, _ in net.named_parameters()] == [
        "scale", "first.weight", "first.bias", "rest.1.weight",
    ]  # fmt: skip


def test_a_shared_parameter_is_told_once(net):
    net.again = net.first
    assert len(list(net.parameters())) == 4
    assert len(list(net.named_parameters(remove_duplicate=False))) == 6


def test_children_are_the_own_modules_and_modules_all_of_them(net):
    assert [name for name, _ in net.named_children()] == ["first", "rest"]
    assert [name for name, _ in net.named_modules()] == ["", "first", "rest", "rest.0", "rest.1"]


def test_the_text_shows_the_tree(net):
    assert repr(net) == (
        "Net(\n"
        "  (first): Linear(in_features=2, out_features=3, bias=True)\n"
        "  (rest): Sequential(\n"
        "    (0): ReLU()\n"
        "    (1): Linear(in_features=3, out_features=1, bias=False)\n"
        "  )\n"
        ")"
    )


def test_backward_reaches_every_parameter(net):
    net(torch.ones(4, 2)).sum().backward()
    assert all(param.grad is not None for param in net.parameters())


def test_zero_grad_takes_gradients_away_or_makes_them_zeros(net):
    net(torch.ones(4, 2)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert all(not param.grad.abs().sum().item() for param in net.parameters())
    net.zero_grad()
    assert all(param.grad is None for param in net.parameters())


def test_a_state_holds_parameters_and_persistent_buffers(net):
    assert list(net.state_dict()) == ["scale", "seen", "first.weight", "first.bias", "rest.1.weight"]
    assert not net.state_dict()["scale"].requires_grad
    assert net.state_dict(keep_vars=True)["scale"] is net.scale


def test_a_loaded_state_is_copied(net):
    torch.manual_seed(1)
    other = Net()
    assert repr(other.load_state_dict(net.state_dict())) == "<All keys matched successfully>"
    assert other.first.weight.tolist() == net.first.weight.tolist()
    assert other.first.weight is not net.first.weight
    with torch.no_grad():
        net.first.weight.fill_(0.0)
    assert other.first.weight.abs().sum().item() > 0


def test_what_does_not_match_a_state_is_all_told(net):
    state = net.state_dict()
    del state["scale"]
    state["odd"] = torch.ones(1)
    state["first.bias"] = torch.ones(5)
    with pytest.raises(RuntimeFault) as caught:
        net.load_state_dict(state)
    assert str(caught.value) == (
        "Error(s) in loading state_dict for Net:\n"
        '\tMissing key(s) in state_dict: "scale". \n'
        '\tUnexpected key(s) in state_dict: "odd". \n'
        "\tsize mismatch for first.bias: copying a param with shape torch.Size([5]) from checkpoint, "
        "the shape in current model is torch.Size([3])."
    )


def test_train_and_eval_reach_all_modules(net):
    assert not any(module.training for module in net.eval().modules())
    assert all(module.training for module in net.train().modules())


def test_a_conversion_keeps_the_parameters_and_their_gradients(net):
    first = net.first.weight
    net(torch.ones(4, 2)).sum().backward()
    net.double()
    assert net.first.weight is first
    assert first.dtype == first.grad.dtype == net.seen.dtype == torch.float64
    net(torch.ones(4, 2, dtype=torch.float64)).sum().backward()


def test_a_parameter_assigned_late_moves_to_its_table(net):
    net.count = nn.Parameter(torch.ones(1))
    assert "count" in dict(net.named_parameters())
    net.count = None
    assert "count" not in dict(net.named_parameters())
    assert net.count is None


def test_a_deleted_attribute_is_gone(net):
    del net.first
    assert [name for name, _ in net.named_children()] == ["rest"]
    with pytest.raises(AttributeFault, match="'Net' object has no attribute 'first'"):
        _ = net.first


def test_an_unknown_attribute_draws_the_nearest_name(net):
    with pytest.raises(AttributeFault) as caught:
        _ = net.frist
    assert "first" in caught.value.diagnostic.label


@pytest.mark.parametrize(
    ("action", "fault", "text"),
    [
        (
            lambda net: setattr(net, "scale", torch.ones(2)),
            TypeFault,
            "cannot assign 'torch.FloatTensor' as parameter 'scale' (torch.nn.Parameter or None expected)",
        ),
        (
            lambda net: setattr(net, "first", 3),
            TypeFault,
            "cannot assign 'int' as child module 'first' (torch.nn.Module or None expected)",
        ),
        (
            lambda net: net.register_parameter("count", None),
            KeyFault,
            "attribute 'count' already exists",
        ),
        (lambda net: net.register_parameter("a.b", None), KeyFault, 'parameter name can\'t contain "."'),
        (lambda net: net.add_module("new", 3), TypeFault, "int is not a Module subclass"),
        (lambda net: net.train(1), ValueFault, "training mode is expected to be boolean"),
        (
            lambda net: net.to(torch.int64),
            TypeFault,
            "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.int64",
        ),
    ],
)
def test_what_a_module_cannot_take_is_refused_in_pytorchs_words(net, action, fault, text):
    with pytest.raises(fault) as caught:
        action(net)
    assert str(caught.value) == text


def test_registration_before_init_is_refused():
    class Early(nn.Module):
        def __init__(self) -> None:
            self.weight = nn.Parameter(torch.ones(1))

    with pytest.raises(AttributeFault) as caught:
        Early()
    assert str(caught.value) == "cannot assign parameters before Module.__init__() call"


def test_a_module_without_forward_says_so():
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedFault, match="missing the required"):
        Empty()(1)


def test_hooks_may_replace_what_goes_in_and_comes_out():
    layer = nn.Identity()
    before = layer.register_forward_pre_hook(lambda module, given: (given[0] + 1,))
    after = layer.register_forward_hook(lambda module, given, result: result * 10)
    assert layer(torch.ones(1)).item() == 20.0
    before.remove()
    assert layer(torch.ones(1)).item() == 10.0
    after.remove()
    assert layer(torch.ones(1)).item() == 1.0


def test_apply_visits_children_before_parents(net):
    seen: list[str] = []
    net.apply(lambda module: seen.append(type(module).__name__))
    assert seen == ["Linear", "ReLU", "Linear", "Sequential", "Net"]


def test_a_parameter_prints_as_one():
    assert repr(nn.Parameter(torch.ones(2))) == (
        "Parameter containing:\ntensor([1., 1.], requires_grad=True)"
    )


def test_a_parameter_of_integers_is_refused():
    with pytest.raises(RuntimeFault, match="Only Tensors of floating point"):
        nn.Parameter(torch.tensor([1]))


def test_frozen_parameters_get_no_gradient(net):
    net.first.requires_grad_(False)
    net(torch.ones(4, 2)).sum().backward()
    assert net.first.weight.grad is None
    assert net.scale.grad is not None
