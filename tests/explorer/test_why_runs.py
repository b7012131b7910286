"""The second run: bounded in memory and time, and never in the way of the error."""

from __future__ import annotations

import pytest

from gradcli.autograd import context, session
from gradcli.diagnostics import GradcliError, RuntimeFault, Source
from gradcli.explorer.scripts.host import ScriptHost
from gradcli.explorer.scripts.run import run_script
from gradcli.explorer.why.explain import explain
from gradcli.explorer.why.facts import MOST_KEPT, Facts
from gradcli.explorer.why.habits import ENOUGH, Habits
from gradcli.explorer.why.trace import Enough, Trace
from gradcli.language import compile_program
from gradcli.language.program import parse

TRAINING = """
import torch
w = torch.ones(3, requires_grad=True)
h = torch.zeros(3)
optimizer = torch.optim.SGD([w], lr=0.01)
losses = []
for turn in range(300):
    optimizer.zero_grad()
    h = torch.tanh(w * h.detach() + 1)
    loss = h.sum()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    h += 1 if turn < 0 else 0
"""


def traced(text: str, trace: Trace) -> None:
    program = parse(Source("program.py", text))
    with session():
        host = ScriptHost(lambda _: None)
        executable = compile_program(program, trace.over(host))
        host.attend(executable)
        executable.run(executable.scope())


def test_what_is_written_down_does_not_grow_with_the_steps():
    trace = Trace()
    traced(TRAINING, trace)
    book = trace.notebook
    assert len(book.calls) <= 64
    assert len(book.facts._weak) < 100
    assert len(book.facts._kept) <= MOST_KEPT
    assert len(book.freed) < 50
    assert len(book.node_names) < 50
    assert len(book.losses) <= 32


def test_a_run_ends_when_its_time_is_up():
    with pytest.raises(Enough):
        traced(TRAINING, Trace(seconds=-1.0))


def test_no_program_can_catch_the_end_of_a_traced_run():
    text = """
import torch
x = torch.ones(1)
while True:
    try:
        x = x + 1
    except Exception:
        pass
"""
    with pytest.raises(Enough):
        traced(text, Trace(seconds=-1.0))


def failing(*runs: GradcliError):
    """A program that fails differently each time."""
    rest = list(runs)

    def again(over) -> None:
        over(object())
        if rest:
            raise rest.pop(0)

    return again


@pytest.mark.parametrize(
    "second", [(), (RuntimeFault("E301", "another"),), (RuntimeFault("E301", "the same"),)]
)
def test_an_error_stays_as_it_is_where_the_second_run_tells_nothing(second):
    error = RuntimeFault("E301", "the same", help="a way out")
    before = error.diagnostic
    with session():
        explain(error, failing(*second))
    assert error.diagnostic == before


def test_an_error_that_no_run_could_explain_costs_none():
    def never(_):
        raise AssertionError

    explain(RuntimeFault("E303", "something else"), never)


def test_a_fact_is_forgotten_with_its_value():
    facts = Facts()
    trace = Trace()
    facts.make(trace, None)
    assert facts.get(trace) is not None
    del trace
    assert facts._weak == {}


def test_a_fact_is_of_one_value_and_not_of_its_equals():
    facts = Facts()
    one, other = [1.0], [1.0]
    facts.make(one, None).name = "one"
    assert facts.get(other) is None
    assert facts.of(one).name == "one"


def test_a_leaf_that_is_updated_between_passes_is_suspected_only_if_its_gradient_stays():
    from gradcli import torch

    for clear in (True, False):
        with session():
            context.journal = habits = Habits()
            w = torch.ones(2, requires_grad=True)
            for _ in range(ENOUGH + 2):
                (w * w).sum().backward()
                w.data -= 0.1
                if clear:
                    w.grad = None
            assert habits.suspected is not clear


def test_a_script_that_fails_otherwise_the_second_time_keeps_its_error():
    text = """
import time, torch
x = torch.ones(int(time.time() * 1e6) % 1000003 + 2)
torch.ones(1_000_007) + x
"""
    with pytest.raises(GradcliError) as caught:
        run_script(Source("program.py", text), lambda _: None)
    assert caught.value.diagnostic.code == "E301"
