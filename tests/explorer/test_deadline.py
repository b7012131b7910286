"""A limit on time holds whoever catches exceptions."""

from __future__ import annotations

from contextlib import suppress

import pytest

from gradcli.diagnostics import LimitFault
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
