"""`gradcli completion`: what shells are told."""

from __future__ import annotations

import pytest

from gradcli.cli.app import COMMANDS, run
from gradcli.cli.completing import completions, words_of


def test_every_command_is_offered():
    assert list(completions([""])) == [*COMMANDS, "--help", "--version"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["gr"], ["graph"]),
        (["graph", "--form"], ["--format"]),
        (["graph", "x", "--format", "s"], ["svg"]),
        (["explain", "--lang", ""], ["en", "zh"]),
        (["explain", "--lang=z"], ["--lang=zh"]),
        (["ops", "relu"], ["relu", "relu6"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["eval", "F.cross"], ["F.cross_entropy"]),
        (["eval", "x.softm"], ["x.softmax"]),
        (["eval", "x.T.softm"], ["x.T.softmax"]),
        (["eval", "-v", "alpha=2", "3*alpha"], ["3*alpha", "3*alpha_dropout"]),
        (["eval", "-v", '"alpha_2=[2]"', "alpha_2"], ["alpha_2"]),
        (["run", "samples"], []),
        (["eval", "@no_such_fi"], []),
        (["check", "--witness", "f"], ["fd", "forward"]),
        (["check", "--witness", "fd,c"], ["fd,complex"]),
        (["check", "-v", "abc=1", "--wrt", "a"], ["abc"]),
        (["check", "-v", "abc=1", "--against", "a"], ["abc="]),
        (["check", "--junit-xml", "mo"], []),
        (["check", "--max-time", "mo"], []),
        (["eval", ""], []),
        (["nothing", "x"], []),
    ],
)
def test_a_word_becomes_what_may_stand_there(words, expected):
    assert list(completions(words)) == expected


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "completion"])
def test_every_option_of_a_command_is_offered(capsys, command):
    assert run([command, "--help"]) == 0
    shown = capsys.readouterr().out
    found = list(completions([command, "--"]))
    assert "--help" in found
    assert all(option in shown for option in found)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_asks_for_words(capsys, shell):
    assert run(["completion", shell]) == 0
    assert "gradcli completion --for " in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["powershell"], ["bash", "zsh"]])
def test_another_shell_is_bad_input(capsys, arguments):
    assert run(["completion", *arguments]) == 2
    assert "name a shell: bash, zsh, fish" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("gradcli eval ", (["gradcli", "eval", ""], "")),
        ("gradcli eval x=to", (["gradcli", "eval", "x=to"], "")),
        ('gradcli eval "a b', (["gradcli", "eval", "a b"], '"')),
        ("gradcli eval 'a \"b", (["gradcli", "eval", 'a "b'], "'")),
    ],
)
def test_a_line_is_taken_apart_up_to_the_cursor(line, expected):
    assert words_of(line) == expected


def test_files_and_their_functions_are_offered_where_they_may_stand(tmp_path, monkeypatch):
    (tmp_path / "model.py").write_text("def loss(w):\n    return w\n\n\ndef other(w):\n    return 1\n")
    (tmp_path / "broken.py").write_text("def")
    (tmp_path / "data.npy").touch()
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    assert list(completions(["check", "model"])) == ["model.py"]
    assert list(completions(["check", "model.py:lo"])) == ["model.py:loss"]
    assert list(completions(["check", "--grad", "model.py:"])) == ["model.py:loss", "model.py:other"]
    assert list(completions(["check", "x", "--against", "x=model.py:lo"])) == ["x=model.py:loss"]
    assert list(completions(["check", "broken.py:lo"])) == []
    assert list(completions(["eval", "-v", "x=@da"])) == ["x=@data.npy"]
    assert list(completions(["eval", "@fo"])) == ["@folder/"]
    assert list(completions(["eval", f"@{tmp_path}/da"])) == [f"@{tmp_path}/data.npy"]
    assert list(completions(["check", "--junit-xml=da"])) == ["--junit-xml=data.npy"]
