"""The rules of simplification, by the kind of term that each begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.explorer.diff import rules_functions, rules_matrices, rules_selection, rules_sums

if TYPE_CHECKING:
    from gradcli.explorer.diff.patterns import Rule

__all__ = ["RULES"]


def _by_kind(rules: tuple[Rule, ...]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.op, []).append(rule)
    return found


RULES = _by_kind((*rules_sums.RULES, *rules_matrices.RULES, *rules_functions.RULES, *rules_selection.RULES))
