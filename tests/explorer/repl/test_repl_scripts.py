"""A session saved as a script does the same; a script loaded gives the session what it made."""

from __future__ import annotations

import pytest

from gradcli.diagnostics import GradcliError, Source
from gradcli.explorer.repl.script import load_script, script_text
from gradcli.explorer.repl.session import Session
from gradcli.explorer.request import EvalRequest
from gradcli.explorer.scripts.run import run_script

INPUTS = [
    "y = sum(softplus(x)*w) + pi",
    "y",
    "y.backward()",
    "x.grad",
    "def double(a):\n    return a*2  # twice",
    "double(q)  # a leaf by default",
    "with no_grad():\n    x -= 0.1*x.grad",
    "F.mse_loss(x, w)",
    "F.relu(x).argmax()",
]


@pytest.fixture
def session():
    what = EvalRequest((), variables=("x=[1, -2]",), constants=("w=[0.5, 3]", "n=2"))
    with Session(what, lambda _: None, lambda _: None) as found:
        yield found


def printed(text):
    lines: list[str] = []
    run_script(Source("session.py", text), lines.append)
    return "".join(lines).splitlines()


def test_a_saved_session_runs_as_a_script_and_prints_its_values(session):
    for text in INPUTS:
        session.run(text)
    assert printed(script_text(session)) == [
        "tensor(4.1790, grad_fn=<AddBackward0>)",
        "tensor([0.3655, 0.3576])",
        "tensor([[2., 2.],",
        "        [2., 2.]], grad_fn=<MulBackward0>)",
        "tensor(12.7868, grad_fn=<MseLossBackward0>)",
        "tensor(0)",
    ]


def test_a_saved_session_loaded_again_has_the_same_values(session):
    for text in INPUTS:
        session.run(text)
    with Session(EvalRequest(()), print, lambda _: None) as other:
        loaded = load_script(other, Source("session.py", script_text(session)))
        assert set(loaded.taken) == set(session.values)
        assert loaded.left == ()
        for name in ("x", "y", "w", "q"):
            assert other.values[name]._array.tolist() == session.values[name]._array.tolist()
        assert other.run("double(n)").text == "4"


def test_a_script_is_run_as_run_would(session):
    lines = []
    session.write = lines.append
    script = (
        "import torch\nfrom torch import nn\nnet = nn.Linear(1, 1)\nv = torch.ones(2)\nprint(v.dtype, v)\n"
    )
    loaded = load_script(session, Source("net.py", script))
    assert "".join(lines) == "torch.float32 tensor([1., 1.])\n"
    assert (loaded.taken, loaded.left) == (("v",), ("net",))
    assert session.run("v + 1").array.tolist() == [2, 2]
    assert session.run("tensor(1.).dtype").text == "torch.float64"


def test_a_script_that_fails_gives_nothing(session):
    with pytest.raises(GradcliError, match="name 'oops' is not defined"):
        load_script(session, Source("bad.py", "v = 1\noops\n"))
    assert "v" not in session.values


def test_what_a_script_recorded_goes_on_in_the_session(session):
    script = "import torch\nx = torch.tensor(3., requires_grad=True)\ny = x**2\n"
    load_script(session, Source("made.py", script))
    session.run("(y*2).backward()")
    assert session.run("x.grad").array.tolist() == 12


def test_a_loaded_script_is_saved_with_the_rest(session):
    load_script(session, Source("made.py", "import torch\nv = torch.ones(2)\n"))
    session.run("v*2")
    assert printed(script_text(session)) == ["tensor([2., 2.], dtype=torch.float32)"]


def test_a_saved_session_knows_the_numbers_that_are_not_finite():
    what = EvalRequest((), variables=("x=[inf, 1]",), constants=("w=nan",))
    with Session(what, lambda _: None, lambda _: None) as found:
        found.run("x*w")
        assert printed(script_text(found)) == ["tensor([nan, nan], grad_fn=<MulBackward0>)"]
