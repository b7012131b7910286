"""Variances and standard deviations, where rounding would show."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli import torch
from gradcli.autograd import session


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("count", [2, 3, 5, 7, 10, 100])
def test_constants_do_not_vary_whatever_their_mean_rounds_to(count, dtype):
    with session():
        for number in (0.1, 0.3, 0.87966996, 1e10 / 3):
            x = torch.full((4, count), number, dtype=dtype, requires_grad=True)
            found = x.std(-1)
            found.sum().backward()
            assert not found.detach().numpy().any()
            assert not x.grad.numpy().any()


def test_a_variance_far_from_zero_keeps_its_digits():
    steps = np.arange(10.0)
    with session():
        x = torch.tensor(1e9 + steps, dtype=torch.float64)
        assert x.var().item() == np.var(steps, ddof=1)
