"""All witnesses heard on one subject, each loaded only if it is asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gradcli.checks.sample import choose
from gradcli.checks.testimony import Testimony
from gradcli.checks.witnesses import WITNESSES, differences
from gradcli.checks.witnesses.decisions import zero_with_a_sign
from gradcli.checks.witnesses.interruption import TimeIsUpError, at_most

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.checks.sample import Sample
    from gradcli.checks.subject import Subject
    from gradcli.checks.witnesses.differences import Kinks
    from gradcli.checks.witnesses.forward import Transposition

__all__ = ["FEW", "Asked", "Hearing", "hear"]

FEW = 64  # elements per variable that every witness looks at
COSTLY = 8  # elements per variable of big ones


class Asked(NamedTuple):
    """How a subject is judged.

    Attributes:
        witnesses: which are heard.
        rtol, atol: what difference is none.
        sample: how many elements per variable the costly witnesses look at; 0: as many as is quick.
        seed: of everything random.
        max_time: seconds that each witness may take.
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
    spoken, kinks = _differences(subject, sample, asked.max_time)
    found: dict[str, Testimony] = {"fd": spoken}
    exact = [name for name in ("complex", "symbolic", "precise") if name in asked.witnesses]
    signed = zero_with_a_sign(subject) if exact else ""
    for name in exact:
        if signed:
            found[name] = Testimony(name, (), f"the sign of a zero decides {signed}; here zeros have none")
        else:
            found[name] = _heard(name, subject, sample, asked.max_time)
    transposition = _transposition(subject, asked) if "forward" in asked.witnesses else None
    testimonies = tuple(found[name] for name in WITNESSES if name in found and name in asked.witnesses)
    return Hearing(testimonies, transposition, kinks)


def _differences(subject: Subject, sample: Sample, max_time: float) -> tuple[Testimony, Kinks]:
    try:
        with at_most(max_time):
            return differences.examine(subject, sample)
    except TimeIsUpError as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001 - mpmath, SymPy and SciPy have exceptions of their own
        why = _why(error)
    nothing = tuple(np.zeros(np.shape(variable.value), bool) for variable in subject.variables)
    return Testimony("fd", (), why), differences.Kinks((), nothing)


def _heard(name: str, subject: Subject, sample: Sample, max_time: float) -> Testimony:
    """What a witness says; one that stumbles over a program, or takes too long, is silent."""
    testify = _loaded(name, max_time)
    try:
        with at_most(max_time):
            return testify(subject, sample)
    except TimeIsUpError as error:
        return Testimony(name, (), str(error))
    except Exception as error:  # noqa: BLE001 - mpmath, SymPy and SciPy have exceptions of their own
        return Testimony(name, (), _why(error))


def _loaded(name: str, max_time: float) -> Callable[[Subject, Sample], Testimony]:
    """A witness with what it needs: SymPy takes 300 ms to import, and that is not to be broken off."""
    if name == "complex":
        from gradcli.checks.witnesses import complexstep

        return complexstep.testify
    import gradcli.symbolic  # noqa: F401 - the witnesses import it where they use it
    from gradcli.checks.witnesses import precise, symbolic

    return partial((symbolic if name == "symbolic" else precise).testify, max_time=max_time)


def _transposition(subject: Subject, asked: Asked) -> Transposition:
    from gradcli.checks.witnesses import forward  # as the others

    try:
        with at_most(asked.max_time):
            return forward.transposition(subject, seed=asked.seed)
    except TimeIsUpError as error:
        return forward.Transposition(0, asked.seed, (), (), (), str(error))


def _why(error: Exception) -> str:
    text = str(error).partition("\n")[0] or type(error).__name__
    return f"it could not follow the program ({text})"
