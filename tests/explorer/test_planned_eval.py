"""`eval` on big tensors gives the report that the engine gives: values, gradients, names, notes, errors."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradcli.diagnostics import Diagnostic, GradcliError
from gradcli.explorer import evaluate as module
from gradcli.explorer import planned
from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.request import Backward, EvalRequest

if TYPE_CHECKING:
    from gradcli.reports.evaluation import Evaluation

LINE = ("x=linspace(-3, 3, 40000)",)
MATRIX = ("x=randn(200, 200)",)


class Heard:
    """What a run gave: the report or the error, what it warned of, and whether a plan made it."""

    def __init__(self, request: EvalRequest, monkeypatch: pytest.MonkeyPatch, *, big: int) -> None:
        self.warnings: list[str] = []
        self.by_plan = False
        plain = planned.run_planned

        def run(*args: Any) -> Any:
            found = plain(*args)
            self.by_plan = found is not None
            return found

        with monkeypatch.context() as patch:
            patch.setattr(planned, "run_planned", run)
            patch.setattr(module, "BIG", big)
            self.report: Evaluation | None = None
            self.error: Diagnostic | None = None
            try:
                self.report = evaluate(request, lambda warning: self.warnings.append(warning.message))
            except GradcliError as error:
                self.error = error.diagnostic


def _compare(request: EvalRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Fails where plan and engine differ; returns whether there was a plan."""
    one = Heard(request, monkeypatch, big=2**10)
    other = Heard(request, monkeypatch, big=2**60)
    assert not other.by_plan
    assert one.warnings == other.warnings
    assert one.error == other.error
    if one.report is None or other.report is None:
        assert one.report is other.report
        return one.by_plan
    assert one.report.notes == other.report.notes
    assert one.report.differentiated == other.report.differentiated
    assert one.report.defaults == other.report.defaults
    for root, expected in zip(one.report.roots, other.report.roots, strict=True):
        assert (root.grad_fn, root.dtype, root.expression) == (
            expected.grad_fn,
            expected.dtype,
            expected.expression,
        )
        _close(root.array, expected.array)
    for row, reference in zip(one.report.gradients, other.report.gradients, strict=True):
        assert (row.name, row.dtype, row.absent, row.origin) == (
            reference.name, reference.dtype, reference.absent, reference.origin,
        )  # fmt: skip
        np.testing.assert_array_equal(row.array, reference.array)
        assert (row.grad is None) == (reference.grad is None)
        if row.grad is not None:
            _close(row.grad, reference.grad)
    return one.by_plan


def _close(found: Any, expected: Any) -> None:
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    assert not found.flags.writeable
    eps = np.finfo(found.dtype).eps if found.dtype.kind == "f" else 0
    np.testing.assert_allclose(found, expected, rtol=2**10 * eps, atol=2**14 * eps)


@pytest.mark.parametrize(
    ("expressions", "variables", "backward"),
    [
        (("mean(3*(x+2)**2)",), LINE, Backward()),
        (("mean(sin(x)*exp(-x**2)+log1p(x**2))",), LINE, Backward()),
        (("x*2",), LINE, Backward(run=False)),
        (("x*2",), LINE, Backward(grad_tensors=("ones(40000)*3",))),
        (("x.sum()", "x.mean()"), LINE, Backward()),
        (("sqrt(x).sum()",), LINE, Backward()),
        (("(x/0).sum()",), LINE, Backward()),
        (("mean(x*w)",), (*MATRIX, "w=2"), Backward(wrt=("w",))),
        (("mean(x*w)",), (*MATRIX, "w=randn(200)"), Backward()),
        (("y.sum()",), (*MATRIX, "y=2"), Backward()),
        (("softmax(x,-1).pow(2).sum()",), MATRIX, Backward()),
        (("x.norm()+x.std()+x.max()",), MATRIX, Backward()),
        (("(x@x.T).mean()",), MATRIX, Backward()),
        (("dropout(x,0.5).sum()+(x*randn(200)).sum()",), MATRIX, Backward()),
        (("relu(x).sum()+x.detach().sum()",), MATRIX, Backward()),
        (("x.double().float().mean()",), MATRIX, Backward()),
        (("x.T.contiguous().view(-1).mean()*x.stride()[0]",), MATRIX, Backward()),
        (("x.T.is_contiguous()*x.mean()",), MATRIX, Backward()),
    ],
)
def test_the_plan_gives_the_engines_report(
    expressions: tuple[str, ...],
    variables: tuple[str, ...],
    backward: Backward,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _compare(EvalRequest(expressions, variables=variables, backward=backward), monkeypatch)


@pytest.mark.parametrize(
    ("expressions", "variables", "backward"),
    [
        (("x*2",), LINE, Backward()),
        (("x.sum() + y",), (*MATRIX, "y=randn(7)"), Backward()),
        (("mean(x*y)",), (*MATRIX, "y=randn(7)"), Backward()),
        (("nosuch(x)",), MATRIX, Backward()),
        (("a = x.sum(); (a*2 if a > 0 else a*3)",), MATRIX, Backward()),
        (("x.mean().item()*x.mean()",), MATRIX, Backward()),
        (("x.tolist()[0][0]*x.mean()",), MATRIX, Backward()),
        (("bernoulli(sigmoid(x)).mean()*x.mean()",), MATRIX, Backward()),
        (("y=x.clone(); y[0]=0; y.sum()*randn(3).sum()",), MATRIX, Backward()),
        (("x[x>0].sum()",), MATRIX, Backward()),
        (("equal(x,x)*x.mean()",), MATRIX, Backward()),
        (("x.mean()",), MATRIX, Backward(wrt=("z",))),
        (("x.mean()",), MATRIX, Backward(grad_tensors=("ones(2)",))),
        (("y=x*2; y.mean()",), MATRIX, Backward(wrt=("y",))),
        (("y=x*2; y.mean()",), MATRIX, Backward(retain_grad=("y",))),
        (("x.mean()",), MATRIX, Backward(passes=2)),
        (("x.mean()",), MATRIX, Backward(retain_graph=True, passes=3)),
        (("sqrt(x).mean()",), MATRIX, Backward(detect_anomaly=True)),
        (("y=x.mean(); y.backward(); x.grad.sum()*x.mean()",), MATRIX, Backward()),
    ],
)
def test_what_is_no_matter_of_a_plan_is_as_ever(
    expressions: tuple[str, ...],
    variables: tuple[str, ...],
    backward: Backward,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not _compare(EvalRequest(expressions, variables=variables, backward=backward), monkeypatch)


def test_a_plan_needs_no_memory_for_what_lies_between() -> None:
    request = EvalRequest(
        ("mean(exp(sin(x)*2)*cos(x)+x)",), variables=("x=ones(2**20)",), max_bytes=20 * 2**20
    )
    assert evaluate(request, lambda _: None).gradients[0].grad is not None
    with pytest.raises(GradcliError):
        evaluate(request._replace(backward=Backward(retain_graph=True)), lambda _: None)


def test_small_evals_do_not_load_the_plan() -> None:
    code = (
        "import sys; from gradcli.cli.app import run; run(['eval', 'mean(3*(x+2)**2)'])\n"
        "assert not [name for name in sys.modules if name.startswith('gradcli.plan')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
