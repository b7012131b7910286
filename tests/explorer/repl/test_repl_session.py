"""A session: names persist, values show as eval shows them, failures leave no trace."""

from __future__ import annotations

import pytest

from gradcli.autograd import context
from gradcli.diagnostics import GradcliError
from gradcli.explorer.repl.session import Session
from gradcli.explorer.request import EvalRequest, Limits


class Spoken(Session):
    """A session that keeps what it says and prints."""

    def __init__(self, **what):
        self.said: list[str] = []
        self.printed: list[str] = []
        super().__init__(
            EvalRequest((), **what), lambda found: self.said.append(found.message), self.printed.append
        )


@pytest.fixture
def session():
    with Spoken() as found:
        yield found


def value(session, text):
    shown = session.run(text)
    return shown.text if shown.array is None else shown.array.tolist()


def test_names_persist_and_assignments_show_nothing(session):
    assert value(session, "x = 3") == ""
    assert value(session, "y = x*2") == ""
    assert value(session, "x + y") == "9"


def test_backward_fills_grad(session):
    session.run("x = tensor([1., 2.], requires_grad=True)")
    session.run("y = sum(x**2)")
    assert value(session, "y.backward()") == ""
    assert value(session, "x.grad") == [2, 4]


def test_numbers_are_float64_as_in_eval(session):
    assert value(session, "tensor(0.1).dtype") == "torch.float64"


def test_a_name_that_nothing_binds_is_a_leaf_from_then_on(session):
    assert value(session, "mean(3*(x+2)**2)") == 27
    assert session.said == ["x is not bound: ones(2, 2) by default"]
    session.run("mean(x**2).backward()")
    assert value(session, "x.grad") == [[0.5, 0.5], [0.5, 0.5]]
    assert len(session.said) == 1


def test_a_name_alone_must_be_bound(session):
    with pytest.raises(GradcliError, match="nothing is called `lenght`"):
        session.run("lenght")
    assert session.values == {}


def test_an_input_that_fails_leaves_no_default_and_no_grad_mode(session):
    with pytest.raises(GradcliError, match="mat1 and mat2 shapes cannot be multiplied"):
        session.run("torch.set_grad_enabled(False); q @ ones(3, 3)")
    assert session.values == {}
    assert context.grad_enabled
    assert session.inputs == []


def test_grad_mode_that_is_set_on_purpose_stays(session):
    session.run("torch.set_grad_enabled(False)")
    assert value(session, "(x*2).requires_grad") == "False"


def test_bindings_of_the_options_are_there():
    with Spoken(variables=("x=[1, 2]",), constants=("n=3",)) as session:
        assert value(session, "n*x") == [3, 6]
        assert [(line.name, line.role) for line in session.variables()] == [("n", "int"), ("x", "variable")]


def test_print_prints_in_pytorchs_format(session):
    session.run("print('a', tensor([1., 2.]), sep='-', end='!')")
    assert session.printed == ["a-tensor([1., 2.])!"]
    assert session.values == {}


def test_variables_say_what_they_are(session):
    session.run("x = tensor([1., 2.], requires_grad=True); y = x*2; c = zeros(3); n = 4")
    session.run("sum(y).backward()")
    lines = {line.name: line for line in session.variables()}
    assert {name: line.role for name, line in lines.items()} == {
        "x": "variable", "y": "computed", "c": "constant", "n": "int",
    }  # fmt: skip
    assert lines["x"].grad.tolist() == [2, 2]
    assert lines["y"].grad is None


def test_a_loop_without_an_end_meets_the_limit_of_steps():
    with Spoken(limits=Limits(steps=1000)) as session:
        with pytest.raises(GradcliError, match="took more than 1000 steps"):
            session.run("while True: pass")
        assert value(session, "1 + 1") == "2"


@pytest.mark.parametrize(
    "definition",
    [
        "def f(n):\n    for i in range(n): pass\n    return n",
        "f = lambda n: len([i for i in range(n)])",
        "if True:\n    f = [lambda n: len([i for i in range(n)])][0]",
    ],
)
def test_a_function_may_take_as_many_steps_in_every_input(definition):
    with Spoken(limits=Limits(steps=1000)) as session:
        session.run(definition)
        for _ in range(5):
            assert value(session, "f(600)") == "600"


def test_a_value_that_is_not_finite_is_traced_to_its_operation(session):
    session.run("x = tensor([0., 1.])")
    assert value(session, "log(x)") == [-float("inf"), 0]
    assert session.said == ["inf in the value; it first came from log in `log(x)` (<input 2>:1:1)"]


def test_warnings_of_pytorch_are_told(session):
    session.run("x = tensor(1., requires_grad=True); y = x*2")
    session.run("y.grad")
    assert session.said[0].startswith("The .grad attribute of a Tensor that is not a leaf")


def test_an_interruption_leaves_the_session_as_it_was(session):
    def interrupted(*_):
        raise KeyboardInterrupt

    session.write = interrupted
    with pytest.raises(KeyboardInterrupt):
        session.run("with no_grad():\n    x = q*2\n    print(x)")
    assert context.grad_enabled
    assert "q" not in session.values


def test_the_last_value_with_a_graph_is_remembered(session):
    session.run("x = tensor(2., requires_grad=True)")
    assert session.last == ""
    session.run("y = x**2")
    assert session.last == "y"
    session.run("y*3")
    session.run("y.item()")
    assert session.last == "y*3"


def test_what_another_command_records_comes_before_what_follows(session):
    from gradcli.explorer.evaluate import evaluate

    session.run("x = tensor(2., requires_grad=True); y = x**2")
    evaluate(EvalRequest((";".join(["z = exp(x)"] * 50) + "; sum(z)",)), print)
    session.run("z = y*3")
    assert session.values["z"].grad_fn.sequence > session.values["y"].grad_fn.sequence
    assert context.default_dtype == "float64"
