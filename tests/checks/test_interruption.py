"""Time that is up stops what nobody looks at the clock in, and numbers out of range are refused."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress

import pytest

from gradcli.checks.witnesses.interruption import TimeIsUpError, at_most
from gradcli.diagnostics import LimitFault
from gradcli.symbolic.context import in_context


def _for_ever():
    while True:
        with suppress(Exception):
            sum(range(1000))


def _after_a_block_of_its_own():
    with at_most(60):
        sum(range(1000))
    _for_ever()


def test_a_block_that_catches_every_exception_is_stopped():
    with pytest.raises(TimeIsUpError, match=r"it takes longer than 0\.05 s"), at_most(0.05):
        _for_ever()


def test_a_block_in_time_leaves_no_timer_behind():
    before = signal.getsignal(signal.SIGVTALRM)
    with at_most(60):
        assert signal.getitimer(signal.ITIMER_VIRTUAL)[1] > 0
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)
    assert signal.getsignal(signal.SIGVTALRM) is before


def test_a_block_within_another_has_the_time_of_the_outer_one():
    with pytest.raises(TimeIsUpError, match=r"0\.05"), at_most(0.05):
        _after_a_block_of_its_own()


def test_a_thread_goes_on():
    found = []

    def work():
        with at_most(1e-3):
            found.append(sum(range(300_000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(found) == 1


@pytest.mark.parametrize(
    "function",
    [
        lambda context, x: context.sin(x),
        lambda context, x: context.exp(x),
        lambda context, x: 2**x,
        lambda context, x: context.mpf(3) ** x,
        lambda context, x: context.gamma(x),
    ],
)
def test_a_function_of_a_number_beyond_range_is_refused(function):
    P = in_context(30)
    assert P.isfinite(function(P, P.mpf(50)))
    with pytest.raises(LimitFault, match="beyond 10\\^4932"):
        function(P, P.mpf(2) ** P.mpf(1e8))


def test_a_number_beyond_range_has_a_logarithm_a_root_and_a_square():
    P = in_context(30)
    large = P.exp(P.mpf(1e8))
    assert P.log(large) == 1e8
    assert P.log(P.sqrt(large)) == P.log(large**2) / 4


def test_time_that_is_up_inside_of_a_function_in_c_is_told_as_that():
    def raised():
        error = TimeIsUpError("it takes longer than 1 s")
        raise SystemError("<class 'int'> returned a result with an exception set") from error

    with pytest.raises(TimeIsUpError, match="longer than 1 s"), at_most(60):
        raised()
    with pytest.raises(TimeIsUpError, match="longer than 1 s"), at_most(60), at_most(50):
        raised()


def test_another_fault_of_the_interpreter_is_not_taken_for_time():
    def raised():
        raise SystemError("another")

    with pytest.raises(SystemError, match="another"), at_most(60):
        raised()
