"""f-strings, `%` and `format` give Python's texts, by a formatter that reaches into nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.diagnostics import GradcliError, LimitFault, Source
from gradcli.language import Limits, compile_program, parse

NAMES = {"n": 42, "x": 3.14159, "s": "text", "l": [1, "a", 2.5], "d": {"k": (1,)}, "w": 10, "p": 2, "t": True}

TEMPLATES = [
    "f'{n}'", "f'{n:5d}|{n:<5}|{n:>5}|{n:^5}|{n:05}'", "f'{x:.2f} {x:8.3f} {x:e} {x:g} {x:+.1f} {x:.0%}'",
    "f'{x:{w}.{p}f}'", "f'{x:{\">\"}{w}}'", "f'{s!r:>{w}}'", "f'{s:>{w}}|{s:*^9}|{s:.2}'",
    "f'{n=} {x = :.2f} {s=!s}'", "f'{l} {d} {(1,)} {()} {[]} { {} } {None} {t}'",
    "f'{n:,} {123456789:_} {1234567.891:,.2f}'", "f'{n:b} {n:x} {n:#o} {n:c} {n:#X}'",
    "f'{t:d} {t:5}|{t!s:5}|'", "f'{{}} {{{n}}} }}'", "f'a' 'b' f'{n}'",
    "f'{n if n > 3 else 0} {[v * 2 for v in l]} {d[\"k\"][0]}'", "f'''{\nn}\n{x:.1f}'''", "rf'\\d{n}'",
    "f'{(lambda v: v + 1)(n)}'", "f'{f\"{n:>{w}}\":*<12}'", "f'{n!a} {\"é\"!a}'", "f'é{n}ü{x:.1f}'", "f''",
    "f'{1e100} {1e-5} {float(\"inf\")} {-0.0} {1e16} {0.1 + 0.2}'", "f'{1 + 2j} {1 + 2j:.2f}'", "f'{...}'",
    "f'{range(3)}'", "f'{[s, [s]]} { {s: s} } { {1, 2} } {[None, True, 1.0]}'", "f'{\"\":5}|'",
    "f'{d.keys()} {d.values()} {d.items()}'", "f'{n:>+8,d}|{-n:=6}|{n: d}|{x:=+8.2f}|{x:010.3f}'",
    "'%d %i %5d|%-5d|%05d|%+d' % (n, n, n, n, n, n)",
    "'%f %.2f %8.3f %e %g %G %.3e' % (x, x, x, x, x, x, x)",
    "'%s %r %a %10s|%-10s|%.2s' % (s, s, s, s, s, s)", "'%s' % l", "'%s' % (l,)", "'%s' % d",
    "'%(k)s %(k)r' % d", "'%x %o %X %#x %c %c' % (n, n, n, n, 65, 'z')", "'100%%' % ()",
    "'%*d %.*f' % (w, n, p, x)", "'%-*d|' % (w, n)", "'%s and %s' % ('a', None)", "'%5.1f%%' % x",
    "'%d' % 3.99", "'%d' % True", "'%s' % 'x'", "'plain' % []", "'%s' % ((1, 2),)",
    "'%(a)d %(b).1f' % {'a': 1, 'b': 2}", "'% d' % n", "'%ld' % n", "'{} {}'.format(n, s)",
    "'{1} {0} {1}'.format(n, s)", "'{a} {b:.2f}'.format(a=n, b=x)", "'{!r:>8}'.format(s)",
    "'{:{}}|{:{w}.{p}f}'.format(s, 8, x, w=w, p=p)", "'{{}} {}'.format(n)", "'{:,}'.format(1234567)",
    "'{:>{w}}'.format(n, w=w)", "'{0:{1}}'.format(s, 9)", "'{:%}'.format(x)", "'{}'.format(l)",
    "''.format()", "'{!s} {!a}'.format('é', 'é')", "'{:d}'.format(t)", "'{k}'.format(**{'k': 1})",
    "'{}{}'.format(*[1, 2])",
]  # fmt: skip


@pytest.mark.parametrize("text", TEMPLATES)
def test_a_text_is_the_one_that_python_makes(run, text):
    expected = eval(text, dict(NAMES))  # noqa: S307 - a text of this file, as the reference
    assert run(text, **NAMES).value == expected


FAILURES = [
    "f'{s:d}'", "f'{x:d}'", "f'{n:.2d}'", "f'{n:s}'", "f'{n:zz}'", "f'{s:+}'", "f'{l:5}'", "f'{None:5}'",
    "f'{n:,_}'", "f'{d:d}'", "'%d' % s", "'%f' % s", "'%d %d' % (n,)", "'%d' % (n, n)", "'%s' % ()",
    "'%(k)s' % n", "'%(z)s' % d", "'%y' % n", "'%' % n", "'%5' % n", "'%c' % 'ab'", "'%x' % x",
    "'%*d' % ('a', n)", "'x' % n", "'{} {}'.format(n)", "'{2}'.format(n)", "'{z}'.format(a=n)",
    "'{} {0}'.format(n)", "'{0} {}'.format(n)", "'{'.format(n)", "'}'.format(n)", "'{!z}'.format(n)",
    "'{:{:{}}}'.format(1, 2, 3)", "'{!}'.format(n)", "'{:d}'.format(s)", "'{:.2f}'.format(l)", "f'{t:s}'",
    "f'{1j:d}'", "f'{n!r:d}'", "f'{x:5.}'",
]  # fmt: skip


@pytest.mark.parametrize("text", FAILURES)
def test_a_template_that_does_not_fit_is_refused_in_pythons_words(failing, text):
    with pytest.raises(Exception) as python:  # noqa: PT011 - whatever Python raises
        eval(text, dict(NAMES))  # noqa: S307 - a text of this file, as the reference
    error = failing(text, **NAMES)
    assert isinstance(error, python.type)
    if "pecifier" not in str(python.value) and "expected" not in str(python.value):
        assert str(error) == str(python.value)
    assert error.diagnostic.span is not None


ATTACKS = [
    "'{0.__class__}'.format(x)", "'{0.value}'.format(x)", "'{0[0]}'.format([1])", "'{a.b}'.format(a=x)",
    "'{.__class__}'.format(x)", "'{[k]}'.format({'k': 1})", "'{0!r.__class__}'.format(x)",
    "'{:{0.x}}'.format(x)", "'{0:{0.__class__}}'.format(x)", "f = '{0.x}'.format\nf(x)",
    "''.format_map({})", "'{0.__class__}'.format_map(x)", "apply('{0.__init__.__globals__}'.format, x)",
    "'%(__class__)s' % x", "'{a.__class__.__mro__}'.format(a=apply)", "'{0.real}'.format(1)",
    "'{0.imag.__class__}'.format(1)", "str.format", "'{x.y:{z}}'.format(z=1, x=x)",
    "f'{x:{\"{0.__class__}\"}}'", "'{: .__class__}'.format(1)", "'{:{}}'.format(1, '.__class__')",
]  # fmt: skip


@pytest.mark.parametrize("text", ATTACKS)
def test_a_field_reaches_into_nothing(failing, text):
    error = failing(text, x=1.5)
    assert isinstance(error, (ValueError, AttributeError, TypeError))
    assert "<class" not in str(error)


BOMBS = [
    "f'{1:1000000000}'", "f'{1.5:.1000000000f}'", "f'{\"a\":>{10 ** 9}}'", "'{:>{}}'.format(1, 10 ** 12)",
    "'%1000000000d' % 1", "'%.1000000000f' % 1.5", "'%*d' % (10 ** 10, 1)", "'%-*s' % (-10 ** 10, 'a')",
    "'{:99999999999999999999999999}'.format(1)", "'%99999999999999999999999999d' % 1", "'a'.ljust(10 ** 9)",
    "'a'.rjust(10 ** 9)", "'a'.center(10 ** 10)", "'1'.zfill(10 ** 9)",
    "('a' * 10 ** 5).join('b' * 10 ** 4)", "('a' * 10 ** 4).replace('a', 'b' * 10 ** 5)",
    "'\\t'.expandtabs(10 ** 10)", "('\\t' * 100).expandtabs(10 ** 7)",
    "''.join('a' for i in range(10 ** 12))", "s = 'a'\nwhile True: s = f'{s}{s}'",
    "s = 'a'\nwhile True: s = '%s%s' % (s, s)", "s = 'a'\nwhile True: s = '{}{}'.format(s, s)",
    "s = 'a'\nwhile True: s = s.join('xx')", "s = 'a'\nwhile True: s = s.replace('a', 'aa')",
    "x = []\nfor i in range(60): x = [x, x]\nf'{x}'", "x = [0]\nfor i in range(60): x = [x, x]\n'%s' % x",
    "x = []\nwhile True: x.extend([0] * 1000)", "x = [0]\nwhile True: x.extend(x)",
    "x = []\nwhile True: x.append('a'.ljust(1000))", "x = []\nwhile True: x.append(x.copy())",
    "x = {}\nwhile True: x.update({len(x): x.copy()})",
    "x = []\nwhile True: x.append(('a' * 1000).upper())",
    "x = []\ns = 'a,' * 1000\nwhile True: x.append(s.split(','))",
    "x = []\nwhile True: x.append('a b'.split())",
    "s = 'a\\n' * 1000\nx = []\nwhile True: x.append(s.splitlines())", "[].extend(range(10 ** 12))",
    "{}.fromkeys(range(10 ** 12))", "set().update(range(10 ** 12))", "{1}.union(range(10 ** 12))",
    "{1, 2}.issubset(range(10 ** 12))", "x = [0] * 100\nwhile True: x.sort(key=lambda v: -v)",
    "x = []\nfor i in range(60): x = [x, x]\ny = []\nfor i in range(60): y = [y, y]\n[x, y].sort()",
    "x = []\nfor i in range(60): x = [x, x]\ny = []\nfor i in range(60): y = [y, y]\n[x].index(y)",
    "x = ()\nfor i in range(60): x = (x, x)\n{}.get(x)",
    "x = ()\nfor i in range(60): x = (x, x)\nset().add(x)", "x = ()\nfor i in range(60): x = (x, x)\n{x}",
    "x = '\\x00' * 10 ** 5\ny = [x] * 10 ** 5\nf'{y}'",
    "x = []\nfor i in range(10 ** 6): x.append(f'{i:500}')", "x = [[f'{i!r:>99}'] for i in range(10 ** 9)]",
    "x = {i for i in range(10 ** 12)}", "x = {*range(10 ** 12)}", "while True:\n class A: x = 1",
    "def f(): return f'{f()}'\nf()", "x = 'a' * 10 ** 6\nwhile True: x in x + 'b'", "while (n := 1): pass",
    "x = []\nfor i in range(20000): x = [x]\nf'{x}'",
]  # fmt: skip


@pytest.mark.parametrize("text", BOMBS)
def test_what_would_fill_the_memory_is_stopped_first(failing, text):
    error = failing(text, Limits(steps=1_000_000, items=1_000_000))
    assert isinstance(error, LimitFault)
    assert error.diagnostic.span is not None


def test_a_container_in_itself_is_shown_once(run):
    program = "x = [1]; x.append(x); d = {}; d['d'] = d; t = ([],); t[0].append(t); f'{x} {d} {t}'"
    assert run(program).value == "[1, [...]] {'d': {...}} ([(...)],)"


def test_a_value_of_the_host_is_shown_by_the_host(run):
    assert (
        run("b = box(3); f'{b} {b!r} {[b]} {b:.1f} {b=}'").value == "Box(3) QBox(3) [QBox(3)] 3.0 b=QBox(3)"
    )
    assert run("'%s %r %d %.1f' % (box(3), box(3), box(3.5), box(3))").value == "Box(3) QBox(3) 3 3.0"
    assert run("'{} {!r} {:.1f}'.format(box(3), box(3), box(3))").value == "Box(3) QBox(3) 3.0"


def test_the_place_of_a_field_is_shown_with_its_error(failing):
    for text, place in (
        ("x = 1\nf'{x} {x / 0:.3f}'", "x / 0"),
        ("f'''\n{1}\n  {zzz}'''", "zzz"),
        ("'a' f'é{1}' f'{1}{zzz!r:>{5}}'", "zzz"),
        ("f'{1:{zzz}}'", "zzz"),
        ("f'{[1, 2]:5}'", "[1, 2]"),
    ):
        assert failing(text).diagnostic.span.text == place


def test_texts_in_a_long_program_keep_their_places(failing):
    error = failing("x = 1\n" * 5000 + "+".join(["x"] * 200) + " + len(f'{x:>{x}}{zzz}')", x=1)
    assert error.diagnostic.span.text == "zzz"
    assert error.diagnostic.span.start > 30_000


VALUES = st.one_of(
    st.integers(-(10**20), 10**20), st.floats(), st.booleans(), st.text(max_size=8),
    st.complex_numbers(max_magnitude=1e6), st.none(),
)  # fmt: skip
DEEP = st.recursive(
    VALUES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.tuples(inner), st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=6,
)
SPECS = st.builds(
    "{}{}{}{}{}{}{}{}".format,
    st.sampled_from(["", "<", ">", "=", "^", "*<", "0>", "é^", "{{"]), st.sampled_from(["", "+", "-", " "]),
    st.sampled_from(["", "", "#"]), st.sampled_from(["", "", "0"]),
    st.sampled_from(["", "1", "7", "12", "30"]),
    st.sampled_from(["", "", ",", "_"]), st.sampled_from(["", ".0", ".1", ".3", ".10", "."]),
    st.sampled_from([*"dfgeGEsxXobcn%FqZ", "", "", "ff"]),
)  # fmt: skip


class Silent:
    """A host that is asked for nothing."""

    context = type("Place", (), {"span": None})()
    binary = inplace = unary = compare = lambda *_: None
    attribute = set_attribute = call = manager = make_class = parent = module = member = None
    assigned = iterate = truth = lookup = text = format = None  # and would fail if it were


def outcome(text, names):
    executable = compile_program(parse(Source("<test>", text)), Silent())
    try:
        return executable.run(executable.scope(names))
    except GradcliError as error:
        return error


def agrees(ours, make):
    try:
        expected = make()
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        assert isinstance(ours, type(error))  # noqa: PT017 - Python's error is the reference
        return
    assert ours == expected


@settings(max_examples=300, deadline=None)
@given(value=DEEP, spec=SPECS)
def test_random_formats_give_pythons_text_or_error(value, spec):
    agrees(outcome("'{:{}}'.format(v, s)", {"v": value, "s": spec}), lambda: format(value, spec))


@settings(max_examples=200, deadline=None)
@given(value=DEEP)
def test_random_values_have_pythons_texts(value):
    assert outcome("f'{v}|{v!r}|{v!s}|{v!a}'", {"v": value}) == f"{value}|{value!r}|{value!s}|{value!a}"
    assert outcome("'%s|%r' % (v, v)", {"v": value}) == f"{value!s}|{value!r}"


PERCENTS = st.builds(
    "%{}{}{}{}".format,
    st.sampled_from(["", "", "-", "0", "+", " ", "#", "-+"]), st.sampled_from(["", "5", "12"]),
    st.sampled_from(["", ".0", ".3", "."]), st.sampled_from([*"dixXoeEfFgGcsra%yq"]),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(value=VALUES, template=st.lists(st.one_of(PERCENTS, st.text(max_size=3)), max_size=3).map("".join))
def test_random_percent_templates_give_pythons_text_or_error(value, template):
    agrees(outcome("t % v", {"v": value, "t": template}), lambda: template % value)


@settings(max_examples=300, deadline=None)
@given(
    template=st.text(alphabet="{}!:0123ab.[]rs<>5d \u00e9", max_size=12),
    args=st.lists(VALUES, max_size=2),
    a=VALUES,
)
def test_random_format_templates_give_pythons_text_or_error(template, args, a):
    ours = outcome("t.format(*args, a=a)", {"t": template, "args": args, "a": a})
    if isinstance(ours, Exception) and "not its attributes" in str(ours):
        return
    agrees(ours, lambda: template.format(*args, a=a))
