"""Where the keys of a TOML text stand."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gradcli.explorer.running.places import longest_key, places

EVERY_KIND = '''
a = {b = "x # no comment", "c d".e = [1, {f = """q"x\\"""" }]} # a comment
"e\\u0066" = \'\'\'
[no header]
\'\'\'
date = 1979-05-27 07:32:00
[table.below]
k = [ # a comment
  1,
  "]",
]
[[case]]
x.y = 1
[case.expect]
value = "3"
[[case]]
x.z = 'single'
'''


def test_every_kind_of_key_has_its_value_for_a_place():
    found = {path: EVERY_KIND[slice(*place.value)] for path, place in places(EVERY_KIND).items()}
    assert found["a", "b"] == '"x # no comment"'
    assert found["a", "c d", "e", 1, "f"] == '"""q"x\\""""'
    assert found["ef",] == "'''\n[no header]\n'''"
    assert found["date",] == "1979-05-27 07:32:00"
    assert found["table", "below", "k", 1] == '"]"'
    assert found["case", 0, "x", "y"] == "1"
    assert found["case", 0, "expect", "value"] == '"3"'
    assert found["case", 1, "x", "z"] == "'single'"


def leaves(value: Any, path: tuple = ()) -> set[tuple]:
    if isinstance(value, dict):
        return set().union(*(leaves(part, (*path, key)) for key, part in value.items()))
    if isinstance(value, list):
        return set().union(*(leaves(part, (*path, number)) for number, part in enumerate(value)))
    return {path}


def test_every_leaf_that_tomllib_reads_has_a_place():
    assert leaves(tomllib.loads(EVERY_KIND)) <= set(places(EVERY_KIND))


@given(st.text(alphabet="ab.=[]{}\"'#\n\\, 1", max_size=60))
def test_any_text_is_scanned_to_an_end_and_what_is_toml_has_places(text: str):
    found = places(text)
    try:
        document = tomllib.loads(text)
    except ValueError:
        return
    assert leaves(document) <= set(found)


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=20), max_size=5))
def test_quoted_keys_are_found_under_what_they_spell(table: dict[str, str]):
    def quoted(text: str) -> str:
        return '"' + "".join(f"\\U{ord(sign):08x}" for sign in text) + '"'

    text = "".join(f"{quoted(key)} = {quoted(value)}\n" for key, value in table.items())
    assert set(places(text)) == {(key,) for key in table}


def test_hopeless_texts_are_given_up_without_fuss():
    for text in ("a=" + "[" * 100_000, '"' * 100_001, 'a="""' + "\\" * 100_001, "a." * 50_000, "[" * 50_000):
        places(text)


def test_a_key_of_many_parts_is_told_from_a_text_with_many_dots():
    assert longest_key(f'a = "{"." * 1000}"') is None
    assert longest_key(f"{'.'.join('a' * 33)} = 1") == (0, 64)
