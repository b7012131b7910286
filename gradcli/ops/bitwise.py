"""Bits of integers and truth values: and, or, xor, not, shifts; and the divisors of integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.diagnostics import NotImplementedFault
from gradcli.ops.dtypes import scalar_type
from gradcli.ops.record import Record, elementwise

__all__: list[str] = []

FAMILY = "bitwise"


def _integral(name: str, numpy: Any, text: str, source: str, args: tuple[str, ...] = ("a", "b")) -> Record:
    """An operation on integers (and booleans, where NumPy has it); floats meet PyTorch's error."""

    def compute(*values: Any) -> Any:
        try:
            return numpy(*values)
        except TypeError:
            kind = scalar_type(np.result_type(*values))
            raise NotImplementedFault(
                "E304",
                f"\"{name}_cpu\" not implemented for '{kind}'",
                help="it needs integers or truth values: x.long(), or a comparison such as x > 0",
            ) from None

    return elementwise(
        name, args=args, numpy=compute, complex=False, family=FAMILY, summary=text, source=source,
        inplace=True,
        samples=lambda s: [(tuple(s.integers(4, 2, 3) for _ in args), {})],
        example=f"{name}({', '.join(['x.long()'] * len(args))})",
    )  # fmt: skip


bitwise_and = _integral("bitwise_and", np.bitwise_and, "Bitwise a & b.", "Knuth, TAOCP 4A, 7.1.3, eq. (1)")
bitwise_or = _integral("bitwise_or", np.bitwise_or, "Bitwise a | b.", "Knuth, TAOCP 4A, 7.1.3, eq. (1)")
bitwise_xor = _integral("bitwise_xor", np.bitwise_xor, "Bitwise a ^ b.", "Knuth, TAOCP 4A, 7.1.3, eq. (1)")
bitwise_not = _integral("bitwise_not", np.invert, "Bitwise ~x; of truth values the negation.",
                        "Knuth, TAOCP 4A, 7.1.3, eq. (7)", ("x",))  # fmt: skip
bitwise_left_shift = _integral("bitwise_left_shift", np.left_shift, "a shifted left by b bits.",
                               "Knuth, TAOCP 4A, 7.1.3")  # fmt: skip
bitwise_right_shift = _integral("bitwise_right_shift", np.right_shift, "a shifted right by b bits.",
                                "Knuth, TAOCP 4A, 7.1.3")  # fmt: skip
gcd = _integral("gcd", np.gcd, "Greatest common divisor.", "Knuth, TAOCP 2, 4.5.2")
lcm = _integral("lcm", np.lcm, "Least common multiple.", "Knuth, TAOCP 2, 4.5.2")
