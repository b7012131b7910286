"""Right rules at points that look smooth and are not, and wrong rules beside them."""

from __future__ import annotations

from copy import copy

import numpy as np
import pytest

from gradcli.autograd import Tensor, grad, session
from gradcli.autograd.algebra import TENSORS
from gradcli.checks.account import causes, judged, overall
from gradcli.checks.audit import audit
from gradcli.checks.hearing import Asked
from gradcli.checks.judge import judge
from gradcli.checks.reverse import by_rules
from gradcli.checks.subject import Subject, Variable
from gradcli.ops.catalog import catalog
from gradcli.plan import taped

ASKED = Asked(witnesses=("complex", "fd", "forward"))


@pytest.fixture(autouse=True)
def fresh():
    with session(default_dtype=np.dtype(np.float64)), np.errstate(all="ignore"):
        yield


def subject(function, *values):
    """sum(w * function(...)) with autograd's own gradient."""
    with taped() as tape:
        leaves = [Tensor(np.asarray(value, np.float64), requires_grad=True) for value in values]
        for leaf in leaves:
            tape.input(leaf)
        y = function(*leaves)
        weights = np.random.default_rng(0).standard_normal(y.shape)
        root = (TENSORS.sin(y) * Tensor(weights)).sum()
        gradients = grad([root], leaves)
    variables = tuple(
        Variable(f"x{i}", leaf._array, g._array)
        for i, (leaf, g) in enumerate(zip(leaves, gradients, strict=True))
    )
    return Subject(tape.trace([root]), variables, (np.ones(()),))


def with_record(one, name, **changes):
    """The program with another record for an operation, and the gradient that it gives."""
    wrong = copy(catalog()[name])
    wrong.compiled = {}
    for field, value in changes.items():
        setattr(wrong, field, value)
    steps = tuple(s._replace(record=wrong) if s.record.name == name else s for s in one.trace.steps)
    changed = one._replace(trace=one.trace._replace(steps=steps))
    gradients = by_rules(changed)
    return changed._replace(
        variables=tuple(v._replace(gradient=g) for v, g in zip(changed.variables, gradients, strict=True))
    )


def verdict(one):
    return overall(judged(judge(one, ASKED)))


MET = ([1.0, 0.3], [1.0, 0.0], [1.0, 2.0])


def test_a_clamp_whose_bounds_and_argument_are_one_number_sits_on_its_kink():
    assert verdict(subject(lambda x, low, high: x.clamp(low, high), *MET)) == "kink"


def test_the_convention_holds_where_all_arguments_meet():
    right = subject(lambda x, low, high: x.clamp(low, high), *MET)
    rules = catalog()["clamp_tensor"].rules

    def inside(m, x, low, high):
        return m.select(m.logical_and(m.gt(x, low), m.lt(x, high)), 1)

    assert verdict(with_record(right, "clamp_tensor", rules=(inside, *rules[1:]))) == "wrong"


def test_a_wrong_rule_beside_a_meeting_of_arguments_is_still_blamed():
    right = subject(lambda x, low, high: x.clamp(low, high), *MET)
    rules = catalog()["clamp_tensor"].rules

    def half(m, x, low):
        return m.select(m.le(low, x), m.where(m.lt(low, x), 0.5, 1.0))

    wrong = with_record(right, "clamp_tensor", rules=(half, *rules[1:]))
    assert [fault.place for fault in audit(wrong)] == [1]


@pytest.mark.parametrize("name", ["median_all", "nanmedian_all"])
def test_a_median_of_equal_elements_sits_on_its_kink(name):
    assert verdict(subject(lambda x: getattr(TENSORS, name)(x, rank=1), np.ones(5))) == "kink"


def test_qr_of_a_singular_matrix_is_an_edge():
    assert verdict(subject(lambda a: TENSORS.linalg_qr(a, mode="reduced")[1], np.ones((3, 3)))) != "wrong"


def test_a_wrong_rule_that_is_nan_everywhere_has_lost_no_digits():
    right = subject(lambda a: TENSORS.cholesky(a, upper=False, name="cholesky"), [[2.0, 0.3], [0.3, 1.0]])
    wrong = with_record(right, "cholesky", rules=(lambda m, g, y: g * (y - y) / (y - y),))
    assert verdict(wrong) == "wrong"


def test_the_sign_of_a_zero_that_copysign_reads_is_no_witness_against_it():
    asked = ASKED._replace(witnesses=("complex", "fd", "precise"))
    one = subject(lambda a, b: TENSORS.copysign(a, b), [1.5, -2.0], [-0.0, 0.0])
    assert overall(judged(judge(one, asked))) in ("kink", "edge")


