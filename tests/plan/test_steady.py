"""A trace stands for a program only where what the program does depends on no value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradcli import torch
from gradcli.autograd import Tensor, context, session
from gradcli.plan.steady import steady_gradient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

C = Tensor(np.array([1.0, -2.0, 3.0]))


@pytest.fixture(autouse=True)
def doubles() -> Iterator[None]:
    with session(default_dtype=np.dtype(np.float64)):
        yield


def _steady(program: Callable[[Tensor], Any]) -> bool:
    x = Tensor(np.array([0.5, -1.0, 2.0]), requires_grad=True)
    found = steady_gradient(lambda: [program(x)], [x]) is not None
    assert x.tolist() == [0.5, -1.0, 2.0]
    return found


@pytest.mark.parametrize(
    "program",
    [
        lambda x: ((x - C) ** 2).sum(),
        lambda x: torch.where(x > 0, x, -x).sum(),
        lambda x: x.max(),
        lambda x: (x * (2.0 if C[0] > 0 else 3.0)).sum(),
        lambda x: (x * C[0].item()).sum(),
        lambda x: x[:2].prod() + (x.detach() * x).sum(),
        lambda x: torch.softmax(x, 0)[1],
    ],
)
def test_a_program_that_asks_no_variable_for_its_value_is_steady(program: Any) -> None:
    assert _steady(program)


@pytest.mark.parametrize(
    "program",
    [
        lambda x: x.sum() if x[0] > 0 else -x.sum(),
        lambda x: (x * x[0].item()).sum(),
        lambda x: (x * float(x.detach()[0])).sum(),
        lambda x: (x * int((x * 2)[2])).sum(),
        lambda x: (x * x.tolist()[1]).sum(),
        lambda x: (x * x.detach().numpy()[1]).sum(),
        lambda x: x[x.argmax().item()],
        lambda x: x[: int(x.argmax()) + 1].sum(),
        lambda x: (x * (1.0 if 0.5 in x else 2.0)).sum(),
        lambda x: (x * len(f"{x[0]}")).sum(),
        lambda x: x[x > 0].sum(),
        lambda x: (x * torch.rand(3)).sum(),
        lambda x: torch.nn.functional.dropout(x, 0.5).sum(),
        lambda x: (x * torch.tensor(x.detach())).sum(),
        lambda x: (x * torch.allclose(x.detach(), C)).sum(),
    ],
)
def test_a_program_that_does_is_not(program: Any) -> None:
    assert not _steady(program)


def test_random_numbers_that_were_drawn_to_find_out_are_drawn_again() -> None:
    context.generator.manual_seed(3)
    expected = torch.rand(4).tolist()
    context.generator.manual_seed(3)
    assert not _steady(lambda x: (x * torch.rand(3)).sum())
    assert torch.rand(4).tolist() == expected


def test_a_program_that_fails_elsewhere_is_not_steady() -> None:
    assert not _steady(lambda x: torch.linalg.cholesky(torch.diag(x + 1.5)).sum())
