"""A limit on time holds whoever catches exceptions."""

from __future__ import annotations

from contextlib import suppress

import pytest

from gradcli.diagnostics import InputFault, LimitFault
from gradcli.explorer.deadline import deadline


def _for_ever():
    while True:
        with suppress(Exception):
            sum(range(1000))


def test_what_catches_every_exception_is_stopped_too():
    with pytest.raises(LimitFault, match=r"more than 0\.05 seconds"), deadline(0.05, "--max-seconds"):
        _for_ever()


def test_no_limit_is_none():
    with deadline(0, "--max-seconds"):
        assert sum(range(1000)) == 499_500


@pytest.mark.parametrize("seconds", [1e300, float("inf")])
def test_a_limit_beyond_all_timers_is_none(seconds):
    with deadline(seconds, "--max-seconds"):
        assert sum(range(1000)) == 499_500


def test_nan_is_no_time():
    with pytest.raises(InputFault, match="--max-seconds is nan"), deadline(float("nan"), "--max-seconds"):
        pass
