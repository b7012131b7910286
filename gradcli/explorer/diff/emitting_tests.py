"""What a program tests itself with: central differences of its value, at the point that was bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.explorer.diff.deriving import ELEMENTWISE, HESSIAN, PRODUCT

if TYPE_CHECKING:
    from gradcli.explorer.diff.deriving import Derived, Result
    from gradcli.explorer.diff.languages import Language

__all__ = ["point_text", "test_text"]

MOST = 1000  # elements that are written out
MADE = {
    "numpy": "array",
    "torch": "torch.tensor(array)",
    "jax": "jnp.asarray(array)",
}
DIFFERENCES = '''def differences(function, point, position, step=1e-5):
    """Returns the derivative of a function for one of its arguments, by central differences."""
    columns = []
    for index in np.ndindex(point[position].shape):
        sides = []
        for sign in (1, -1):
            moved = [np.array(array) for array in point]
            moved[position][index] += sign * step
            sides.append(np.asarray(function(*map(make, moved))))
        columns.append((sides[0] - sides[1]) / (2 * step))
    return np.stack(columns, axis=-1)


def same(name, found, expected, tolerance=1e-5):
    """Raises if two arrays differ by more than differences can tell."""
    found, expected = np.asarray(found), np.asarray(expected).reshape(np.shape(found))
    error = np.max(np.abs(found - expected), initial=0.0) / (1 + np.max(np.abs(expected), initial=0.0))
    assert error < tolerance, f"{name}: {error:.1e} off"
    print(f"{name}: as differences of the value say, to {error:.1e}")

'''
SYMBOLIC = '''def same(name, found, total, symbols, point):
    """Raises if a gradient is not what SymPy's diff says, at a point."""
    expected = [sympy.diff(total, one) for one in np.ravel(symbols)]
    error = max(abs(sympy.N((a - b).subs(point))) for a, b in zip(np.ravel(found), expected))
    assert error < 1e-9, f"{name}: {error} off"
    print(f"{name}: as sympy.diff says")

'''


def array_text(array: Any) -> str:
    """Returns an array as NumPy's own call.

    One that is large, or has a nan or inf, which no difference is taken at, as random numbers of its shape.
    """
    array = np.asarray(array)
    if array.size > MOST or not np.isfinite(array).all():
        return f"np.random.default_rng(0).uniform(0.5, 1.5, {array.shape})"
    if array.size == 0:
        return f"np.zeros({array.shape})"
    return f"np.array({array.tolist()})"


def point_text(language: Language, derived: Derived, arguments: dict[str, str]) -> str:
    """Returns the symbols of a SymPy program, and what it prints."""
    del language
    lines = ['if __name__ == "__main__":', *_symbols(derived, arguments)]
    lines += [f"    print(gradient({', '.join(arguments.values())}))"]
    return "\n".join([*lines, ""])


def _symbols(derived: Derived, arguments: dict[str, str]) -> list[str]:
    lines = []
    for own, name in arguments.items():
        leaf = derived.reading.leaves[own]
        array = derived.reading.m.values[leaf]
        if leaf.dtype.kind != "f":
            lines.append(f"    {name} = np.array({array.tolist()})")
        elif leaf.ndim:
            symbols = f'sympy.symbols("{name}_:{array.size}", real=True)'
            lines.append(f"    {name} = np.array({symbols}, dtype=object).reshape({array.shape})")
        else:
            lines.append(f'    {name} = sympy.Symbol("{name}", real=True)')
    return lines


def test_text(language: Language, derived: Derived, arguments: dict[str, str]) -> str:
    """Returns the part of a module that tests it."""
    if language.name == "sympy":
        return _symbolic(derived, arguments)
    values = derived.reading.m.values
    lines = ['if __name__ == "__main__":']
    leaves = derived.reading.leaves
    lines += [f"    {name} = {array_text(values[leaves[own]])}" for own, name in arguments.items()]
    point = f"({', '.join(arguments.values())}{',' * (len(arguments) == 1)})"
    lines += [f"    point = {point}", "    made = [make(array) for array in point]"]
    total = " + ".join(
        f"np.sum(np.asarray(value(*arrays){f'[{i}]' if len(derived.reading.roots) > 1 else ''}))"
        for i in range(len(derived.reading.roots))
    )
    several = len(derived.gradient) > 1
    lines.append(f"    gradients = {'gradient(*made)' if several else '(gradient(*made),)'}")
    lines += ["", "    def total(*arrays):", f"        return {total}", ""]
    for i, result in enumerate(derived.gradient):
        (name,) = result.variables
        at = [*arguments].index(name)
        lines.append(f'    same("gradient for {name}", gradients[{i}], differences(total, point, {at}))')
    if derived.results is not derived.gradient:
        order = [result.variables[0] for result in derived.gradient]
        for result in derived.results:
            lines += _second(derived, result, order, arguments)
    about = f'    """Returns an array as {language.name} computes with it."""'
    head = f"def make(array):\n{about}\n    return {MADE[language.name]}\n\n\n{DIFFERENCES}"
    return "\n".join([head, *lines, ""])


def _second(derived: Derived, result: Result, order: list[str], arguments: dict[str, str]) -> list[str]:
    """The test of a second derivative: differences of the gradient."""
    a, b = result.variables
    inner = f"gradient(*arrays)[{order.index(a)}]" if len(order) > 1 else "gradient(*arrays)"
    at = [*arguments].index(b)
    table = f"differences(lambda *arrays: {inner}, point, {at})"
    name = f"second_{a}_{b}"
    shape = derived.reading.leaves[a].shape
    size = int(np.prod(shape))
    call = f"{name}(*made)"
    label = f"second derivative for {a} and {b}"
    if result.kind == ELEMENTWISE:
        return [f'    same("{label}", np.diag(np.ravel({call})), {table}.reshape({size}, -1))']
    if result.kind == HESSIAN:
        return [f'    same("{label}", {call}, {table}.reshape({size}, -1).T)']
    if result.kind == PRODUCT:
        return [
            f"    direction = np.random.default_rng(0).standard_normal({shape})",
            f"    expected = {table}.reshape({size}, -1).T @ np.ravel(direction)",
            f'    same("{label}", {name}(*made, make(direction)), expected)',
        ]
    return [f'    same("{label}", {call}, {table})']


def _symbolic(derived: Derived, arguments: dict[str, str]) -> str:
    """The test of a SymPy program: SymPy's own derivative, at the point that was bound."""
    values = derived.reading.m.values
    lines = ['if __name__ == "__main__":', *_symbols(derived, arguments), "    point = {}"]
    for own, name in arguments.items():
        leaf = derived.reading.leaves[own]
        if leaf.dtype.kind == "f":
            lines.append(f"    point.update(zip(np.ravel({name}), np.ravel({array_text(values[leaf])})))")
    several = len(derived.gradient) > 1
    call = f"gradient({', '.join(arguments.values())})"
    lines.append(f"    gradients = {call if several else f'({call},)'}")
    roots = derived.reading.roots
    parts = [
        f"np.sum(value({', '.join(arguments.values())}){f'[{i}]' if len(roots) > 1 else ''})"
        for i in range(len(roots))
    ]
    lines.append(f"    total = {' + '.join(parts)}")
    for i, result in enumerate(derived.gradient):
        (name,) = result.variables
        shown = arguments[name]
        lines.append(f'    same("gradient for {name}", gradients[{i}], total, {shown}, point)')
    return "\n".join(["", SYMBOLIC, *lines, ""])
