"""What a script cannot do: reach Python's insides, files, the network, or our own machinery."""

from __future__ import annotations

import sys
from types import FunctionType, MethodType, ModuleType

import numpy as np
import pytest

from gradcli.autograd import Tensor
from gradcli.diagnostics import GradcliError, Source
from gradcli.explorer.scripts.admission import ADMITTED
from gradcli.explorer.scripts.callables import Kind, Library, Routine
from gradcli.explorer.scripts.host import ScriptHost
from gradcli.explorer.scripts.run import run_script
from gradcli.explorer.scripts.tables import offered, tensor_names
from gradcli.language import compile_program
from gradcli.language.program import parse

# One of every kind of value that a script can hold.
VALUES = """
import torch, math, time, copy, numpy as np, collections, functools, typing
from torch import nn, optim, autograd
class Plain:
    x = 1
    def method(self): return self
    @property
    def prop(self): return 1
    @staticmethod
    def static(): return 1
    @classmethod
    def klass(cls): return cls
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 1)
        self.saved = super()
    def forward(self, x): return self.lin(x)
contexts = []
class Twice(autograd.Function):
    @staticmethod
    def forward(ctx, x):
        contexts.append(ctx)
        return x * 2
    @staticmethod
    def backward(ctx, g): return g * 2
def function(a, b=1): return a
try:
    raise ValueError("text")
except ValueError as e:
    caught = [e]
x = torch.ones(2, requires_grad=True)
y = (x * 2).sum()
net = Net()
opt = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
net(torch.ones(1, 2)).sum().backward()
opt.step()
values = [
    1, 1.5, True, None, "text", [1], (1,), {"a": 1}, {1}, range(3), slice(1), ..., 1j, x, y,
    nn.Parameter(x), x.shape, x.dtype, x.device, x.sum, x.register_hook, x.register_hook(print),
    y.grad_fn, y.grad_fn.next_functions, y.grad_fn.next_functions[0][0].next_functions[0][0], x.max(0),
    x.detach().numpy(), torch, nn, nn.functional, math, time, np, torch.relu, torch.no_grad,
    torch.no_grad(), torch.finfo(torch.float32), torch.Generator(), torch.Size([1]), torch.Tensor,
    torch.float32, torch.device("cpu"), nn.Linear, nn.Linear(1, 1), nn.Sequential(nn.ReLU()),
    nn.LSTM(1, 1), nn.MSELoss(), nn.ModuleList(), nn.ModuleDict(), Plain, Plain(), Plain().method,
    Plain.static, Plain.klass, Net, net, net.forward, net.saved, net.lin, net.state_dict(),
    net.parameters(), net.named_modules(), net.register_forward_hook(print), Twice, Twice.apply,
    Twice.apply(x), Twice.apply(x).grad_fn, contexts[0], opt, opt.param_groups, opt.state,
    opt.state_dict(), optim.lr_scheduler.StepLR(opt, 1), optim.Adam, function, lambda: 1, print, len,
    int, type, object, isinstance, zip([1]), (i for i in [1]), map(abs, [1]), iter([1]), caught[0],
    ValueError, copy.deepcopy, collections.OrderedDict(), functools.partial(print), typing.List,
    property(function), torch.autograd.grad, torch.func.grad(function), torch.no_grad()(function),
    "a".upper, [1].append, {}.get,
]
"""

DANGEROUS = """
__class__ __dict__ __bases__ __base__ __mro__ __subclasses__ __globals__ __code__ __closure__ __defaults__
__func__ __self__ __wrapped__ __builtins__ __import__ __loader__ __spec__ __file__ __module__ __reduce__
__reduce_ex__ __getattribute__ __getattr__ __setattr__ __delattr__ __new__
__init_subclass__ __traceback__ __context__
__cause__ __weakref__ __slots__ __annotations__ __array__
__array_interface__ __get__ __set__ __call__ __init__
f_globals f_locals f_back f_code gi_frame gi_code cr_frame tb_frame tb_next co_code func_globals mro
_array _base _edge _counter _grad _hooks _number _saved _node _path _values _run _body _outer _meter _context
_builtins _imports _tools _engine _script_class _script_private _forward_hooks _forward_pre_hooks _transient
saved edges hooks record rule params span sequence ctx backward_function run make cls find names fault array
tofile dump dumps ctypes data_ptr base flags tobytes setfield fromfile memmap load save savetxt loadtxt
os sys io pathlib subprocess socket builtins importlib
inspect pickle hub storage package multiprocessing utils_
""".split()  # noqa: SIM905 - a list of words

