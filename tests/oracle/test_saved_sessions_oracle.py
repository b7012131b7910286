"""A session saved as a script is a PyTorch program: PyTorch prints the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gradcli.diagnostics import Source
from gradcli.explorer.repl.script import script_text
from gradcli.explorer.repl.session import Session
from gradcli.explorer.request import EvalRequest
from gradcli.explorer.scripts.run import run_script

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

INPUTS = [
    "y = sum(softplus(x)*w) + pi",
    "y",
    "y.backward()",
    "x.grad",
    "def double(a):\n    return a*2  # twice",
    "double(q)  # a leaf by default",
    "with no_grad():\n    x -= 0.1*x.grad",
    "F.mse_loss(x, w)",
    "linalg.norm(x) + math.sin(1) + torch.tensor(2.)",
    "[n, x.shape, relu(x)]",
]


def test_pytorch_prints_what_gradcli_does(tmp_path):
    what = EvalRequest((), variables=("x=[1, -2]",), constants=("w=[0.5, 3]", "n=2"))
    with Session(what, lambda _: None, lambda _: None) as session:
        for text in INPUTS:
            session.run(text)
        text = script_text(session)
    ours: list[str] = []
    run_script(Source("session.py", text), ours.append)
    path = tmp_path / "session.py"
    path.write_text(text, encoding="utf-8")
    theirs = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=True).stdout
    assert "".join(ours) == theirs
    assert len(theirs.splitlines()) == 7
