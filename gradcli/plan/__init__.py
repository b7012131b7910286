"""Whole programs known ahead: what an eager run did, as a trace that any algebra can run again."""

from gradcli.plan.tape import Tape, taped
from gradcli.plan.trace import Literal, Step, Trace

__all__ = ["Literal", "Step", "Tape", "Trace", "taped"]
