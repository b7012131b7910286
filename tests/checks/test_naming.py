"""Operations are called by PyTorch's names, or as they were written."""

from __future__ import annotations

import pytest

from gradcli.checks.naming import name_of
from gradcli.diagnostics import Source, Span
from gradcli.ops.catalog import catalog
from gradcli.plan.trace import Step


def named(record: str, text: str | None) -> str:
    span = None if text is None else Span(Source("<expr>", text), 0, len(text))
    return name_of(Step(catalog()[record], (0,), {}, (1,), span, True))


@pytest.mark.parametrize(
    ("record", "text", "name"),
    [
        ("relu", "x.relu()", "relu"),
        ("hardtanh", "F.relu6(x)", "hardtanh"),
        ("linalg_eigh", "linalg.eigh(x)", "linalg.eigh"),
        ("clamp_number", "clamp(x,\n  0, 1)", "clamp(x, 0, 1)"),
        ("max_all", "max(" + "x + " * 20 + "x)", "max(x + x + x + x + x + x + x + x + x..."),
        ("max_all", None, "max_all"),
    ],
)
def test_a_name_is_one_that_its_user_knows(record, text, name):
    assert named(record, text) == name


def test_a_long_text_is_cut():
    assert len(named("div_true", "x" * 100)) == len("x" * 37 + "...")
