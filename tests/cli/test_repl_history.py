"""Where the lines of a session are kept."""

from __future__ import annotations

import stat

from gradcli.cli.repl_lines import _history_file


def test_lines_are_kept_for_their_owner_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = _history_file()
    assert path == tmp_path / "state" / "gradcli" / "history"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_kept_stays(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = _history_file()
    path.write_text("+1 + 1\n")
    assert _history_file().read_text() == "+1 + 1\n"


def test_where_nothing_can_be_kept_nothing_is(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert _history_file() is None
