"""What is drawn without rich looks as rich would draw it."""

from __future__ import annotations

import io

import rich.console
from hypothesis import given
from hypothesis import strategies as st

from gradcli.views.console import Console
from gradcli.views.grid import Grid

TEXTS = st.text("ab[]=:1 ", max_size=12) | st.text("aé界\u0301\t\x07 ", max_size=6)
CELLS = st.lists(TEXTS, min_size=1, max_size=3).map("\n".join)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    headed = draw(st.booleans())
    count = draw(st.integers(1, 4)) if headed else 2
    row = st.lists(CELLS, min_size=count, max_size=count)
    heads = draw(st.lists(st.text("abc d", min_size=1, max_size=8), min_size=count, max_size=count))
    groups = draw(st.lists(st.lists(row, min_size=1, max_size=3), min_size=1, max_size=3))
    title = draw(st.text("abc d[/]é", min_size=1, max_size=20))
    return Grid(title, heads if headed else (), groups, ascii_only=draw(st.booleans()))


def drawn(what: str | Grid, columns: int, *, colour: bool, soft_wrap: bool = False) -> str:
    stream = io.StringIO()
    Console(stream, columns, colour=colour).print(what, soft_wrap=soft_wrap)
    return seen(stream)


def drawn_by_rich(what: str | Grid, columns: int, *, colour: bool, soft_wrap: bool = False) -> str:
    stream = io.StringIO()
    console = rich.console.Console(
        file=stream, width=columns, force_terminal=colour, no_color=not colour,
        markup=False, highlight=False, emoji=False,
    )  # fmt: skip
    console.print(what, soft_wrap=soft_wrap)
    return seen(stream)


def seen(stream: io.StringIO) -> str:
    """What is seen of it: spaces at the ends of lines are not, nor that bold stops and goes on at once."""
    text = stream.getvalue().replace("\x1b[0m\x1b[1m", "")
    return "\n".join(line.rstrip() for line in text.split("\n"))


@given(grids(), st.integers(10, 60), st.booleans())
def test_tables_look_as_rich_lays_them_out(grid: Grid, columns: int, colour: bool):
    assert drawn(grid, columns, colour=colour) == drawn_by_rich(grid, columns, colour=colour)


@given(CELLS, st.integers(3, 40), st.booleans(), st.booleans())
def test_texts_look_as_rich_lays_them_out(text: str, columns: int, colour: bool, soft_wrap: bool):
    ours = drawn(text, columns, colour=colour, soft_wrap=soft_wrap)
    assert ours == drawn_by_rich(text, columns, colour=colour, soft_wrap=soft_wrap)


def test_what_fits_is_drawn_here_and_what_does_not_by_rich():
    grid = Grid("title", ("name", "value"), [[["x", "[[1, 2],\n [3, 4]]"]], [["y", ""]]])
    assert grid.lines(19, bold=True) == [
        "\x1b[1mtitle              \x1b[0m",
        "╭──────┬──────────╮",
        "│\x1b[1m name \x1b[0m│\x1b[1m value    \x1b[0m│",
        "├──────┼──────────┤",
        "│ x    │ [[1, 2], │",
        "│      │  [3, 4]] │",
        "├──────┼──────────┤",
        "│ y    │          │",
        "╰──────┴──────────╯",
    ]
    assert grid.lines(18, bold=True) is None


def test_texts_and_tables_stand_in_the_order_in_which_they_are_printed():
    stream = io.StringIO()
    console = Console(stream, 20, colour=False)
    console.print("first")
    console.print("second, and too long for a line")
    console.print("third")
    assert stream.getvalue() == "first\nsecond, and too long\nfor a line\nthird\n"
