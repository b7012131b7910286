"""Methods of plain values do what Python's do, in Python's words where they fail."""

from __future__ import annotations

import pytest

EXPRESSIONS = [
    "'a,b,,c'.split(',')", "'a b  c '.split()", "'a,b,c'.split(',', 1)", "'a,b,c'.rsplit(',', maxsplit=1)",
    "'a b c'.split(sep=None, maxsplit=1)", "''.split()", "''.split(',')", "', '.join(['a', 'b'])",
    "''.join(c for c in 'abc')", "'-'.join('abc')", "'-'.join({'k': 1})", "'x'.join([])",
    "'aXbXc'.replace('X', '--')", "'aaa'.replace('a', 'b', 2)", "'abc'.replace('', '-')",
    "'abc'.replace('', '-', 2)", "'7'.zfill(3)", "'-7'.zfill(4)", "'a'.ljust(4, '.')", "'a'.rjust(4)",
    "'a'.center(5, '*')", "'abc'.ljust(1)", "'a\\tb'.expandtabs(4)", "'a\\tb'.expandtabs()",
    "'Hello'.startswith('He')", "'Hello'.startswith(('x', 'H'))", "'Hello'.endswith('lo', 1)",
    "'  x '.strip()", "'xxaxx'.strip('x')", "'ab'.lstrip('a')", "'ab'.rstrip('b')", "'Ab'.lower()",
    "'aß'.upper()", "'hello world'.title()", "'hello'.capitalize()", "'aB'.swapcase()", "'ẞ'.casefold()",
    "'banana'.count('an')", "'banana'.find('z')", "'banana'.rfind('an')", "'banana'.index('n', 3)",
    "'a=b=c'.partition('=')", "'a=b=c'.rpartition('=')", "'a\\nb\\r\\nc'.splitlines()",
    "'a\\nb'.splitlines(True)", "'a\\nb'.splitlines(keepends=True)", "'prefix_x'.removeprefix('prefix_')",
    "'x.py'.removesuffix('.py')", "'12'.isdigit()", "'x1'.isalnum()", "'x'.isidentifier()", "' '.isspace()",
    "'{} {1}'.upper()", "'ab' 'c'.upper()", "sorted('banana')", "[3, 1, 2].index(1)", "[1, 2, 1].count(1)",
    "[1, [2]].copy()", "(1, 2, 1).count(1)", "(1, 2).index(2)", "{'a': 1}.get('a')", "{'a': 1}.get('b', 2)",
    "{'a': 1}.get('b')", "list({'a': 1}.items())", "list({'a': 1}.keys())",
    "list({'a': 1, 'b': 2}.values())", "{'a': 1}.copy()", "{}.fromkeys('ab', 0)", "{}.fromkeys(range(2))",
    "{'a': 1}.keys() | {'b'}", "{'a': 1}.keys() & {'a', 'b'}", "'a' in {'a': 1}.keys()",
    "('a', 1) in {'a': 1}.items()", "1 in {'a': 1}.values()", "len({'a': 1}.items())",
    "{'a': 1} | {'b': 2}", "{1, 2} | {3}", "{1, 2} & {2}", "{1, 2} - {2}", "{1}.union([2], (3,))",
    "{1, 2}.intersection([2, 3])", "{1, 2}.difference({2})", "{1, 2}.symmetric_difference({2, 3})",
    "{1}.issubset({1, 2})", "{1} <= {1, 2}", "{1, 2}.issuperset([1])", "{1}.isdisjoint({2})", "2 in {1, 2}",
    "{1, 2} == {2, 1}", "len({1, 1, 2})", "{x % 3 for x in range(10)}", "{*'ab', 'c'} == {'a', 'b', 'c'}",
    "set()", "sorted({3, 1})", "{1, 1.0, True}", "(5).bit_length()", "True.bit_length()",
    "(2.0).is_integer()", "(0.5).as_integer_ratio()", "(1.5).hex()", "(1 + 2j).conjugate()",
    "(1 + 2j).real", "(1 + 2j).imag", "(3).real", "(2.5).imag", "True.real", "range(2, 9, 3).stop",
    "range(5).start", "1.0 in range(3)", "'a' in range(3)", "True in range(3)",
]  # fmt: skip


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_method_has_the_value_that_python_gives_it(run, text):
    expected = eval(text)  # noqa: S307 - a text of this file, as the reference
    value = run(text).value
    assert value == expected
    assert type(value) is type(expected)


STATEMENTS = [
    "x = [1]; x.append(2); x.extend(i for i in range(2)); x.extend('ab')",
    "x = [1]; x.extend(x)",
    "x = [1, 2, 3]; x.insert(1, 9); x.remove(3); y = x.pop(); z = x.pop(0)",
    "x = [3, 1, 2]; x.sort(); y = x[:]; x.sort(reverse=True)",
    "x = ['bb', 'a', 'ccc']; x.sort(key=len)",
    "x = [(1, 'b'), (1, 'a'), (0, 'c')]; x.sort(key=lambda p: p[0])",
    "x = [(1, 'b'), (1, 'a'), (0, 'c')]; x.sort(key=lambda p: p[0], reverse=True)",
    "x = [1, 2, 3]; x.reverse(); y = x.copy(); x.clear()",
    "x = {'a': 1}; x.update({'b': 2}); x.update(c=3); x.update([('d', 4)], e=5); x.update(['xy'])",
    "x = {'a': 1}; y = x.pop('a'); z = x.pop('a', None); w = x.setdefault('k', []); w.append(1)",
    "x = {'a': 1, 'b': 2}; y = x.popitem(); x.clear()",
    "x = {'a': 1}; k = x.keys(); x['b'] = 2; y = list(k)",
    "x = set(); x.add(1); x.update([2, 3], (4,)); x.discard(9); x.remove(2); y = x.copy(); x.clear()",
    "x = {1, 2, 3}; x &= {1, 2}; x |= {7}; x -= {1}; x.difference_update([7]); x.intersection_update([2])",
    "x = {}; f = x.setdefault; f('a', 1); f('a', 2)",
    "f = [].append; g = 'a'.upper; y = g()",
    "x = []\nfor k, v in {'a': 1, 'b': 2}.items(): x.append((v, k))",
]


