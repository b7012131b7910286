from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from types import FunctionType

import pytest

from gradcli import torch
from gradcli.torch.directory import DIRECTORY, home

PLACES = [(path, module) for path, modules in DIRECTORY.items() for module in modules]


@pytest.mark.parametrize(("path", "module"), PLACES)
def test_every_name_is_where_the_directory_says(path, module):
    loaded = import_module(home(path, module))
    space = torch
    for part in path.split(".") if path else ():
        space = getattr(space, part)
    hidden = isinstance(space, FunctionType)  # as in PyTorch: scripts import from the module behind it
    assert not hidden or space is getattr(loaded, path.rpartition(".")[2])
    for name in DIRECTORY[path][module].split():
        assert name in loaded.__all__
        assert hidden or getattr(space, name) is vars(loaded)[name]
        assert hidden or name in dir(space)


def test_every_spelling_of_an_import_gives_the_same_things():
    import gradcli.torch.nn as package
    import gradcli.torch.nn.functional as functions
    from gradcli.torch.nn import Linear, functional, init
    from gradcli.torch.optim import SGD, lr_scheduler

    assert package.Linear is Linear is torch.nn.Linear
    assert functions.dropout is functional.dropout is torch.nn.functional.dropout
    assert functions.relu(torch.tensor(-1.0)).item() == functional.relu(torch.tensor(-1.0)).item() == 0.0
    assert init.zeros_ is torch.nn.init.zeros_
    assert torch.optim.SGD is SGD
    assert lr_scheduler.StepLR is torch.optim.lr_scheduler.StepLR


def test_an_expression_loads_no_layer_and_no_optimizer():
    command = [sys.executable, "-X", "importtime", "-m", "gradcli", "eval", "mean(F.relu(x) ** 2)"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in found.stderr.splitlines()}
    assert "gradcli.torch.namespace" in loaded
    assert not [name for name in loaded if name.startswith(("gradcli.torch.nn", "gradcli.torch.optim"))]
