"""A chain of elementwise steps is differentiated at once, and says what its steps say one by one."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.autograd.context import session
from gradcli.autograd.tensor import Tensor
from gradcli.checks.sample import choose
from gradcli.checks.subject import Subject, Variable
from gradcli.checks.witnesses import differences, differences_chain
from gradcli.checks.witnesses.differences_chain import Chains
from gradcli.checks.witnesses.stencils import slopes
from gradcli.plan import taped
from gradcli.plan.trace import DOUBLES


def judged(program, x):
    """The subject of a program of one variable, with gradcli's own gradient, and cotangents of one."""
    with session(), np.errstate(all="ignore"):
        leaf = Tensor(np.array(x), requires_grad=True)
        with taped() as tape:
            tape.input(leaf)
            out = program(leaf)
        ones = np.ones(out.shape)
        out.backward(Tensor(ones))
        return Subject(tape.trace([out]), (Variable("x", x, leaf.grad.numpy()),), (ones,))


def draw(scale=1.0, count=600):
    return scale * np.random.default_rng(3).standard_normal(count)


def heard(subject, monkeypatch, fewest):
    monkeypatch.setattr(differences_chain, "FEWEST", fewest)
    testimony, kinks = differences.examine(subject, choose(subject, 8, 0))
    return testimony.words[0], kinks


SMOOTH = {
    "a product": lambda x: (x.sin() * x**2).sum(),
    "steps upon steps": lambda x: ((x * 3).tanh().exp() * x.cos() + 1).log1p(),
    "with numbers of its own": lambda x: (x.exp() * Tensor(draw(2.0)) + Tensor(draw())).sigmoid(),
    "an argument that is rounded": lambda x: (x.cumsum(0).sin() * 2).exp(),
    "large beside small": lambda x: ((x + 1e8) - 1e8).exp(),
    "quick": lambda x: (1e3 * x).sin() * x,
    "quicker": lambda x: ((1e6 * x).sin() * x).exp(),
    "a difference of nearly equals": lambda x: (1 - x.cos()) / (x * x),
    "steep": lambda x: 1 / (1 + 1e6 * x * x),
    "a bump": lambda x: (-1e6 * (x - 0.1) ** 2).exp() + x,
    "a small wave that fits the points": lambda x: (x * 500).sin() * 1e-9 + x,
    "kinks": lambda x: (x * 2).relu() * x.sin(),
    "jumps": lambda x: x.floor() * x.sin() + x * x,
    "saturated": lambda x: ((x * 50).tanh() + 1).log1p(),
    "wild": lambda x: ((1e6 * x).sin() * x * 30).exp(),
}


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 30.0])
@pytest.mark.parametrize("name", SMOOTH)
def test_a_chain_meets_the_gradient_within_its_bounds_wherever_its_steps_do(name, scale, monkeypatch):
    subject = judged(SMOOTH[name], draw(scale))
    gradient = subject.variables[0].gradient
    good = []
    for fewest in (2, 10**9):
        words, _ = heard(subject, monkeypatch, fewest)
        apart = abs(words.values - gradient)
        good.append(words.spoke & (apart <= 3 * words.bounds + 2e-15 * abs(gradient)))
    assert (good[0] >= good[1]).all()


AT_ZERO = {
    "an edge that cancels": lambda x: (x**4).sqrt(),
    "a kink that cancels": lambda x: x.relu() - (-x).relu(),
    "a kink": lambda x: (x * 3).abs() + 1,
    "a jump that is multiplied by zero": lambda x: (x + 0.0).sign() * x**2,
    "none": lambda x: x.sin() ** 2 * 3,
}


@pytest.mark.parametrize("name", AT_ZERO)
def test_kinks_and_edges_are_those_of_the_steps_one_by_one(name, monkeypatch):
    x = draw()
    x[5] = 0.0
    subject = judged(AT_ZERO[name], x)
    (mine, kinks), (steps, expected) = (heard(subject, monkeypatch, fewest) for fewest in (2, 10**9))
    assert np.array_equal(kinks.reached[0], expected.reached[0])
    assert np.array_equal(mine.spoke, steps.spoke)
    assert [(kink.step, kink.places.tolist()) for kink in kinks.kinks] == [
        (kink.step, kink.places.tolist()) for kink in expected.kinks
    ]


def test_a_gradient_that_is_wrong_at_one_element_is_far_from_a_chain(monkeypatch):
    subject = judged(lambda x: x.sin() * x**2, draw())
    gradient = subject.variables[0].gradient.copy()
    gradient[17] *= 1 + 1e-8
    words, _ = heard(subject, monkeypatch, 2)
    assert np.flatnonzero(abs(words.values - gradient) > 30 * words.bounds).tolist() == [17]


def chains_of(program, count=600):
    subject = judged(program, draw(count=count))
    trace = subject.trace
    values = trace.run(subject.point(), DOUBLES.apply, DOUBLES.lift)
    found = Chains(trace, values, trace.dependent())
    names = [step.record.name for step in trace.steps]
    ends = [found.ending(index) for index in range(len(names))]
    return {index: [names[i] for i in chain.places] for index, chain in enumerate(ends) if chain}, trace


def test_a_chain_reaches_back_to_the_value_that_all_of_it_comes_from():
    found, _ = chains_of(lambda x: (x.sin() * x.exp()).cumsum(0).cos().tanh())
    assert found == {2: ["sin", "exp", "mul"], 5: ["cos", "tanh"]}


def test_a_value_that_others_read_is_where_a_chain_begins():
    def program(x):
        middle = x.sin().exp()
        return (middle.cos().tanh() * 2).sum() + middle.cumsum(0).sum()

    found, trace = chains_of(program)
    last = next(i for i, step in enumerate(trace.steps) if step.record.name == "mul")
    assert found[last] == ["cos", "tanh", "mul"]


@pytest.mark.parametrize(
    "program",
    [
        lambda x: x.cumsum(0).flip(0),
        lambda x: x[:1].exp() * x,
        lambda x: x.sin() * x.cumsum(0),
        lambda x: x.reshape(30, 20).sin() + x.reshape(30, 20).sum(0),
    ],
)
def test_what_mixes_elements_or_is_broadcast_is_no_chain(program):
    assert chains_of(program)[0] == {}


def test_few_elements_are_left_to_the_steps():
    assert chains_of(lambda x: x.sin().exp(), count=5)[0] == {}


def test_where_few_points_tell_too_little_nothing_is_said():
    x = np.array([0.3, 1.2, 2.0])
    functions = (np.sin, lambda x: np.sin(900 * x), lambda x: abs(x - 2))

    def evaluate(points, which):
        return np.stack([functions[i](points[:, k]) for k, i in enumerate(which)], -1)[..., None]

    center = evaluate(x[None], np.arange(3))[0]
    found = slopes(evaluate, x, center, quick=True)
    assert found.kinked[:, 0].tolist() == [False, True, True]
    assert abs(found.values[0, 0] - np.cos(0.3)) <= found.bounds[0, 0] <= 1e-10
    assert np.isinf(found.bounds[1:]).all()
