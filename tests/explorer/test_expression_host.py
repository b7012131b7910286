from __future__ import annotations

import pytest

from gradcli.diagnostics import GradcliError
from gradcli.explorer.evaluate import evaluate
from gradcli.explorer.request import Backward, EvalRequest


def value(text: str, **options) -> object:
    request = EvalRequest((text,), backward=Backward(run=False), **options)
    return evaluate(request, print).roots[0].array.tolist()


def message(text: str, **options) -> str:
    with pytest.raises(GradcliError) as caught:
        value(text, **options)
    return caught.value.diagnostic.message


@pytest.mark.parametrize(
    "text",
    [
        "mean(x)",
        "x.mean()",
        "torch.mean(x)",
        "F.relu(x).mean()",
        "nn.functional.relu(x).mean()",
        "torch.relu(x).mean()",
    ],
)
def test_an_operation_is_found_under_every_spelling(text: str):
    assert value(text) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pi", 3.141592653589793),
        ("e", 2.718281828459045),
        ("-inf", float("-inf")),
        ("sqrt(4)", 2),
        ("sum([1, 2, 3])", 6),
        ("mean([[1., 2.], [3., 4.]])", 2.5),
        ("max(2, 3)", 3),
        ("abs(-2)", 2),
        ("len(ones(3))", 3),
        ("x.shape[0]", 2),
        ("[2, 3] * ones(2)", [2, 3]),
        ("ones(2) @ [3, 4]", 7),
        ("sum([x, x])", [[2, 2], [2, 2]]),
        ("sum(k*x for k in range(3))", [[3, 3], [3, 3]]),
        ("x[0]", [1, 1]),
        ("x[0][1]", 1),
        ("[row.sum() for row in x][1]", 2),
        ("a, b = x; a + b", [2, 2]),
        ("x.T.shape == (2, 2) and 1 or 0", 1),
        ("x.dtype == torch.float64 and 1 or 0", 1),
        ("1.5 in x and 1 or 0", 0),
        ("x if x.sum() > 3 else 0", [[1, 1], [1, 1]]),
        ("max(x, dim=0).values", [1, 1]),
        ("x > 0", [[True, True], [True, True]]),
        ("math.sqrt(4) + math.pi*0", 2),
        ("torch.pi", 3.141592653589793),
        ("[a*b for a, b in zip(x, x)][0]", [1, 1]),
        ("sum(i*row for i, row in enumerate(x))", [1, 1]),
        ("list(x)[0]", [1, 1]),
        ("(x*2).grad_fn.name() == 'MulBackward0' and 1 or 0", 1),
        ("d = {'a': x}; [d[k].sum() for k in d.keys()][0]", 4),
        ("f = lambda t: t*2; f(x)[0]", [2, 2]),
    ],
)
def test_an_expression_has_its_value(text: str, expected: object):
    assert value(text) == expected


def test_a_name_that_is_not_called_is_a_variable_even_where_a_function_has_it():
    report = evaluate(EvalRequest(("var * std",), variables=("std=2", "var=3")), print)
    assert {row.name: row.grad.item() for row in report.gradients} == {"std": 3, "var": 2}
    with pytest.raises(GradcliError) as caught:
        value("relu + ones(3)")
    assert "the function is called, relu(x)" in caught.value.diagnostic.notes[-1]


def test_no_grad_is_a_block_inside_which_nothing_is_recorded():
    request = EvalRequest(("with torch.no_grad():\n    y = x*2\nsum(x + y)",))
    assert evaluate(request, print).gradients[0].grad.tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("torch.relu + x", "unsupported operand type(s) for +: 'function' and 'Tensor'"),
        ("x + 'a'", "unsupported operand type(s) for +: 'Tensor' and 'str'"),
        ("-torch.sin", "bad operand type for unary -: 'function'"),
        ("y = x; y(2)", "'Tensor' object is not callable"),
        ("torch.sin[0]", "'function' object is not subscriptable"),
        ("x.grad.sum()", "'NoneType' object has no attribute 'sum'"),
        ("torch.foo", "module 'torch' has no attribute 'foo'"),
        ("with x:\n    1", "context manager"),
        ("for t in torch.sin:\n    1", "not iterable"),
        ("sin(x, x)", "sin() takes 1 positional argument but 2 were given"),
        ("mean(x, foo=1)", "mean() received an invalid combination of arguments - got (Tensor, foo=int)"),
        ("sum(torch.sin)", "expected a tensor or a list, but got function"),
    ],
)
def test_a_value_in_the_wrong_place_is_named(text: str, part: str):
    assert part in message(text)


ESCAPES = """
x.__class__ x._array (1).__class__ ().__class__ torch.os torch.import_module sin.run sin.__globals__
x.numpy x.ctypes x.tofile ''.format ''.join ''.replace [].extend torch._path torch.nn._path
x.grad_fn.pull x.edge x.version x.register_hook.__self__ x.sum.func F.__dict__ x.shape.__class__
x.dtype.dtype open('a') eval('1') exec('1') getattr(x,'a') __import__('os') globals() type(x)
print.__self__ x.mean.run (lambda:1).__code__ (lambda:1).signature x.backward.__func__
"""


@pytest.mark.parametrize("text", ESCAPES.split())
def test_what_is_not_in_the_table_does_not_exist(text: str):
    with pytest.raises(GradcliError):
        value(text)


def test_a_tensor_that_is_too_big_is_refused_before_it_is_made():
    assert "the limit is" in message("ones(10**6, 10**6)")
    assert "the limit is 1000000" in message("ones(2000, 2000)", max_elements=10**6)
