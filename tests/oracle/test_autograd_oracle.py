"""The programs of tests/autograd/semantics, run by PyTorch itself: what they expect is what it does."""

from __future__ import annotations

import importlib.util
import inspect
import itertools
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:Using backward", "ignore:Anomaly Detection", "ignore:Error detected"),
]

FOLDER = Path(__file__).parents[1] / "autograd" / "semantics"


def loaded(path):
    spec = importlib.util.spec_from_file_location(f"semantics_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def values_of(names, value):
    return {names: value} if isinstance(names, str) else dict(zip(names, value, strict=True))


def programs():
    """Each test function of the folder, once per parameter."""
    for path in sorted(FOLDER.glob("test_*.py")):
        for name, function in vars(loaded(path)).items():
            if not name.startswith("test_"):
                continue
            marks = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
            choices = [[values_of(mark.args[0], value) for value in mark.args[1]] for mark in marks]
            for chosen in itertools.product(*choices):
                arguments = {name: value for part in chosen for name, value in part.items()}
                label = "-".join([f"{path.stem[5:]}: {name[5:]}", *map(str, arguments.values())])
                yield pytest.param(function, arguments, id=label)


def words(kind, call):
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


def graph(node):
    if node is None:
        return "-"
    below = ", ".join(graph(following) for following, _ in node.next_functions)
    name = node.name().rpartition("::")[2]
    return f"{name}({below})" if below else name


GIVEN = {"torch": torch, "message": words, "graph": graph}


@pytest.mark.parametrize(("function", "arguments"), list(programs()))
def test_pytorch_does_what_the_program_expects(function, arguments):
    given = {name: GIVEN[name] for name in inspect.signature(function).parameters if name in GIVEN}
    function(**given, **arguments)
