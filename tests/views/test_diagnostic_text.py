from __future__ import annotations

import pytest

from gradcli.diagnostics import Diagnostic, Label, Source, Span
from gradcli.views.diagnostic import diagnostic_text, plain_style, terminal_style
from gradcli.views.excerpt import width


def text_of(source: str, start: int, end: int, columns: int = 100, **facts) -> list[str]:
    diagnostic = Diagnostic("E201", "no", Span(Source("wave.py", source), start, end), **facts)
    return diagnostic_text(diagnostic, columns=columns).split("\n")


def test_a_diagnostic_shows_message_place_line_carets_notes_and_help():
    source = Source("wave.py", "import torch\nx = 1\ny = a * sine(x)\n")
    diagnostic = Diagnostic(
        "E201",
        "no function is called `sine`",
        Span(source, 27, 31),
        "did you mean `sin`?",
        ("a note",),
        "a way out",
    )
    assert diagnostic_text(diagnostic).split("\n") == [
        "error[E201]: no function is called `sine`",
        "  ┌ wave.py:3:9",
        "3 │ y = a * sine(x)",
        "  │         ^^^^ did you mean `sin`?",
        "  = note: a note",
        "  = help: a way out",
    ]


def test_a_diagnostic_without_a_place_is_its_message_with_notes():
    assert diagnostic_text(Diagnostic("E500", "no", label="did you mean `x`?", help="do it")) == (
        "error[E500]: no\n  = note: did you mean `x`?\n  = help: do it"
    )


def test_a_warning_says_that_it_is_one():
    assert diagnostic_text(Diagnostic("W501", "odd", severity="warning")) == "warning[W501]: odd"


def test_carets_stand_below_wide_letters_and_combining_marks():
    line = "日本 = e\u0301 + sine(x)"
    start = line.index("sine")
    shown = text_of(line, start, start + 4)
    before = shown[3].split("│ ")[1].split("^")[0]
    assert width(before) == width(line[:start]) == 11


def test_control_and_bidi_characters_are_shown_escaped_and_carets_still_fit():
    line = "a\x1b[31m\u202e + sine"
    start = line.index("sine")
    shown = text_of(line, start, start + 4)
    assert "\x1b" not in "".join(shown)
    assert "\u202e" not in "".join(shown)
    assert "\\x1b[31m\\u202e + sine" in shown[2]
    assert shown[2].index("sine") == shown[3].index("^^^^")


def test_control_characters_in_messages_and_names_are_escaped_too():
    source = Source("a\x1bb", "x")
    text = diagnostic_text(Diagnostic("E201", "no \x07", Span(source, 0, 1), "l\x07", ("n\x07",), "h\x07"))
    assert not any(ord(character) < 32 and character != "\n" for character in text)


@pytest.mark.parametrize("start", [0, 150, 395])
def test_a_long_line_is_cut_around_the_place(start: int):
    shown = text_of("x" * start + "sine" + "y" * (400 - start), start, start + 4, columns=60)
    assert all(width(line) <= 60 for line in shown)
    column = shown[3].index("^^^^")
    assert shown[2][column : column + 4] == "sine"


def test_a_place_wider_than_the_terminal_is_cut():
    shown = text_of("x" * 500, 10, 490, columns=40)
    assert all(width(line) <= 40 for line in shown)
    assert "^" in shown[3]


def test_a_place_over_several_lines_is_marked_on_the_first():
    shown = text_of("f(a,\n  b)", 0, 9)
    assert shown[2:] == ["1 │ f(a,", "  │ ^^^^"]


def test_a_place_at_the_end_of_a_line_gets_one_caret_behind_it():
    assert text_of("sum(", 4, 4)[3] == "  │     ^"


def test_a_second_place_in_the_same_line_has_its_own_marks():
    source = Source("a.py", "x = 1; x.sum()")
    related = (Label(Span(source, 0, 1), "made here"),)
    diagnostic = Diagnostic("E402", "no", Span(source, 7, 14), "fails here", related=related)
    assert diagnostic_text(diagnostic).split("\n")[2:] == [
        "1 │ x = 1; x.sum()",
        "  │ - made here",
        "  │        ^^^^^^^ fails here",
    ]


def test_a_second_place_in_another_text_is_shown_under_its_own_name():
    other = Label(Span(Source("-v x", "[1,2]"), 0, 5), "bound here")
    diagnostic = Diagnostic("E301", "no", Span(Source("<expr>", "x+y"), 0, 3), related=(other,))
    assert diagnostic_text(diagnostic).split("\n")[4:] == [
        "  ┌ -v x:1:1",
        "1 │ [1,2]",
        "  │ ----- bound here",
    ]


def test_line_numbers_of_several_digits_widen_the_gutter():
    source = Source("a.py", "x\n" * 99 + "sine")
    shown = diagnostic_text(Diagnostic("E201", "no", Span(source, 198, 202))).split("\n")
    assert shown[1:] == ["    ┌ a.py:100:1", "100 │ sine", "    │ ^^^^"]


def test_ascii_terminals_get_ascii_and_only_colour_styles_use_escapes():
    diagnostic = Diagnostic("E201", "no", Span(Source("a.py", "x"), 0, 1))
    assert diagnostic_text(diagnostic, style=plain_style(ascii_only=True)).isascii()
    assert "\x1b[" not in diagnostic_text(diagnostic, style=plain_style(ascii_only=False))
    assert "\x1b[" in diagnostic_text(diagnostic, style=terminal_style(ascii_only=False))
