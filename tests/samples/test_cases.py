"""Every case of samples/ gives what it expects."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError
from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.request import Backward, EvalRequest

SAMPLES = Path(__file__).parent.parent.parent / "samples"
CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in sorted(SAMPLES.glob("*.toml"))
    for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]
]
KEYS = {
    "name",
    "expr",
    "vars",
    "grad_tensors",
    "retain_graph",
    "passes",
    "separately",
    "zero_between",
    "expect",
}


def asked(case: dict) -> EvalRequest:
    """What a case asks for, as `eval` is asked."""
    assert set(case) <= KEYS
    expressions = case["expr"] if isinstance(case["expr"], list) else [case["expr"]]
    return EvalRequest(
        tuple(expressions),
        variables=tuple(f"{name}={value}" for name, value in case["vars"].items()),
        backward=Backward(
            grad_tensors=(case["grad_tensors"],) if "grad_tensors" in case else (),
            retain_graph=case.get("retain_graph"),
            passes=case.get("passes", 1),
            separately=case.get("separately", False),
            zero_between=case.get("zero_between", False),
        ),
    )


def number(text: str) -> np.ndarray:
    """The value of an expected expression."""
    return evaluate(EvalRequest((text,), backward=Backward(run=False)), print).roots[0].array


@pytest.mark.parametrize("case", CASES)
def test_a_sample_gives_what_it_expects(case: dict):
    expected = case["expect"]
    assert set(expected) & {"value", "grad", "error"}
    if "error" in expected:
        with pytest.raises(GradcliError) as caught:
            evaluate(asked(case), print)
        assert expected["error"] in str(caught.value)
        return
    report = evaluate(asked(case), print)
    if "value" in expected:
        assert np.array_equal(
            report.roots[0].array, np.broadcast_to(number(expected["value"]), report.roots[0].array.shape)
        )
    gradients = {row.name: row.grad for row in report.gradients}
    for name, text in expected.get("grad", {}).items():
        assert np.array_equal(gradients[name], np.broadcast_to(number(text), gradients[name].shape))


def test_there_are_samples():
    assert len(CASES) > 10
