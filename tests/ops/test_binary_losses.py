"""Binary cross entropies refuse what PyTorch refuses, in its words."""

from __future__ import annotations

import pytest

from gradcli import torch
from gradcli.autograd import session
from gradcli.diagnostics import GradcliError


@pytest.mark.parametrize(
    ("name", "input", "target", "words"),
    [
        ("binary_cross_entropy_with_logits", [True], [0.5], "\"log_sigmoid_cpu\" not implemented for 'Bool'"),
        ("binary_cross_entropy_with_logits", [1], [0.5], "\"log_sigmoid_cpu\" not implemented for 'Long'"),
        ("binary_cross_entropy", [0.5], [1], "Found dtype Long but expected Float"),
        ("binary_cross_entropy", [True], [0.5], "Found dtype Float but expected Bool"),
    ],
)
def test_probabilities_and_logits_are_floats(name, input, target, words):  # noqa: A002 - PyTorch's name
    with session():
        loss = getattr(torch.nn.functional, name)
        with pytest.raises(GradcliError) as caught:
            loss(torch.tensor(input), torch.tensor(target))
    assert caught.value.diagnostic.message == words
