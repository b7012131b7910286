"""What the tests of `gradcli run` have in common."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

RIGHT = '[[case]]\nname = "a square"\nexpr = "sum(x**2)"\nvars.x = [1, 2]\nexpect.grad.x = "2*x"\n'
HELLO = 'import torch\nx = torch.ones(2, requires_grad=True)\nprint("hello", x.sum())\n'


@pytest.fixture
def gradcli() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `gradcli run` in a process of its own."""

    def gradcli(*args: str, given: str = "", folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gradcli", "run", *args],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env={**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(Path.cwd())},
        )

    return gradcli


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a script and a case that are right."""
    (tmp_path / "hello.py").write_text(HELLO)
    (tmp_path / "right.toml").write_text(RIGHT)
    return tmp_path
