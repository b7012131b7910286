"""Gradients written as PyTorch programs, against the autograd of PyTorch."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gradcli.explorer.diff.answer import DiffRequest, explore_diff  # noqa: E402 - after PyTorch is known to be there
from gradcli.explorer.request import EvalRequest  # noqa: E402 - as above

pytestmark = pytest.mark.oracle

PROGRAMS = Path(__file__).parents[1] / "explorer" / "diff" / "diff_programs.txt"
LINES = PROGRAMS.read_text(encoding="utf-8").splitlines()


def _report(line, order):
    expression, *bindings = (part.strip() for part in line.split("|"))
    variables, constants = (tuple(one.strip() for one in text.split(";") if one.strip()) for text in bindings)
    request = EvalRequest((expression,), variables, constants)
    return explore_diff(request, DiffRequest(order, "torch", with_test=True), lambda _: None)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("line", LINES)
def test_a_torch_program_tests_itself(line, order, tmp_path):
    path = tmp_path / "program.py"
    path.write_text(_report(line, order).program, encoding="utf-8")
    before = torch.get_default_dtype()
    try:
        runpy.run_path(str(path), run_name="__main__")
    finally:
        torch.set_default_dtype(before)


@pytest.mark.parametrize("line", LINES)
def test_a_torch_program_gives_the_gradient_of_torch(line, tmp_path):
    report = _report(line, 1)
    path = tmp_path / "program.py"
    path.write_text(report.program, encoding="utf-8")
    before = torch.get_default_dtype()
    try:
        names = runpy.run_path(str(path), run_name="__main__")
        tensors = [one.double() if one.is_floating_point() else one for one in names["made"]]
        moving = [one.requires_grad_() for one in tensors if one.is_floating_point()][
            : len(report.derivatives)
        ]
        expected = torch.autograd.grad(names["value"](*tensors).sum(), moving, materialize_grads=True)
        found = names["gradient"](*tensors)
        for one, other in zip(found if isinstance(found, tuple) else (found,), expected, strict=True):
            assert one.shape == other.shape
            assert np.allclose(one.detach().numpy(), other.numpy(), rtol=1e-9, atol=1e-12)
    finally:
        torch.set_default_dtype(before)
