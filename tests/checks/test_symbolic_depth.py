"""An expression that SymPy cannot go down into."""

from __future__ import annotations

from gradcli.checks.witnesses.symbolic import _Attempt


def test_an_expression_too_deep_for_symbols_is_told_as_that(monkeypatch):
    def dive(attempt):
        attempt._name = "svdvals"
        dive(attempt)

    monkeypatch.setattr(_Attempt, "_testimony", dive)
    found = _Attempt(None, (), 1, 0.0).examination()
    assert found.testimony.silence == "svdvals: it is too deep an expression for symbols"
