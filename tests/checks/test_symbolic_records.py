"""Symbols differentiate every operation, and many digits confirm it."""

from __future__ import annotations

from importlib import util
from pathlib import Path

import numpy as np
import pytest

from gradcli.checks.sample import choose
from gradcli.checks.subject import Subject, Variable
from gradcli.checks.witnesses import precise, symbolic
from gradcli.ops.catalog import catalog
from gradcli.plan.trace import Literal, Step, Trace

RANDOM = np.random.default_rng(3)
ALL = 10**9  # elements
WORST = 3  # the true error is at most so many bounds


def _laws():
    """The samples of every record, which stand with the laws over records."""
    spec = util.spec_from_file_location("laws", Path(__file__).parents[1] / "ops" / "conftest.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.LAWS


LAWS = _laws()


def of_record(record):
    """A subject per sample of a record, its arguments rounded once on the way: x -> 1.0000001 x."""
    scale = catalog()["mul"]
    for values, params in LAWS.cases(record):
        needs = LAWS.positions(record, values, params)
        if not needs:
            continue
        moved = [x * 1.0000001 if i in needs else x for i, x in enumerate(values)]
        outputs = [np.asarray(y) for y in LAWS.outputs(LAWS.numpy, record, moved, params)]
        gs = LAWS.cotangents(outputs)
        gradients = LAWS.vjp(LAWS.numpy, record, moved, outputs, gs, params, needs)
        count = len(values)
        scaled = {i: 100 + i for i in needs}
        results = tuple(range(count, count + len(outputs)))
        steps = [Step(scale, (i, Literal(1.0000001)), {}, (scaled[i],), None) for i in needs]
        steps.append(Step(record, tuple(scaled.get(i, i) for i in range(count)), params, results, None))
        constants = {i: np.asarray(x) for i, x in enumerate(values) if i not in needs}
        floats = tuple(number for number, y in zip(results, outputs, strict=True) if y.dtype.kind == "f")
        variables = tuple(
            Variable(record.argument(i), values[i], 1.0000001 * g)
            for i, g in zip(needs, gradients, strict=True)
        )
        yield Subject(Trace(needs, constants, tuple(steps), floats), variables, tuple(gs))


DIFFERENTIABLE = [r for r in catalog().values() if r.kind != "composite" and r.differentiable]


@pytest.mark.parametrize("record", DIFFERENTIABLE, ids=lambda record: record.name)
def test_every_record_has_a_derivative_by_symbols_that_many_digits_confirm(record, monkeypatch):
    subjects = list(of_record(record))[:3]
    if not subjects:
        pytest.skip("PyTorch has no derivative of it")
    for subject in subjects:
        exact = symbolic.testify(subject, choose(subject, ALL, 0))
        assert exact.words, exact.silence
        sample = choose(subject, 1, 0)
        digits = precise.testify(subject, sample)
        with monkeypatch.context() as patched:
            patched.setattr(symbolic, "DENSE", -1)
            sparse = symbolic.testify(subject, choose(subject, 2, 0))
        for variable, true, other, few in zip(
            subject.variables, exact.words, digits.words, sparse.words, strict=True
        ):
            close = np.isclose(true.values, variable.gradient, rtol=1e-9, atol=1e-9)
            assert close[true.spoke].all(), record.name
            for found in (other, few):
                both = true.spoke & found.spoke
                error = np.abs(true.values - found.values)[both]
                assert (error <= WORST * (true.bounds + found.bounds)[both]).all(), record.name
            assert (few.spoke == true.spoke)[few.spoke].all()
