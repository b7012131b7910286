"""From paths to samples: files, folders, globs, in one order."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from gradcli.diagnostics import InputFault
from gradcli.explorer.running.discovery import find_files, load, select
from gradcli.explorer.running.samples import Case, Options, Script, Unreadable, title

CASE = '[[case]]\nname = "{}"\nexpr = "x"\nvars.x = 1\nexpect.value = 1\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.py", "a.py", "a.out", "notes.md", "below/c.toml", "below/a.py", ".hidden/d.py", ".e.py"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(CASE.format("one") if name.endswith(".toml") else "print(1)\n")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "f.py").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_a_folder_gives_its_scripts_and_case_files_sorted_and_nothing_else():
    assert find_files(["."]) == ["./a.py", "./b.py", "./below/a.py", "./below/c.toml"]


def test_paths_keep_the_order_of_the_command_line_and_each_file_comes_once(folder: Path):
    assert find_files(["b.py", "below", "./b.py", str(folder / "a.py")]) == [
        "b.py", "below/a.py", "below/c.toml", str(folder / "a.py"),
    ]  # fmt: skip


@pytest.mark.usefixtures("folder")
def test_a_glob_that_the_shell_left_alone_is_expanded():
    assert find_files(["*.py"]) == ["a.py", "b.py"]
    assert find_files(["**/a.*"]) == ["a.py", "below/a.py"]
    assert find_files(["bel*"]) == ["below/a.py", "below/c.toml"]


def test_a_file_with_signs_of_a_glob_in_its_name_is_itself(folder: Path):
    (folder / "x[1].py").write_text("")
    assert find_files(["x[1].py"]) == ["x[1].py"]


@pytest.mark.parametrize(
    ("path", "code", "text"),
    [
        ("c.py", "E530", "there is no `c.py`"),
        ("*.sh", "E530", "nothing matches `*.sh`"),
        ("notes.md", "E531", "`notes.md` is neither a script nor a case file"),
        (".hidden/none", "E530", "there is no `.hidden/none`"),
        ("a\0b", "E530", "is impossible"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_path_to_nothing_is_refused(path: str, code: str, text: str):
    with pytest.raises(InputFault) as caught:
        find_files([path])
    assert caught.value.diagnostic.code == code
    assert text in str(caught.value)


@pytest.mark.usefixtures("folder")
def test_a_slip_in_a_name_is_seen():
    with pytest.raises(InputFault) as caught:
        find_files(["below/c.tml"])
    assert caught.value.diagnostic.help == "did you mean `below/c.toml`?"


def test_an_empty_folder_holds_nothing_to_run(tmp_path: Path):
    with pytest.raises(InputFault, match="nothing to run in"):
        find_files([str(tmp_path)])


def test_a_link_in_a_folder_to_a_folder_above_is_not_followed_round(folder: Path):
    (folder / "below" / "up").symlink_to(folder)
    assert len(find_files(["."])) == 4


@pytest.mark.usefixtures("folder")
def test_files_become_scripts_with_their_sidecars_and_cases():
    script, other, below, case = load(find_files(["."]), Options())
    assert isinstance(script, Script)
    assert script.expected is not None
    assert script.expected.name == "./a.out"
    assert isinstance(other, Script)
    assert other.expected is None
    assert isinstance(case, Case)
    assert [title(sample) for sample in (below, case)] == ["./below/a.py", "./below/c.toml: one"]


def test_a_file_that_cannot_be_read_does_not_stop_the_others(folder: Path):
    (folder / "below" / "c.toml").write_text("[[case]\n")
    (folder / "b.py").write_bytes(b"\xff\xfe")
    kinds = [type(sample) for sample in load(find_files(["."]), Options())]
    assert kinds == [Script, Unreadable, Script, Unreadable]


@pytest.mark.usefixtures("folder")
def test_a_pipe_under_a_path_is_a_script():
    reading, writing = os.pipe()
    os.write(writing, b"print(2)\n")
    os.close(writing)
    try:
        (script,) = load(find_files([f"/dev/fd/{reading}"]), Options())
    finally:
        os.close(reading)
    assert isinstance(script, Script)
    assert script.source.text == "print(2)\n"


def test_a_dash_is_a_script_on_standard_input(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"print(3)\n")))
    (script,) = load(find_files(["-"]), Options())
    assert isinstance(script, Script)
    assert (script.source.name, script.source.text, script.sidecar) == ("<stdin>", "print(3)\n", "")


@pytest.mark.usefixtures("folder")
def test_names_select_samples():
    samples = load(find_files(["."]), Options())
    assert [title(sample) for sample in select(samples, lambda name: "one" in name)] == [
        "./below/c.toml: one"
    ]
    assert select(samples, None) == samples
