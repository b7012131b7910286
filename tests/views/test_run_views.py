"""Runs as text: sections, the table, the line in the end."""

from __future__ import annotations

import io
import json

from gradcli.diagnostics import Diagnostic, Source, Span
from gradcli.reports.runs import Batch, Outcome
from gradcli.views.console import Console
from gradcli.views.json import run_json
from gradcli.views.runs import run_table, section_text, summary_text

FAULT = Diagnostic("E541", "the value is 3, not 4", Span(Source("a.toml", "value = 4"), 8, 9))
FAILED = Outcome("a.toml", "one", "failed", 0.0012, "the value is 3, not 4", "so far\n", (FAULT,))


def table(batch: Batch, columns: int = 80, *, ascii_only: bool = False) -> str:
    stream = io.StringIO()
    run_table(batch, Console(stream, columns, colour=False), ascii_only=ascii_only)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def test_a_section_holds_the_name_the_output_and_the_message():
    assert section_text(FAILED) == (
        "--- a.toml: one: failed\nso far\nerror[E541]: the value is 3, not 4\n"
        "  ┌ a.toml:1:9\n1 │ value = 4\n  │         ^"
    )


def test_a_table_has_a_row_per_sample():
    batch = Batch((Outcome("b.py", "", "passed", 1.5), FAILED, Outcome("c.py", "", "skipped")), 1.6)
    assert [line.split() for line in table(batch).splitlines()[2:]] == [
        ["b.py", "passed", "1.50", "s"],
        ["a.toml:", "one", "failed", "1.2", "ms", "the", "value", "is", "3,", "not", "4"],
        ["c.py", "skipped", "-"],
    ]


def test_a_table_of_very_many_has_a_row_per_file_and_one_per_failure():
    many = [Outcome("a.toml", f"case {i}", "passed", 0.001) for i in range(1000)]
    many[500] = FAILED
    lines = table(Batch(tuple(many), 1)).splitlines()[2:]
    assert len(lines) == 2
    assert lines[0].split() == ["a.toml", "passed", "999.0", "ms", "999", "cases"]
    assert "a.toml: one" in lines[1]


def test_a_table_of_very_many_failures_has_an_end():
    lines = table(Batch((FAILED,) * 1000, 1)).splitlines()
    assert len(lines) < 80
    assert "and 940 more" in lines[-1]


def test_a_table_keeps_to_ascii_where_it_must():
    assert table(Batch((FAILED,), 1), ascii_only=True).isascii()


def test_a_narrow_table_loses_no_letter():
    text = table(Batch((FAILED,), 1), columns=40)
    assert max(map(len, text.splitlines())) <= 40
    assert "failed" in text


def test_the_last_line_counts():
    batch = Batch((FAILED, Outcome("b.py", "", "passed"), Outcome("c.py", "", "skipped")), 2.0, "interrupted")
    assert summary_text(batch) == "3 samples: 1 passed, 1 failed, 1 skipped in 2.00 s; interrupted"
    assert summary_text(Batch((FAILED,), 0.5)) == "1 sample: 1 failed in 500.0 ms"


def test_json_has_a_place_for_each_message():
    report = json.loads(run_json(Batch((FAILED,), 0.5)))
    assert report["samples"][0]["messages"] == [
        {"severity": "error", "code": "E541", "message": "the value is 3, not 4", "file": "a.toml", "line": 1,
         "column": 9, "notes": [], "help": ""}
    ]  # fmt: skip