def bound(names):
    return {key: value for key, value in names.items() if key[0] != "_" and not callable(value)}


@pytest.mark.parametrize("text", STATEMENTS)
def test_a_method_changes_what_python_changes(run, text):
    expected = {}
    exec(text, expected)  # noqa: S102 - a text of this file, as the reference
    held, wanted = bound(run(text).scope), bound(expected)
    assert {name: list(value) for name, value in held.items() if name == "k"} == {
        name: list(value) for name, value in wanted.items() if name == "k"
    }
    assert {**held, "k": 0} == {**wanted, "k": 0}


FAILURES = [
    "[].pop()", "[1].pop(5)", "[1].remove(2)", "[1].index(2)", "[].append()", "[].append(1, 2)",
    "[].sort(1)", "[1].extend(5)", "[1, 'a'].sort()", "{}.pop('k')", "{}.popitem()", "{}.update(5)",
    "{}.update([1])", "{}.update(['abc'])", "{}[[1]]", "{}.get([])", "{[1]: 2}", "{[1]}", "set().add([])",
    "{1}.remove(2)", "set().pop()", "{1}.union(2)", "'a'.split('')", "'a'.join([1])", "'a'.join(5)",
    "'a'.index('b')", "'a'.replace(1, 'b')", "'a'.replace('b')", "'a'.zfill('b')", "'a'.center(5, 'ab')",
    "'a'.ljust()", "'a'.startswith(1)", "'a'.count()", "'a'.splitlines(1, 2)", "(1).bit_length(2)",
    "(1, 2).index(3)", "'a'.partition('')", "[1] | 2", "{1} | [2]", "{1} + {2}", "{1} < 2",
    "(lambda s: s[0])({1})", "{'a': 1}.keys()[0]", "{'a': 1}.items()[0]", "{}.keys() + {}",
    "{}.fromkeys(5)", "{}.fromkeys([[]])", "'abc'.strip(1)", "[3, None].sort()",
    "['a', 1].sort(reverse=True)",
]  # fmt: skip


@pytest.mark.parametrize("text", FAILURES)
def test_a_method_that_fails_fails_as_pythons_does(failing, text):
    with pytest.raises(Exception) as python:  # noqa: PT011 - whatever Python raises
        eval(text)  # noqa: S307 - a text of this file, as the reference
    error = failing(text)
    assert isinstance(error, python.type)
    assert error.diagnostic.span is not None
    told = ("unsupported operand", "object is not iterable", "takes", "expected at", "missing", "fromkeys")
    if not any(part in str(python.value) for part in told):
        assert str(error) == str(python.value)


@pytest.mark.parametrize(
    ("text", "near"), [("[].apend(1)", "append"), ("{}.item()", "items"), ("'a'.jion([])", "join")]
)
def test_a_method_that_does_not_exist_names_the_nearest(failing, text, near):
    error = failing(text)
    assert error.diagnostic.code == "E202"
    assert error.diagnostic.label == f"did you mean `{near}`?"
    assert error.diagnostic.span.text in text.split("(")[0]


def test_what_changes_while_it_is_walked_is_an_error_of_ours(failing):
    assert str(failing("d = {1: 1}\nfor k in d: d[k + 1] = 1")) == "dictionary changed size during iteration"
    assert str(failing("s = {1}\nfor k in s: s.add(k + 1)")) == "Set changed size during iteration"
    assert "changed size" in str(failing("d = {1: 1}\nfor k in d.items(): d.clear(); d[8] = d[9] = 0"))


def test_order_is_asked_of_the_host_for_its_own_values(run):
    outcome = run("x = [box(3), box(1), box(2)]\nx.sort()\n[b.value for b in x]")
    assert outcome.value == [1, 2, 3]
    assert run("x = [box(3), box(1)]\nx.sort(key=lambda b: b.value)\nx[0].value").value == 1


def test_a_method_without_its_brackets_shows_no_address(run):
    outcome = run("f'{[].append}'")
    assert outcome.value == "<built-in method append of list object>"


def test_a_key_that_changes_the_list_changes_nothing_of_its_order(run):
    assert run("x = [2, 1]\nx.sort(key=lambda v: x.append(v) or v)\nx").value == [1, 2]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5 in range(10 ** 12)", False), ("2.0 in range(10 ** 12)", True), ("None in range(10 ** 12)", False)],
)
def test_no_range_is_walked_in_search_of_an_item(run, text, value):
    assert run(text).value is value
