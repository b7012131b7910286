from __future__ import annotations

import pytest

from gradcli import torch
from gradcli.diagnostics import IndexFault, RuntimeFault, TypeFault
from gradcli.torch.nn.naming import KeyFault
from gradcli.torch.nn.parameter import Parameter
from gradcli.torch.nn.parameter_containers import ParameterDict, ParameterList

nn = torch.nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.row = ParameterList([torch.ones(2), nn.Parameter(torch.zeros(()))])
        self.named = ParameterDict({"a": torch.ones(2, 3)})


def test_their_parameters_are_the_modules():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == ["row.0", "row.1", "named.a"]
    assert list(net.state_dict()) == ["row.0", "row.1", "named.a"]


def test_a_tensor_becomes_a_parameter():
    assert isinstance(Net().row[0], Parameter)


def test_they_print_a_line_for_each():
    assert repr(Net()) == (
        "Net(\n"
        "  (row): ParameterList(\n"
        "      (0): Parameter containing: [torch.float32 of size 2]\n"
        "      (1): Parameter containing: [torch.float32 of size ]\n"
        "  )\n"
        "  (named): ParameterDict(  (a): Parameter containing: [torch.FloatTensor of size 2x3])\n"
        ")"
    )


def test_a_list_is_indexed_sliced_and_extended():
    row = ParameterList([torch.ones(1)])
    row += [torch.zeros(1)]
    row.append(torch.full((1,), 2.0))
    assert [one.item() for one in row] == [1.0, 0.0, 2.0]
    assert [one.item() for one in row[1:]] == [0.0, 2.0]
    assert row[-1] is row[2]
    row[0] = torch.full((1,), 7.0)
    assert row[0].item() == 7.0
    with pytest.raises(IndexFault, match="index 3 is out of range"):
        row[3]


def test_a_dict_knows_its_names():
    named = ParameterDict({"a": torch.ones(1)})
    named["b"] = torch.zeros(1)
    assert (list(named), "b" in named, len(named)) == (["a", "b"], True, 2)
    assert named.pop("a").item() == 1.0
    assert list(named.keys()) == ["b"]
    with pytest.raises(KeyFault):
        named["a"]


def test_what_is_no_tensor_is_refused():
    with pytest.raises(TypeFault):
        ParameterList([1.0])
    with pytest.raises(TypeFault, match="should be called with an iterable"):
        ParameterList(torch.ones(2))


def test_they_are_not_called():
    with pytest.raises(RuntimeFault, match="ParameterList should not be called"):
        ParameterList()(1)
