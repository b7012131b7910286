"""What is wrong with a case file is said with its place: `rejected/NAME.toml` gives `rejected/NAME.txt`."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcli.diagnostics import InputFault, Source
from gradcli.explorer.running.casefile import load_cases
from gradcli.explorer.running.samples import Options
from gradcli.views.diagnostic import diagnostic_text

REJECTED = Path(__file__).parent / "rejected"
FILES = sorted(REJECTED.glob("*.toml"))
WHOLE = '[[case]]\nname = "a"\nexpr = "x"\nexpect.value = 1\n'


def said(text: str, name: str = "cases.toml") -> str:
    with pytest.raises(InputFault) as caught:
        load_cases(name, Source(name, text), Options())
    return diagnostic_text(caught.value.diagnostic)


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_mistake_gets_the_message_beside_it(file: Path):
    assert said(file.read_text(encoding="utf-8")) == file.with_suffix(".txt").read_text("utf-8").rstrip("\n")


def test_500_nested_levels_are_refused():
    assert "nested too deeply" in said(f"{WHOLE}vars.x = {'[' * 600}{']' * 600}\n")


def test_a_key_of_20000_parts_is_refused_before_it_takes_seconds():
    text = said(f"{'.'.join('a' * 20_000)} = 1\n")
    assert "a key has more than 32 parts" in text
    assert "cases.toml:1:1" in text


def test_a_header_of_20000_parts_is_refused_before_it_takes_seconds():
    assert "a key has more than 32 parts" in said(f"[{'.'.join('a' * 20_000)}]\n")


def test_dots_in_a_long_text_are_no_parts_of_a_key():
    text = WHOLE.replace('"x"', '"x' + ".abs()" * 100 + '"')
    assert len(load_cases("c.toml", Source("c.toml", text), Options())) == 1


def test_an_integer_of_5000_digits_is_refused_with_its_place():
    text = said(f"{WHOLE}passes = {'9' * 5000}\n")
    assert "an integer has too many digits" in text
    assert "cases.toml:5:10" in text


def test_a_hexadecimal_integer_beyond_64_bits_is_refused():
    assert "an integer has at most 64 bits" in said(f"{WHOLE}vars.x = 0x{'f' * 5000}\n")


def test_control_characters_of_a_key_are_shown_escaped():
    text = said(f'{WHOLE}"\\u001b[31m" = 1\n')
    assert "\x1b" not in text
    assert "\\x1b[31m" in text


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path):
    (tmp_path / "secret.csv").write_text("1,2\n")
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "data.csv").symlink_to(tmp_path / "secret.csv")
    text = WHOLE + 'vars.x = "@data.csv"\n'
    assert "a link leads out of the folder" in said(text, str(folder / "c.toml"))


def test_a_link_inside_the_folder_is_followed(tmp_path: Path):
    (tmp_path / "one.csv").write_text("1,2\n")
    (tmp_path / "two.csv").symlink_to(tmp_path / "one.csv")
    name = str(tmp_path / "c.toml")
    (case,) = load_cases(name, Source(name, WHOLE + 'vars.x = "@two.csv"\n'), Options())
    assert case.request.variables == (f"x=@{tmp_path}/two.csv",)
    assert case.reads_files