def test_the_flipped_branch_of_a_kink_at_0_is_seen_below_the_least_numbers():
    right = subject(lambda x: TENSORS.elu(x, alpha=0.5, scale=2.0, input_scale=1.5), [0.0, 1.0])

    def other(m, x, y):
        return m.where(m.lt(x, 0), (y + 1.0) * 1.5, 2.0)

    assert verdict(right) == "kink"
    assert verdict(with_record(right, "elu", rules=(other,))) == "wrong"


def test_a_wrong_jvp_is_said_and_the_gradient_is_right():
    right = subject(lambda x: TENSORS.cumprod(x, dim=-1), [[0.3, 1.2, -0.7], [1.0, 2.0, 3.0]])
    formula = catalog()["cumprod"].jvps[0]

    class Doubled:
        __code__ = formula.__code__

        def __call__(self, m, *values):
            return formula(m, *values) * 2

    found = judge(with_record(right, "cumprod", jvps=(Doubled(),)), ASKED)
    assert overall(judged(found)) == "agrees"
    assert [fault.step.record.name for fault in found.faults] == ["cumprod"]
    assert found.faults[0].rule == pytest.approx(2 * found.faults[0].truth)
    cause = causes(found)[0]
    assert cause.code == "C403"
    assert cause.severity == "warning"
    assert judge(right, ASKED).faults == ()


def test_a_wrong_rule_that_compares_at_several_ties_is_no_right_one_that_scatters():
    record = catalog()["multilabel_margin"]
    pull = record.rule(0)
    target = Tensor(np.array([[0, -1, 0, 0]]))
    params = {"reduction": "mean", "rank": 1}
    right = subject(lambda x: TENSORS.apply(record, (x, target), params), [[1.0, 0.5, 0.5, 0.5]])
    assert verdict(right) == "agrees"

    def at_twice_the_point(m, g, x, target, x_shape, reduction):  # noqa: PLR0913 - a rule of this record
        return pull(m, g, 2 * x, target, x_shape, reduction)

    wrong = with_record(right, "multilabel_margin", rules=(at_twice_the_point, None))
    assert verdict(wrong) == "wrong"
    (fault,) = judge(wrong, ASKED).faults
    assert fault.step.record.name == "multilabel_margin"


def test_a_staircase_at_numbers_whose_steps_no_float_shows_is_at_its_jump():
    right = subject(TENSORS.ceil, [-np.inf, -1.6e262])
    assert verdict(right) in ("kink", "edge")
    wrong = with_record(right, "ceil", rules=(lambda m, g: g * 0.5,))
    assert [fault.step.record.name for fault in audit(wrong)] == ["ceil"]


def margins(x):
    params = {"power": 1, "margin": 1.0, "weighted": False, "reduction": "mean", "rank": 1}
    return TENSORS.apply(catalog()["multi_margin"], (x, Tensor(np.array([1])), 1), params)


@pytest.mark.parametrize("beside", [0.0, 1e-182, -1e-182])
def test_a_margin_that_is_met_but_for_what_floats_show_is_held_against_no_right_rule(beside):
    right = subject(margins, [[beside, 1.0]])
    assert verdict(right) in ("agrees", "kink", "edge")
    assert not list(audit(right))


def test_a_wrong_rule_is_one_where_a_margin_is_met_exactly():
    right = subject(margins, [[0.0, 1.0]])
    wrong = with_record(right, "multi_margin", rules=(lambda m, g, x: g * (0.25 + 0 * x), None, None))
    assert [fault.step.record.name for fault in audit(wrong)] == ["multi_margin"]


def test_a_hinge_is_not_linear_because_all_probes_lie_on_one_side_of_it():
    (kink,) = judge(subject(margins, [[0.0, 1.0]]), ASKED).hearing.kinks.kinks
    weight = np.random.default_rng(0).standard_normal(())
    np.testing.assert_array_equal(kink.places, [0, 1])
    np.testing.assert_allclose(kink.left, [0.0, -weight / 2], atol=1e-9)
    np.testing.assert_allclose(kink.right, [weight / 2, 0.0], atol=1e-9)


def test_the_gradient_of_qr_is_none_where_the_matrix_is_singular_as_is_declared():
    right = subject(lambda a: TENSORS.linalg_qr(a, mode="reduced")[1], [[2.0, 0.0], [1.0, 0.0]])
    assert np.isnan(right.variables[0].gradient).any()
    assert verdict(right) == "kink"
    beside = subject(lambda a: TENSORS.linalg_qr(a, mode="reduced")[1], [[2.0, 0.0], [1.0, 0.1]])
    wrong = with_record(beside, "linalg_qr", rules=(lambda m, gs, a: a * np.nan,))
    assert [fault.step.record.name for fault in audit(wrong)] == ["linalg_qr"]