ALLOWED = (*ADMITTED, tuple, MethodType)


def harvest() -> tuple[ScriptHost, list]:
    """The values above, in a host whose script has ended."""
    host = ScriptHost(lambda _: None)
    executable = compile_program(parse(Source("<values>", VALUES)), host)
    host.attend(executable)
    scope = executable.scope({"__name__": "__main__"})
    executable.run(scope)
    return host, list(scope["values"])


def innocent(value) -> bool:
    """Whether a value is of a kind made for scripts."""
    if isinstance(value, (np.ndarray, np.generic, FunctionType, ModuleType, type, np.ufunc)):
        return False
    return type(value) in ALLOWED or type(value).__module__.startswith("gradcli.")


def test_no_value_gives_a_dangerous_attribute():
    host, values = harvest()
    reached = []
    for value in values:
        for name in DANGEROUS:
            try:
                found = host.attribute(value, name)
            except GradcliError:
                continue
            if not innocent(found):
                reached.append((type(value).__name__, name, found))
    assert reached == []


@pytest.mark.filterwarnings("ignore")  # of gradients that are read and not there
def test_what_can_be_reached_from_values_is_made_for_scripts():
    host, values = harvest()
    seen: set[int] = set()
    waiting = [(value, repr(type(value))) for value in values]
    kept = []
    while waiting:
        value, path = waiting.pop()
        kept.append(value)
        if id(value) in seen or path.count(".") > 4:
            continue
        seen.add(id(value))
        assert innocent(value), path
        if isinstance(value, (list, tuple)):
            waiting += [(one, path + "[]") for one in value]
            continue
        names = value.names() if isinstance(value, Library) else offered(type(value))
        names = tensor_names() if isinstance(value, Tensor) else names
        for name in list(names):
            try:
                found = host.attribute(value, name)
            except (GradcliError, NotImplementedError):
                continue
            waiting.append((found, f"{path}.{name}"))
    assert len(seen) > 1000


