from __future__ import annotations

import pytest

from gradcli import torch
from gradcli.diagnostics import IndexFault, TypeFault
from gradcli.torch.nn.naming import KeyFault

nn = torch.nn


def test_a_part_of_a_sequential_keeps_the_names():
    part = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.ELU())[1:]
    assert repr(part) == "Sequential(\n  (1): Tanh()\n  (2): ELU(alpha=1.0)\n)"


def test_a_sequential_of_named_modules_calls_them_in_order():
    net = nn.Sequential({"twice": nn.Linear(1, 1), "cut": nn.ReLU()})
    with torch.no_grad():
        net.twice.weight.fill_(-2.0)
        net.twice.bias.fill_(0.0)
    assert net(torch.ones(1)).item() == 0.0
    assert [name for name, _ in net.named_children()] == ["twice", "cut"]


def test_equal_modules_in_a_row_share_a_line():
    assert repr(nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.Tanh()])) == (
        "ModuleList(\n  (0-1): 2 x ReLU()\n  (2): Tanh()\n)"
    )
    assert repr(nn.ModuleList()) == "ModuleList()"


def test_a_list_of_modules_behaves_as_a_list():
    row = nn.ModuleList([nn.ReLU()])
    row.append(nn.Tanh()).extend([nn.ELU()])
    row.insert(0, nn.Identity())
    assert [type(module).__name__ for module in row] == ["Identity", "ReLU", "Tanh", "ELU"]
    assert type(row.pop(1)).__name__ == "ReLU"
    del row[-1]
    assert len(row) == 2
    row[0] = nn.SiLU()
    assert repr(row[0]) == "SiLU()"
    assert row[1] in row


def test_an_index_beyond_the_end_is_refused():
    with pytest.raises(IndexFault, match="index 5 is out of range"):
        _ = nn.Sequential(nn.ReLU())[5]


def test_a_method_cannot_be_a_modules_name():
    with pytest.raises(KeyFault, match="attribute 'double' already exists"):
        nn.Sequential({"double": nn.ReLU()})


def test_what_is_no_module_is_refused():
    with pytest.raises(TypeFault, match="int is not a Module subclass"):
        nn.Sequential(3)


def test_a_dict_of_modules_behaves_as_a_dict():
    table = nn.ModuleDict({"a": nn.Linear(1, 1), "b": nn.ReLU()})
    assert list(table) == list(table.keys()) == ["a", "b"]
    assert [name for name, _ in table.named_parameters()] == ["a.weight", "a.bias"]
    assert "a" in table
    table.update([("c", nn.Tanh())])
    del table["a"]
    assert [repr(module) for module in table.values()] == ["ReLU()", "Tanh()"]
    with pytest.raises(KeyFault):
        _ = table["a"]
