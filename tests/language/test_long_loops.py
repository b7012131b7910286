"""What a host is told of a long loop: which way a turn will take, and the notes on it."""

from __future__ import annotations

import pytest

from gradcli.diagnostics import GradcliError

HEAD = "n = 3\nx = box(1)\nxs = []\ntotal = 0\nlimit = 9\n"


@pytest.fixture
def turns_of(run, monkeypatch):
    """Returns what a look at the turns of a loop gives, before the first; None where nobody is asked."""

    def look(text: str, inspect):
        found = []

        def hot_loop(_, turns):
            found.append(inspect(turns))
            return lambda at: (at + 1, turns.run(turns.values[at]))

        host = type(run("1").host)
        monkeypatch.setattr(host, "hot_loop", hot_loop, raising=False)
        monkeypatch.setattr(host, "call_method", lambda _, value, name, *__: value.value, raising=False)
        try:
            run(text)
        except GradcliError:
            assert found  # before it fails
        return found[0] if found else None

    return look


def loop(body: str) -> str:
    return f"{HEAD}for t in range(300):\n" + "\n".join(f"    {line}" for line in body.splitlines())


@pytest.mark.parametrize(
    ("body", "ways"),
    [
        ("x = x * 2", [(), (), ()]),
        ("if t % 2 == 1: x = x * 2", [(1,), (0,), (1,)]),
        ("if t == 0: x = box(1)\nelif t == 1 or t > limit: x = box(2)\nelse: x = box(3)", [(0,), (1,), (2,)]),
        ("if t == n - 1:\n    if t > 0: x = box(1)", [(1,), (1,), (0, 0)]),
        ("with mode('a'):\n    if t < 1: x = box(1)", [(0,), (1,), (1,)]),
        ("if t in (0, 2): x = x * 2", [(0,), (1,), (0,)]),
        ("if t == 1: x = box(t)", [(1,), None, (1,)]),  # what it does there is not told
        ("if t == 1: break", [(1,), None, (1,)]),
        ("if t == 1: continue\nx = x * 2", [(1,), None, (1,)]),
        ("if x: n = 4", [None, None]),  # the test is no plain value
        ("if 1 // t: x = x * 2", [None, (0,), (1,)]),  # a test that fails tells nothing
    ],
)
def test_the_way_of_a_turn_is_told_ahead(turns_of, body: str, ways: list):
    assert turns_of(loop(body), lambda turns: [turns.way(at) for at in range(len(ways))]) == ways


def test_beyond_the_last_turn_no_way_is_told(turns_of):
    assert turns_of(loop("x = x * 2"), lambda turns: [turns.way(299), turns.way(300)]) == [(), None]


def test_telling_a_way_leaves_the_variable_and_the_budget(turns_of):
    def look(turns):
        left = turns.meter.left
        assert turns.way(5) == (1,)
        return "t" in turns.variables, turns.meter.left == left

    assert turns_of(loop("if t % 2**40 == 0: x = x * 2"), look) == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        loop("x = box(t)"),
        loop("x = [x for i in range(t)][0] if t else x"),
        loop("if sin(t) > 2: x = box(1)"),
        loop("t = 3"),
        loop("for t in range(2): pass"),
        loop("x = x * 2").replace("300", "100"),  # short
        loop("x = x * 2").replace("range(300)", "[1] * 300"),
        f"def f(): return t\n{loop('x = f()')}",
        f"def f():\n    global t\n    t = 1\n{loop('f()')}",
        loop("f = lambda: t"),
    ],
)
def test_nobody_is_asked_of_a_loop_whose_turns_cannot_be_told(turns_of, text: str):
    assert turns_of(text, lambda _: "asked") is None


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("xs.append(x.item())", 1),
        ("total += x.item()\nprint(t, total, f'{x.item():.2f}')", 2),
        ("now = (x * 2).item()\nif now < -1: break\nlast = now", 3),
        ("if x.item() > 5 and t > 7:\n    print('far')\n    break", 1),
        ("xs.append(max(abs(x.item()), total))", 1),
        ("if t % 2 == 0: xs.append(x.item())", 1),
        ("xs.append(x)\nx = x * 2", 0),  # no plain value
        ("k = x.item()\nx = x * k", 0),  # what goes on reads it
        ("xs.append(x.item())\nif len(xs) > 400: x = box(1)", 0),
        ("x = x * 2\nprint(x)", 0),  # nor what goes on binds
        ("if n > 500 or x.item() > 5: break", 0),  # not always asked
        ("y = x.item() if n > 2 else 0", 0),
        ("k = 1", 0),
        ("xs.append(x.double())", 0),
    ],
)
def test_notes_are_told_from_what_goes_on(turns_of, body: str, count: int):
    assert turns_of(loop(body), lambda turns: len(turns.notes(turns.way(0)))) == count


def test_a_loop_with_a_print_of_its_own_has_no_notes(turns_of):
    text = f"def print(value): pass\n{loop('xs.append(x.item())')}"
    assert turns_of(text, lambda turns: turns.notes(turns.way(0))) == []


def test_a_note_is_made_of_what_is_given(turns_of):
    def look(turns):
        notes = turns.notes(turns.way(0))
        turns.variables["t"] = 7
        for number, note in enumerate(notes):
            turns.book.given.update(dict.fromkeys(note.sites, 0.5 + number))
            assert note.is_plain(turns.variables, turns.own)
            assert note.make(turns.variables)
        return turns.variables["xs"][:], turns.variables["total"]

    assert turns_of(loop("xs.append(x.item() * t)\ntotal += x.item()"), look) == ([3.5], 1.5)


def test_a_note_that_leaves_the_way_does_nothing(turns_of):
    def look(turns):
        (note,) = turns.notes(turns.way(0))
        (site,) = note.sites
        made = []
        for value in (0.0, 9.0):
            turns.book.given[site] = value
            made.append(note.make(turns.variables))
        return made, turns.variables["xs"][:]

    body = "if x.item() > 5:\n    xs.append(1)\n    break"
    assert turns_of(loop(body), look) == ([True, False], [])


def test_notes_that_were_made_are_left_out(turns_of):
    def look(turns):
        turns.book.left_out, turns.book.variables = 1, turns.variables
        turns.run(0)
        return turns.variables["xs"][:], turns.variables["total"], turns.book.left_out

    assert turns_of(loop("xs.append(x.item())\ntotal += x.item()"), look) == ([], 1, 0)


def test_notes_of_values_that_are_not_plain_are_none(turns_of):
    def look(turns):
        (note,) = turns.notes(turns.way(0))
        before = note.is_plain(turns.variables, turns.own)
        others = note.is_plain(turns.variables, set())  # somebody else might change the list
        turns.variables["xs"].append(turns.variables["x"])
        return before, others, note.is_plain(turns.variables, turns.own)

    assert turns_of(loop("xs.append(x.item())"), look) == (True, False, False)
