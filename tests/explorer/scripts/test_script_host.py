"""What a script finds around it, where PyTorch has no say: refusals, places, warnings, limits."""

from __future__ import annotations

import pytest

from gradcli.autograd import context
from gradcli.diagnostics import Diagnostic, GradcliError, Source
from gradcli.explorer.scripts.run import run_script
from gradcli.language import Limits


def test_what_is_printed_is_written_at_once():
    parts: list[str] = []
    with pytest.raises(GradcliError):
        run_script(Source("<test>", "print(1)\nprint(2, end='')\nnothing\nprint(3)"), parts.append)
    assert parts == ["1\n", "2"]


def test_an_error_stands_where_it_happened(refused):
    error = refused("import torch\nx = torch.ones(2)\ny = x + torch.ones(3)\n")
    assert error.diagnostic.span is not None
    assert error.diagnostic.span.text == "x + torch.ones(3)"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import os", "No module named 'os'"),
        ("import torchvision", "No module named 'torchvision'"),
        ("from torch import relux", "cannot import name 'relux' from 'torch'"),
        ("import torch.nothing", "No module named 'torch.nothing'"),
        ("open('x')", "`open` is not available in scripts"),
        ("torch.ones(1)", "name 'torch' is not defined"),
        ("import torch\ntorch.onse(1)", "module 'torch' has no attribute 'onse'"),
        ("class A(print): pass", "a class cannot derive from `print`"),
        ("type('A', (), {})", "type() with three arguments is not available"),
        (
            "import torch\nx = torch.ones(1)\nx.shape = 1",
            "attribute 'shape' of 'torch._C.TensorBase' objects is not writable",
        ),
        ("print('a', file=1)", "print(file=...) is not available"),
    ],
)
def test_what_is_missing_is_refused_by_name(refused, text: str, words: str):
    assert words in str(refused(text))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("import os", "a script may import torch and what is below it, and math, time"),
        ("torch.ones(1)", "write `import torch` first"),
        ("F.relu(1)", "write `import torch.nn.functional as F` first"),
        ("open('x')", "scripts read and write no files"),
        ("import torch\ntorch.exp(1.0)", "make it a tensor first"),
    ],
)
def test_a_refusal_says_what_to_write(refused, text: str, hint: str):
    assert hint in refused(text).diagnostic.help


def test_a_name_misspelled_is_suggested(refused):
    assert refused("import torch\ntorch.rleu(1)").diagnostic.label == "did you mean `relu`?"
    assert refused("pritn(1)").diagnostic.label == "did you mean `print`?"
    assert refused("import torch\ntorch.ones(1).sume()").diagnostic.label == "did you mean `sum`?"


def test_a_warning_goes_to_the_report_once_and_not_to_the_output():
    heard: list[Diagnostic] = []
    parts: list[str] = []
    text = (
        "import torch\nx = torch.ones(1, requires_grad=True)\ny = x * 2\n"
        "for _ in range(3):\n    print(y.grad)"
    )
    run_script(Source("<test>", text), parts.append, report=heard.append)
    assert parts == ["None\n"] * 3
    assert [one.severity for one in heard] == ["warning"]
    assert "is not a leaf Tensor is being accessed" in heard[0].message


def test_runs_know_nothing_of_each_other(printed):
    text = "import torch\ntorch.set_grad_enabled(False)\ntorch.manual_seed(5)\nx = 1"
    printed(text)
    assert printed("import torch\nprint(torch.is_grad_enabled())") == "True\n"
    assert context.grad_enabled
    draw = "import torch\nprint(torch.rand(1))"
    assert printed(draw) == printed(draw)
    assert printed(draw, seed=3) != printed(draw)


def test_a_failed_run_leaves_nothing_behind(refused):
    refused("import torch\nwith torch.no_grad():\n    nothing")
    assert context.grad_enabled


def test_addresses_are_made_up_and_stay_the_same(printed):
    text = (
        "import torch\nx = torch.ones(1, requires_grad=True)\ny = x * 2\n"
        "print(y.grad_fn)\nprint(y.grad_fn)\nprint((y + 1).grad_fn)\nprint(id(y) == id(y), id(x) != id(y))"
    )
    first, second, other, ids = printed(text).splitlines()
    assert first == second == "<MulBackward0 object at 0x7f0000000000>"
    assert other.startswith("<AddBackward0 object at 0x7f")
    assert ids == "True True"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("import torch\ntorch.zeros(2000, 2000)", {"max_elements": 10**6}),
        (
            "import torch\nx = torch.zeros(600, 600)\nkept = [x + i for i in range(10)]",
            {"max_bytes": 5 * 10**6},
        ),
        ("while True:\n    pass", {"limits": Limits(steps=1000)}),
        ("def f(n):\n    return f(n + 1)\nf(0)", {"limits": Limits(calls=50)}),
        ("x = list(range(1000))", {"limits": Limits(items=100)}),
        ("class A:\n    def __len__(self):\n        return len(self)\nlen(A())", {}),
        ("print(*[1] * 1000, sep='-' * 1000)", {"limits": Limits(items=10_000)}),
    ],
)
def test_limits_hold(refused, text: str, options: dict):
    assert refused(text, **options).diagnostic.code.startswith("E6")