@pytest.mark.parametrize(
    "text",
    [
        "open('/etc/passwd')",
        "__import__('os')",
        "eval('1')",
        "exec('1')",
        "compile('1', '', 'eval')",
        "globals()",
        "input()",
        "import os",
        "import sys",
        "import subprocess",
        "import socket",
        "import builtins",
        "from os import system",
        "import torch.os",
        "from torch import os",
        "import numpy.ctypeslib",
        "from torch.utils.data import DataLoader as D; import pickle",
        "import torch; torch.load('x')",
        "import torch; torch.save([1], 'x')",
        "import torch; torch.hub",
        "import numpy as np; np.load('x')",
        "import numpy as np; np.array([1]).tofile('x')",
        "import numpy as np; np.fromfile('x')",
        "import math; math.__loader__",
        "().__class__.__bases__[0].__subclasses__()",
        "(lambda: 1).__globals__",
        "print.__self__",
        "type('X', (), {})",
        "type(type(1))('X', (), {})",
        "type(print)('x', print)",
        "type(lambda: 1)()",
        "type([].append)()",
        "type(type)('X', (), {})",
        "import torch\ntype(torch)('os', print, print)",
        "import torch\ny = torch.ones(1, requires_grad=True) * 2\ntype(y.grad_fn)()",
        "import torch\ntype(torch.ones(1).sum)(print, 1)",
        "import torch\ntype(torch.relu)('x', 1)",
        "type(object())",
        "import numpy as np\nbool(np.array([1, 2]))",
        "import numpy as np\nif np.array([1, 2]): pass",
        "import numpy as np\nlist(np.array(1))",
        "import numpy as np\nnp.array([1])['a']",
        "import torch\ntorch.ones(2)['a']",
        "import torch\ntorch.ones(2)[print]",
        "from torch import nn\nnn.Sequential()['a']",
        "getattr(1, '__class__')",
        "getattr('x', '_' + '_class__')",
        "getattr(print, 'run')",
        "setattr(print, 'run', 1)",
        "print.run = 1",
        "import torch; torch.ones = 1",
        "import torch; torch.Tensor.add = 1",
        "import torch; torch.ones(1)._array",
        "import torch; torch.ones(1).shape = 1",
        "import torch; torch.ones(1).grad_fn = 1",
        "'{0.__class__}'.format(1)",
        "'{0[a]}'.format({'a': 1})",
        "'x'.__class__('X', (), {})",
        "'x'.__class__.__mro__",
        "f'{1:{10**9}}'",
        "'a' * 10**9 * 10**9",
        "[0] * 10**12",
        "list(range(10**12))",
        "10**10**10",
        "import math; math.factorial(10**6)",
        "import torch; torch.zeros(10**7, 10**7)",
        "import numpy as np; np.zeros((10**7, 10**7))",
        "import numpy as np; np.linspace(0, 1, 10**12)",
        "print(1, file=3)",
        "class A(int): pass",
        "class A(type): pass",
        "class A(print): pass",
        "class A:\n    __slots__ = ()",
        "class A:\n    def __getattr__(self, n): return 1",
        "class A:\n    def __reduce__(self): return 1",
        "class A: pass\nA().__class__ = 1",
        "class A: pass\nA.__init__ = 1",
        "class A: pass\nA().__dict__",
        "from torch import nn\nnet = nn.Linear(1, 1)\nnet._parameters = {}",
        "from torch import nn\nnn.Linear(1, 1)._forward_hooks",
        "from torch import nn\nnn.Linear(1, 1).register('a', 1)",
        "def f():\n    return f\nf.__code__",
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    e.__traceback__",
        "(i for i in [1]).gi_frame",
        "import time; time.sleep(1)",
        "import functools; functools.partial(print).func",
        "while True: pass",
        "def f(): return f()\nf()",
        "class A:\n    def __repr__(self): return repr(self)\nprint(A())",
        "class A:\n    def __eq__(self, o): return self == o\nA() == 1",
        "a = []\na.append(a)\nimport torch\ntorch.tensor(a)",
        "from torch import nn\nm = nn.Sequential()\nm.add_module('a', m)\nprint(m)",
        "from torch import nn\nm = nn.Sequential()\nm.append(m)\nm(1)",
        "from torch import nn\nm = nn.Sequential()\nm.append(m)\nm.eval()",
        "from torch import nn\nm = nn.Sequential()\nm.append(m)\nm.apply(print)",
        "x = [1]\nfor _ in range(60): x = [x, x]\nprint(x)",
        "sum([[0] * 10**6] * 10**6, [])",
    ],
)
def test_a_script_is_refused_with_an_error_of_ours(refused, text: str):
    from gradcli.language import Limits

    error = refused(text, limits=Limits(steps=2_000_000), max_bytes=2**28)
    assert str(error)
    assert "gradcli" not in str(error).replace("gradcli ops", "")
    assert "0x" not in str(error)


def test_no_script_opens_files_or_connections():
    events: list[tuple] = []
    listening = [False]

    def listen(event: str, args: tuple) -> None:
        if args[:2] == ("/proc/self/statm", "r"):
            return  # the size of the process, which limits what the script may take; read before it starts
        if listening[0] and event.partition(".")[0] in {
            "open",
            "socket",
            "subprocess",
            "os",
            "shutil",
            "ctypes",
        }:
            events.append((event, args))

    sys.addaudithook(listen)
    run_script(Source("<values>", VALUES), lambda _: None)  # whatever is imported lazily, is by now
    listening[0] = True
    try:
        run_script(Source("<values>", VALUES), lambda _: None)
    finally:
        listening[0] = False
    assert events == []


def test_libraries_hold_nothing_but_values_for_scripts():
    host, _ = harvest()
    for path in ("torch", "torch.nn", "math", "time", "numpy", "copy", "collections", "typing", "functools"):
        library = host.module(path)
        for name in library.names():
            found = library.find(name)
            assert found is None or isinstance(found, (Routine, Kind, Library)) or innocent(found), (
                path,
                name,
            )
