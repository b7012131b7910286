"""Formulas as programs: a module with a function for the value and one for each derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradcli.diagnostics import InputFault
from gradcli.explorer.diff.deriving import ELEMENTWISE, GRADIENT, HESSIAN, PRODUCT, SECOND
from gradcli.explorer.diff.emitting_tests import point_text, test_text
from gradcli.explorer.diff.languages import GRADCLI, JAX, NUMPY, SYMPY, TORCH
from gradcli.explorer.diff.naming import below, definitions_of, name_parts, writer_for
from gradcli.explorer.diff.own_operations import own_operations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.explorer.diff.deriving import Derived, Result
    from gradcli.explorer.diff.languages import Language
    from gradcli.explorer.diff.terms import Term
    from gradcli.language.program import Program

__all__ = ["LANGUAGES", "emit"]

LANGUAGES = {language.name: language for language in (GRADCLI, NUMPY, TORCH, JAX, SYMPY)}
WHAT = {
    GRADIENT: "The gradient",
    SECOND: "The second derivative",
    ELEMENTWISE: "The second derivative of each element for itself; those for two elements are zero",
    HESSIAN: "The Hessian",
    PRODUCT: "The Hessian times a direction",
}
WIDEST = 88
# What the modules call things by, and the functions of Python's own that they call.
RESERVED = {
    "np", "jnp", "jax", "torch", "special", "sympy", "value", "gradient", "make", "differences", "same",
    "point", "made", "gradients", "total", "direction", "expected", "abs", "map", "max", "print", "zip",
}  # fmt: skip


class _Function(NamedTuple):
    """A function of the module.

    Attributes:
        name: what it is called.
        about: its docstring.
        terms: what it returns; several as a tuple.
        first: the leaf that its shapes are told by.
    """

    name: str
    about: str
    terms: tuple[Term, ...]
    first: str


def emit(derived: Derived, name: str, *, with_test: bool, programs: Sequence[Program]) -> str:
    """Returns a program in a language.

    Args:
        derived: the formulas.
        name: of the language.
        with_test: whether the program is to test itself.
        programs: the expressions, for the docstring.

    Raises:
        InputFault: the language has no word for an operation.
    """
    language = LANGUAGES[name]
    if language is GRADCLI:
        return "".join(f"{_line(derived, result)}\n" for result in derived.results)
    text = "; ".join(" ".join(program.source.text.split()) for program in programs)
    functions = [_Function("value", "The value.", derived.reading.roots, next(iter(derived.reading.leaves)))]
    functions += _derivatives(derived)
    arguments = _argument_names(derived, language, functions)
    written = [_function(derived, one, language, arguments) for one in functions]
    used = dict.fromkeys(name for _, names in written for name in names)
    parts = [_header(language, derived, text, used), *[body for body, _ in written]]
    if with_test:
        parts.append(test_text(language, derived, arguments))
    elif language is SYMPY:
        parts.append(point_text(language, derived, arguments))
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


def _line(derived: Derived, result: Result) -> str:
    """A program of one line for `gradcli eval`."""
    leaves = derived.reading.leaves
    taken = [*leaves, *(leaf.data for leaf in derived.directions.values())]
    names = name_parts(derived.reading.m, [result.term], leaves, taken)
    writer = writer_for(GRADCLI, names, leaves, result.variables[-1])
    formula = writer.definition(result.term)
    lines = [f"{one.name} = {one.formula}" for one in definitions_of(result.term, names, writer)]
    _refuse(writer.unspelled, GRADCLI)
    return "; ".join([*lines, formula])


def _derivatives(derived: Derived) -> list[_Function]:
    names = tuple(result.variables[0] for result in derived.gradient)
    terms = tuple(result.term for result in derived.gradient)
    found = [_Function("gradient", f"The gradient for {', '.join(names)}.", terms, names[0])]
    if derived.results is not derived.gradient:
        for result in derived.results:
            name = "_".join(["second", *result.variables])
            about = f"{WHAT[result.kind]}, for {' and '.join(result.variables)}."
            found.append(_Function(name, about, (result.term,), result.variables[-1]))
    return found


def _argument_names(derived: Derived, language: Language, functions: Sequence[_Function]) -> dict[str, str]:
    """What the leaves are called in a program: as they are, but for names that it needs itself."""
    leaves = derived.reading.leaves
    taken = RESERVED | {function.name for function in functions}
    if language is SYMPY:
        taken |= set(language.functions)
    found = {}
    for name in leaves:
        new = name
        while new in taken or (new != name and new in leaves):
            new += "_"
        found[name] = new
    return found


def _function(
    derived: Derived, function: _Function, language: Language, arguments: dict[str, str]
) -> tuple[str, list[str]]:
    """The text of a function, and the functions that it calls."""
    leaves = derived.reading.leaves
    inside = below(function.terms)
    more = [leaf.data for leaf in derived.directions.values() if leaf in inside]
    taken = [*arguments.values(), *more, *RESERVED]
    names = name_parts(derived.reading.m, function.terms, leaves, taken).renamed(arguments)
    writer = writer_for(language, names, leaves, function.first)
    writer.rename({leaves[name]: new for name, new in arguments.items()})
    results = [writer.text(term) for term in function.terms]
    if len(function.terms) == 1:
        results = [writer.definition(function.terms[0])]
    lines = [
        f"def {function.name}({', '.join([*arguments.values(), *more])}):",
        f'    """{function.about}"""',
    ]
    whole = function.terms[0] if len(function.terms) == 1 else None
    lines += [f"    {one.name} = {one.formula}" for one in definitions_of(whole, names, writer, inside)]
    _refuse(writer.unspelled, language)
    lines.append(f"    return {', '.join(results)}")
    return "\n".join([*lines, ""]), [*writer.used]


def _refuse(unspelled: dict[str, None], language: Language) -> None:
    if unspelled:
        raise InputFault(
            "E560",
            f"{language.name} has no function for {', '.join(unspelled)}",
            notes=tuple(own_operations(unspelled).values()),
            help="the formula without --emit shows it by its name; --emit torch has the most functions",
        )


def _header(language: Language, derived: Derived, text: str, used: dict[str, None]) -> str:
    assumed = [f"The formulas hold where {one}." for one in derived.reading.m.assumed]
    about = "\n".join([_sentence(text), "", *assumed, ""]) if assumed else _sentence(text)
    imports = ["import numpy as np"]
    if language is TORCH:
        imports += ["import torch", "", "torch.set_default_dtype(torch.float64)"]
    if language is JAX:
        imports = [
            "import jax",
            "import jax.numpy as jnp",
            *imports,
            "",
            'jax.config.update("jax_enable_x64", True)',
        ]
    if language is NUMPY and any(language.functions.get(name, "").startswith("special.") for name in used):
        imports.append("from scipy import special")
    if language is SYMPY:
        from gradcli.explorer.diff.emitting_sympy import helpers  # what SymPy has no functions of arrays for

        imports += [
            "import sympy",
            *helpers(used, scalar=all(not leaf.ndim for leaf in derived.reading.leaves.values())),
        ]
    return "\n".join([f'"""{about}"""', "", *imports])


def _sentence(text: str) -> str:
    """The expressions as they can stand in a docstring."""
    if not text.isprintable():
        return "A value and its gradient."
    shown = text.replace("\\", "\\\\").replace('"""', "'''").rstrip('"')
    return f"{shown} and its gradient." if len(shown) <= WIDEST else "A value and its gradient."