def test_a_script_does_not_catch_its_limits(refused):
    text = "try:\n    while True:\n        pass\nexcept Exception:\n    print('caught')"
    assert refused(text, limits=Limits(steps=1000)).diagnostic.code == "E614"


def test_private_names_of_a_module_are_the_scripts_own(printed):
    text = (
        "from torch import nn\n"
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self._name, self._hooks = 'mine', 3\n"
        "        self._lin = nn.Linear(1, 1)\n"
        "    def _helper(self):\n"
        "        return self._name, self._hooks\n"
        "net = Net()\n"
        "print(net._helper(), [name for name, _ in net.named_parameters()], net)"
    )
    assert printed(text) == (
        "('mine', 3) ['_lin.weight', '_lin.bias'] Net(\n"
        "  (_lin): Linear(in_features=1, out_features=1, bias=True)\n)\n"
    )


def test_methods_replace_those_that_our_own_code_calls(printed):
    text = (
        "from torch import nn\n"
        "class Quiet(nn.Linear):\n"
        "    def extra_repr(self):\n"
        "        return 'quiet'\n"
        "    def train(self, mode=True):\n"
        "        print('train', mode)\n"
        "        return super().train(mode)\n"
        "net = nn.Sequential(Quiet(1, 1))\n"
        "print(net)\n"
        "net.eval()"
    )
    assert printed(text) == "Sequential(\n  (0): Quiet(quiet)\n)\ntrain False\n"


def test_a_broken_pipe_is_not_taken_for_an_error_of_the_script():
    def closed(_: str) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run_script(Source("<test>", "try:\n    print(1)\nexcept Exception:\n    pass"), closed)


@pytest.mark.parametrize("text", ["import numpy as np\nprint(np.nothing)", "import math\nmath.inff"])
def test_libraries_offer_only_what_is_listed(refused, text: str):
    assert "has no attribute" in str(refused(text))


def test_arrays_print_and_compute_as_numpys(printed):
    text = (
        "import torch\nimport numpy as np\na = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).numpy()\n"
        "a[0, 0] = 9\nb = a * 2 + np.array([1.0, 1.0])\nprint(b)\n"
        "print(b.shape, b.T[0], np.mean(b), len(b))\n"
        "print(np.allclose(b, b), (b > 5).sum(), type(b), a.dtype)\nb += 1\nprint(b.max(), 9 in a)"
    )
    assert printed(text).splitlines() == [
        "[[19.  5.]",
        " [ 7.  9.]]",
        "(2, 2) [19.  7.] 10.0 2",
        "True 3 <class 'numpy.ndarray'> float32",
        "20.0 True",
    ]


def test_a_tensor_keeps_what_a_script_assigns_to_it(printed):
    text = "import torch\nx = torch.ones(2)\nx.tag = 'a'\ny = x * 2\nprint(x.tag, hasattr(y, 'tag'))"
    assert printed(text) == "a False\n"


@pytest.mark.parametrize("maker", ["zeros(10**6)", "ones(10**6)", "arange(10**6)", "eye(1000)"])
def test_tensors_that_are_made_count_together(refused, maker):
    error = refused(f"import torch\nkept = [torch.{maker} for _ in range(50)]", max_bytes=10**8)
    assert error.diagnostic.code == "E602"


def test_instances_are_charged_for_the_memory_they_take(refused):
    limits = Limits(steps=1_000)
    assert refused("class A: pass\nfor i in range(200): A()", limits=limits).diagnostic.code == "E614"


@pytest.mark.parametrize("name", ["__class__", "__init__", "__traceback__", "__dict__"])
def test_the_insides_of_an_error_are_not_written(refused, name):
    assert refused(f"e = ValueError('a')\nsetattr(e, '{name}', 1)").diagnostic.code == "E202"


@pytest.mark.parametrize(
    "text", ["import itertools\nall(itertools.product(*[range(100)] * 8))", "list(zip(*[range(10**6)] * 4))"]
)
def test_what_is_walked_side_by_side_is_counted(refused, text):
    assert refused(text, limits=Limits(steps=100_000)).diagnostic.code == "E614"


def test_reduce_calls_a_function_of_the_script(printed):
    text = "from functools import reduce\nprint(reduce(lambda a, b: a * b, [1, 2, 3, 4]), reduce(max, [], 7))"
    assert printed(text) == "24 7\n"
