"""Bags of rows refuse what PyTorch refuses, in its words."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli import torch
from gradcli.autograd import Tensor, session
from gradcli.diagnostics import GradcliError


@pytest.mark.parametrize("shape", [(4,), (2, 2, 1)])
def test_the_table_is_a_matrix(shape):
    words = f"weight has to be a 2D Tensor, but got Tensor of dimension {len(shape)}"
    with session(), pytest.raises(GradcliError, match=words):
        torch.nn.functional.embedding_bag(torch.tensor([[0, 1], [1, 1]]), Tensor(np.ones(shape)))
