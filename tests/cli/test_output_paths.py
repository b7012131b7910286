from __future__ import annotations

from pathlib import Path

import pytest

from gradcli.cli.app import run

BROKEN = "1 +"  # an expression that would be refused as soon as anybody reads it
WRITING = {
    "eval --save": (["eval", BROKEN], "--save", ".npz"),
    "graph --output": (["graph", BROKEN], "--output", ".svg"),
    "check --junit-xml": (["check", BROKEN], "--junit-xml", ".xml"),
    "check --sarif": (["check", BROKEN], "--sarif", ".sarif"),
    "jacobian --save": (["jacobian", BROKEN], "--save", ".npz"),
    "hessian --save": (["hessian", BROKEN], "--save", ".npz"),
    "jvp --save": (["jvp", BROKEN, "--tangent", "x=1"], "--save", ".npz"),
    "hvp --save": (["hvp", BROKEN, "--vector", "x=1"], "--save", ".npz"),
    "minimize --history": (["minimize", BROKEN], "--history", ".csv"),
    "run --junit-xml": (["run", "no_such_folder"], "--junit-xml", ".xml"),
}


@pytest.fixture(params=WRITING)
def writing(request):
    return WRITING[request.param]


def refused(capsys, writing, folder):
    args, option, suffix = writing
    assert run([*args, option, f"{folder}/file{suffix}"]) == 2
    error = capsys.readouterr().err
    assert "E520" in error
    assert error.count("error[") == 1
    return error


def test_a_missing_folder_is_found_before_the_work(capsys, writing, tmp_path):
    assert "does not exist" in refused(capsys, writing, tmp_path / "none")


def test_a_folder_that_takes_no_files_is_found_before_the_work(capsys, writing):
    """To the superuser /proc is writable, as far as permissions say."""
    if not Path("/proc").is_dir():
        pytest.skip("there is no /proc")
    assert "cannot be written" in refused(capsys, writing, "/proc")


def test_a_folder_in_place_of_the_file_is_found_before_the_work(capsys, writing, tmp_path):
    (tmp_path / f"file{writing[2]}").mkdir()
    assert "it is a folder" in refused(capsys, writing, tmp_path)


def test_a_path_that_can_be_written_leads_to_the_work(capsys, writing, tmp_path):
    args, option, suffix = writing
    assert run([*args, option, str(tmp_path / f"file{suffix}")]) == 2
    assert "E520" not in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
