"""Programs that are written are run, in a process of their own, and test themselves by differences."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from gradcli.diagnostics import InputFault
from gradcli.explorer.diff.answer import DiffRequest, explore_diff
from gradcli.explorer.request import EvalRequest

PROGRAMS = Path(__file__).with_name("diff_programs.txt").read_text(encoding="utf-8").splitlines()
ABSTAINS = {  # what a language has no function for
    "numpy": ("conv1d", "conv2d"),
    "jax": ("conv1d", "conv2d"),
    "sympy": ("conv1d", "conv2d", "std", "solve", "max(", "clamp", "isnan", "signbit"),
}


def _bindings(text):
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _written(line, language, order=1):
    expression, variables, constants = line.split("|")
    request = EvalRequest((expression.strip(),), _bindings(variables), _bindings(constants))
    return explore_diff(request, DiffRequest(order, language, with_test=True), lambda _: None).program


def _abstains(line, language):
    return any(name in line for name in ABSTAINS.get(language, ()))


def _run_all(programs, folder):
    """Runs each program as a file of its own, in one process, and returns what it prints."""
    lines = ["import runpy"]
    for number, program in enumerate(programs):
        path = folder / f"program_{number}.py"
        path.write_text(program, encoding="utf-8")
        lines.append(f"runpy.run_path({str(path)!r}, run_name='__main__')")
    command = [sys.executable, "-W", "error", "-c", "\n".join(lines)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("language", ["numpy", "sympy", "jax"])
@pytest.mark.parametrize("order", [1, 2])
def test_a_program_reproduces_the_derivatives(language, order, tmp_path):
    if language == "jax":
        pytest.importorskip("jax")
    lines = [line for line in PROGRAMS if not _abstains(line, language)]
    if language == "sympy" and order == 2:
        lines = lines[:5]  # its programs test the gradient alone
    printed = _run_all([_written(line, language, order) for line in lines], tmp_path)
    assert printed.count("gradient for") >= len(lines)


@pytest.mark.parametrize("language", ["numpy", "jax", "sympy"])
def test_an_operation_without_a_word_in_a_language_is_refused_by_its_name(language):
    with pytest.raises(InputFault, match=f"{language} has no function for F.conv1d"):
        _written("sum(F.conv1d(x,w)**2) | x=[[[1.,2,3,4]]] ; w=[[[1.,2]]] |", language)


def test_a_wrong_program_fails_its_own_test(tmp_path):
    program = _written("sum(x**2) | x=[1.,2] |", "numpy").replace("return 2*x", "return 3*x")
    path = tmp_path / "wrong.py"
    path.write_text(program, encoding="utf-8")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "AssertionError: gradient for x" in done.stderr


@pytest.mark.parametrize("name", ["quotes", "backslash"])
def test_a_docstring_holds_any_expression(name):
    texts = {"quotes": "s = '" + '"' * 3 + "'; sum(x**2)", "backslash": "s = 'a" + "\\" * 2 + "'; sum(x**2)"}
    request = EvalRequest((texts[name],), ("x=[1.,2]",))
    program = explore_diff(request, DiffRequest(1, "numpy"), lambda _: None).program
    names = {node.name for node in ast.walk(ast.parse(program)) if isinstance(node, ast.FunctionDef)}
    assert names == {"value", "gradient"}


@pytest.mark.parametrize("language", ["numpy", "sympy"])
def test_a_variable_may_be_called_as_the_program_calls_things(language, tmp_path):
    line = (
        "sum((np @ value - exp)**2)/len(exp) + mean(point**2) | value=[1.,2] ; exp=[1.,2,3] ; point=[1.,2] "
    )
    program = _written(f"{line}| np=[[1.,2],[3,4],[5,7]]", language)
    assert _run_all([program], tmp_path).count("gradient for") == 3


def test_a_large_constant_is_not_written_out():
    with pytest.raises(InputFault, match="constants that are not bound by -c"):
        _written("sum(x*randn(40, 40)) | x=2 |", "numpy")


@pytest.mark.parametrize("language", ["numpy", "sympy"])
def test_a_program_tests_itself_at_finite_numbers(language, tmp_path):
    program = _written("sum(x*y) | x=[1.,2] ; y=[inf,2] |", language)
    assert _run_all([program], tmp_path).count("gradient for") == 2
