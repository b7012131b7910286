"""Two tutorial programs, whole: sin as a cubic by autograd (2000 steps), and a line (100 steps).

The samples themselves run: by `gradcli run`, by Python with PyTorch, and as the same loops under HIPS
autograd. First as processes from start to end, then warm, in a process that has everything loaded.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import in_turns, process

from gradcli.diagnostics import Source
from gradcli.explorer.scripts.run import run_script

SAMPLES = Path(__file__).parents[2] / "samples"
PROGRAMS = {"sine": SAMPLES / "sine" / "with_autograd.py", "line": SAMPLES / "tutorials" / "line_fit.py"}
HIPS = Path(__file__).with_name("hips_programs.py")


def run() -> list[dict[str, Any]]:
    """Whole-process and warm times of both programs."""
    rows = []
    for name, path in PROGRAMS.items():
        expected = path.with_suffix(".out").read_text(encoding="utf-8")
        contestants = _contestants(name, path)
        for who, call in contestants.items():
            text = call()
            assert who == "HIPS autograd" or text.splitlines()[-1] == expected.splitlines()[-1], who
        commands = {"gradcli": [sys.executable, "-m", "gradcli", "run", str(path)]}
        if "PyTorch" in contestants:
            commands["PyTorch"] = [sys.executable, str(path)]
        if "HIPS autograd" in contestants:
            commands["HIPS autograd"] = [sys.executable, str(HIPS), name]
        rows += [
            {"what": f"{name}, process: {row['what']}", "ms": row["median ms"], "MiB": row["MiB"]}
            for row in process(commands, rounds=7)
        ]
        rows += [
            {"what": f"{name}, warm: {row['what']}", "ms": round(row["median µs"] / 1e3, 1)}
            for row in in_turns(contestants, rounds=7, number=1)
        ]
    return rows


def _contestants(name: str, path: Path) -> dict[str, Callable[[], str]]:
    text = path.read_text(encoding="utf-8")
    found: dict[str, Callable[[], str]] = {"gradcli": lambda: _by_gradcli(path.name, text)}
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)
        found["PyTorch"] = lambda: _by_python(path)
    if importlib.util.find_spec("autograd"):
        from hips_programs import FITS

        found["HIPS autograd"] = lambda: _silently(FITS[name])
    return found


def _by_gradcli(name: str, text: str) -> str:
    out = io.StringIO()
    run_script(Source(name, text), out.write)
    return out.getvalue()


def _by_python(path: Path) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        runpy.run_path(str(path))
    return out.getvalue()


def _silently(fit: Callable[[], str]) -> str:
    with contextlib.redirect_stdout(io.StringIO()):
        return fit()
