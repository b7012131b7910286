"""Records evaluated on SymPy expressions and on mpmath numbers: the witnesses' algebras.

The only package that imports sympy and mpmath. Importing it costs their start-up (300 ms), so whoever
needs it imports it inside a function.
"""

from gradcli.symbolic.algebra import SymbolicAlgebra
from gradcli.symbolic.assigning import AssigningAlgebra
from gradcli.symbolic.formulas import derivative_formulas
from gradcli.symbolic.noise import COPIES, FACTOR
from gradcli.symbolic.precise import PreciseAlgebra, PreciseArray
from gradcli.symbolic.reverse import Reverse
from gradcli.symbolic.sparse import SymbolicArray

__all__ = [
    "COPIES",
    "FACTOR",
    "AssigningAlgebra",
    "PreciseAlgebra",
    "PreciseArray",
    "Reverse",
    "SymbolicAlgebra",
    "SymbolicArray",
    "derivative_formulas",
]
