"""No small text makes a big tensor without being asked about it."""

from __future__ import annotations

import pytest

from gradcli import torch
from gradcli.diagnostics import LimitFault


@pytest.mark.parametrize(
    "grow",
    [
        lambda a, b: a + b,
        lambda a, b: a < b,
        lambda a, b: torch.where(a > 0, b, 0),
        torch.atan2,
        lambda a, b: a @ b,
    ],
)
def test_a_broadcast_beyond_the_limit_is_refused_before_it_is_made(grow):
    with pytest.raises(LimitFault) as caught:
        grow(torch.ones(10**5, 1), torch.ones(1, 10**5))
    assert caught.value.diagnostic.code == "E601"
