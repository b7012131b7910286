"""What SymPy programs begin with: its functions, on arrays of symbols."""

from __future__ import annotations

__all__ = ["helpers"]

NAMES = {
    "asin": "asin",
    "acos": "acos", "atan": "atan", "abs": "Abs", "lgamma": "loggamma", "lt": "Lt", "le": "Le",
    "gt": "Gt", "ge": "Ge", "eq": "Eq", "ne": "Ne", "maximum": "Max", "minimum": "Min",
}  # fmt: skip
PLAIN = {
    "exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sign",
    "erf",
}  # fmt: skip
OWN = {
    "sigmoid": "lambda x: 1 / (1 + sympy.exp(-x))",
    "log1p": "lambda x: sympy.log(1 + x)",
    "expm1": "lambda x: sympy.exp(x) - 1",
    "relu": "lambda x: sympy.Max(x, 0)",
    "where": "lambda mask, a, b: sympy.Piecewise((a, mask), (b, True))",
}
WHOLE = {
    "inv": "def inv(x):\n    return np.array(sympy.Matrix(x).inv())",
    "det": "def det(x):\n    return sympy.Matrix(x).det()",
    "norm": "def norm(x, axis=None):\n    return sqrt(np.sum(x**2, axis=axis))",
    "softmax": "def softmax(x, axis):\n    return exp(x) / np.sum(exp(x), axis=axis, keepdims=True)",
    "logsumexp": "def logsumexp(x, axis):\n    return log(np.sum(exp(x), axis=axis))",
    "log_softmax": "def log_softmax(x, axis):\n    return x - log(np.sum(exp(x), axis=axis, keepdims=True))",
}
NEEDED = {"norm": ("sqrt",), "softmax": ("exp",), "logsumexp": ("log", "exp"), "log_softmax": ("log", "exp")}


def helpers(used: dict[str, None], *, scalar: bool) -> list[str]:
    """Returns the lines that define the functions used, for arrays or for single symbols."""
    wanted = dict.fromkeys(name for one in used for name in (*NEEDED.get(one, ()), one))
    lines = []
    for name in wanted:
        function = OWN.get(name) or (f"sympy.{NAMES.get(name, name)}" if name in NAMES.keys() | PLAIN else "")
        if function:
            lines.append(
                f"{name} = {function}" if scalar else f"{name} = np.vectorize({function}, otypes=[object])"
            )
    whole = [text for name in wanted if (text := WHOLE.get(name))]
    return [*([""] if lines else []), *lines, *[f"\n\n{text}" for text in whole]]
