"""Methods of records come when they are asked for; what the package itself calls is there from the start."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gradcli

PACKAGE = Path(gradcli.__file__).parent
# What the package's modules call arguments and values that are tensors.
TENSORS = frozenset(
    (
        "cell", "found", "hidden", "hx", "input", "kept", "key", "number", "padding", "query", "sequence",
        "state", "value",
    )
)  # fmt: skip
ABSENT = """
from gradcli.autograd import Tensor
from gradcli.autograd.methods import find_method
print(*[name for name in {names} if name not in vars(Tensor) and find_method(name)])
"""


def run(program: str) -> list[str]:
    """The words that a Python program prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def called_on_tensors(path: Path) -> set[str]:
    """The methods that a module calls on what it calls by the name of a tensor."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return {
        one.attr
        for one in calls
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id in TENSORS
    }


def test_most_methods_come_when_they_are_asked_for():
    assert run(ABSENT.format(names=["sin", "softmax", "item"])) == ["sin", "softmax"]


@pytest.mark.parametrize("folder", ["torch", "torch/nn", "ops", "explorer/scripts"])
def test_methods_that_layers_and_operations_call_on_tensors_are_there(folder):
    called = set().union(*map(called_on_tensors, (PACKAGE / folder).glob("*.py")))
    assert {"relu_", "unsqueeze", "item", "reshape"} & called
    assert run(ABSENT.format(names=sorted(called))) == []


@pytest.mark.parametrize(
    "begin",
    [
        "from gradcli import torch; x = torch.ones(2)",
        "from gradcli.torch import nn; x = nn.Linear(2, 1).weight",
        "from gradcli.torch.nn import Linear; x = Linear(2, 1).weight",
        "import gradcli.torch as torch; x = torch.nn.Parameter(torch.zeros(2))",
    ],
)
def test_pythons_users_find_every_method(begin):
    assert run(f"{begin}\nprint(x.softmax(-1).cumsum(-1).sin().ndim, hasattr(x, 'no_such'))")[1] == "False"


def test_a_stand_in_gives_what_the_method_gives_and_goes():
    program = """
from gradcli.autograd import Tensor
import numpy as np
before, x = Tensor.reshape, Tensor(np.arange(6.0))
print(x.reshape(2, 3).mean().item(), Tensor.reshape is before, before(x, 3, 2).shape)
"""
    assert run(program) == ["2.5", "False", "torch.Size([3,", "2])"]
