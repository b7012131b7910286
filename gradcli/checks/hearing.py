"""All witnesses heard on one subject, each loaded only if it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.checks.sample import choose
from gradcli.checks.witnesses import differences

if TYPE_CHECKING:
    from gradcli.checks.subject import Subject
    from gradcli.checks.testimony import Testimony
    from gradcli.checks.witnesses.differences import Kinks
    from gradcli.checks.witnesses.forward import Transposition

__all__ = ["FEW", "WITNESSES", "Asked", "Hearing", "hear"]

WITNESSES = ("symbolic", "complex", "fd", "precise", "forward")
FEW = 32  # elements per variable that every witness looks at
COSTLY = 8  # elements per variable of big ones


class Asked(NamedTuple):
    """How a subject is judged.

    Attributes:
        witnesses: which are heard.
        rtol, atol: what difference is none.
        sample: how many elements per variable the costly witnesses look at; 0: as many as is quick.
        seed: of everything random.
        max_time: seconds that each costly witness may take.
    """

    witnesses: tuple[str, ...] = WITNESSES
    rtol: float = 1e-6
    atol: float = 1e-9
    sample: int = 0
    seed: int = 0
    max_time: float = 10.0


class Hearing(NamedTuple):
    """What the witnesses said.

    Attributes:
        testimonies: of those that speak of elements.
        transposition: forward mode against reverse mode; None where it was not asked for.
        kinks: where the program is not differentiable, whoever was asked for.
    """

    testimonies: tuple[Testimony, ...]
    transposition: Transposition | None
    kinks: Kinks


def hear(subject: Subject, asked: Asked) -> Hearing:
    """Returns what the witnesses that were asked for say."""
    few = all(np.size(variable.value) <= FEW for variable in subject.variables)
    sample = choose(subject, asked.sample or (FEW if few else COSTLY), asked.seed)
    spoken, kinks = differences.examine(subject, sample)
    found: dict[str, Testimony] = {"fd": spoken}
    if "complex" in asked.witnesses:
        from gradcli.checks.witnesses.complexstep import testify  # each loads what only it needs

        found["complex"] = testify(subject, sample)
    if "symbolic" in asked.witnesses:
        from gradcli.checks.witnesses import symbolic

        found["symbolic"] = symbolic.testify(subject, sample, max_time=asked.max_time)
    if "precise" in asked.witnesses:
        from gradcli.checks.witnesses import precise

        found["precise"] = precise.testify(subject, sample, max_time=asked.max_time)
    transposition: Any = None
    if "forward" in asked.witnesses:
        from gradcli.checks.witnesses.forward import transposition as forward

        transposition = forward(subject, seed=asked.seed)
    testimonies = tuple(found[name] for name in WITNESSES if name in found and name in asked.witnesses)
    return Hearing(testimonies, transposition, kinks)
