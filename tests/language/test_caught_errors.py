"""Errors are caught by kind, shown as texts, and derived from."""

from __future__ import annotations

import pytest

PROGRAMS = {
    "several kinds": """
result = []
for error in [RuntimeError('r'), ValueError('v'), TypeError('t'), KeyError('k')]:
    try:
        raise error
    except (RuntimeError, ValueError) as e:
        result.append(f'{e}|{e!r}|{e.args}|' + str(e))
    except LookupError as e:
        result.append(f'{e} {e!r} {e.args}')
    except Exception as e:
        result.append('other %s %r' % (e, e))
""",
    "arguments": """
result = []
for error in [ValueError(), ValueError(1), ValueError('a', 2), ValueError([1, 'x']), ValueError(None, (1,))]:
    try:
        raise error
    except ValueError as e:
        result += [str(e), f'{e!r}', e.args]
""",
    "kinds without brackets": """
result = []
try:
    raise NotImplementedError
except RuntimeError as e:
    result.append(repr(e))
""",
    "own words of python": """
result = []
for f in [lambda: {}['k'], lambda: [][1], lambda: 1 / 0, lambda: 'a' + 1, lambda: (1, 2).index(5)]:
    try:
        f()
    except (KeyError, IndexError, ArithmeticError, TypeError, ValueError) as e:
        result.append((str(e), f'{e!r}', e.args))
""",
    "derived": """
class BadShape(ValueError):
    '''Shapes that do not fit.'''
class Worse(BadShape): pass
class Other(Exception): pass
result = []
for kind in [BadShape, Worse, Other]:
    try:
        raise kind('words', 3)
    except Worse as e:
        result.append(('worse', str(e), repr(e), e.args))
    except BadShape as e:
        result.append(('bad', str(e), repr(e)))
    except ValueError as e:
        result.append('value')
    except Exception as e:
        result.append(('any', repr(e)))
try:
    raise ValueError('plain')
except BadShape:
    result.append('no')
except ValueError:
    result.append('yes')
""",
    "raise from": """
result = []
try:
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise ValueError(f'from {e}') from e
except ValueError as e:
    result.append(str(e))
try:
    raise KeyError('a') from None
except KeyError as e:
    result.append(str(e))
""",
    "kept": """
kept = None
try:
    raise RuntimeError('kept')
except RuntimeError as e:
    kept = e
result = [str(kept), repr(kept), '{!r}'.format(kept), [kept].__len__() if 0 else f'{[kept]}']
try:
    raise kept
except RuntimeError as e:
    result.append(e is kept or str(e) == str(kept))
""",
    "unpacking": """
result = []
for value in [1, None, 2.5, True]:
    try:
        a, b = value
    except TypeError as e:
        result.append(str(e))
    try:
        a, *b = value
    except TypeError as e:
        result.append(str(e))
    try:
        for a, b in [value]:
            pass
    except TypeError as e:
        result.append(str(e))
    try:
        for a in value:
            pass
    except TypeError as e:
        result.append(str(e))
""",
    "items of what has none": """
result = []
for value in [1, None, 2.5, True, {1}, (1, 2), 'ab', range(3), 1j]:
    try:
        value[0] = 1
    except TypeError as e:
        result.append(str(e))
    try:
        value[0] += 1
    except TypeError as e:
        result.append(str(e))
    try:
        del value[0]
    except TypeError as e:
        result.append(str(e))
""",
    "assert": """
result = []
for message in ['words', 3, [1], ('a', 1)]:
    try:
        assert message is None, message
    except AssertionError as e:
        result.append(str(e))
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_leaves_what_python_leaves(run, name):
    text = PROGRAMS[name]
    expected = {}
    exec(text, expected)  # noqa: S102 - a text of this file, as the reference
    assert run(text).scope["result"] == expected["result"]


def test_a_kind_knows_its_name_and_its_errors(run):
    outcome = run("ValueError.__name__, (lambda: 1).__name__, ValueError")
    assert outcome.value[:2] == ("ValueError", "<lambda>")
    kind = outcome.value[2]
    assert kind.covers(kind("a").fault)
    assert kind("a").kind is kind
    derived = run("class A(ValueError): pass\n(A, ValueError)").value
    assert derived[0].derives(derived[1])
    assert not derived[1].derives(derived[0])
    assert not derived[0].covers(kind("a").fault)


def test_a_kind_of_errors_has_one_base(failing):
    assert "has one base here" in str(failing("class A(ValueError, KeyError): pass"))


def test_a_kind_of_errors_writes_its_own_text(run):
    kind = "class A(ValueError):\n def __str__(self): return 'mine'\n"
    text = kind + "try:\n raise A\nexcept A as e:\n s = str(e)\ns"
    assert run(text).value == "mine"


def test_an_uncaught_error_of_a_program_shows_where_it_was_raised(failing):
    error = failing("class Bad(ValueError): pass\ndef f():\n raise Bad('no')\nf()")
    assert isinstance(error, ValueError)
    assert (error.diagnostic.span.text, error.diagnostic.label) == ("raise Bad('no')", "Bad")


@pytest.mark.parametrize(
    "text", ["e.__traceback__", "e.__context__", "e.with_traceback", "e.fault", "e.obj", "e.name", "e.given"]
)
def test_an_error_leads_to_no_frame_and_no_object(run, text):
    with pytest.raises((AttributeError, SyntaxError)):
        run(f"try:\n zzz.f\nexcept Exception as e:\n {text}")
