"""The witnesses: each a function from a subject and a sample to a testimony."""

from __future__ import annotations

__all__ = ["WITNESSES"]

WITNESSES = ("symbolic", "complex", "fd", "precise", "forward")  # in the order in which they are shown
