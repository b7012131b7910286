from __future__ import annotations

import io
import re

import numpy as np
from rich.console import Console

from gradcli.views.matrix import print_matrix


def drawn(matrix, **options):
    console = Console(file=io.StringIO(), width=60, **options)
    print_matrix("m", matrix, ([], []), console)
    return console.file.getvalue()


MATRIX = np.zeros((40, 40))
MATRIX[0, 0], MATRIX[0, 39], MATRIX[39, 0] = 8.0, -8.0, np.nan


def test_colours_fill_cells_and_their_meaning_is_said():
    text = drawn(MATRIX, color_system="256", force_terminal=True, no_color=False)
    assert re.search(r"\x1b\[38;5;231;48;5;160m  \x1b\[0m", text)  # red
    assert re.search(r"\x1b\[38;5;231;48;5;27m  \x1b\[0m", text)  # blue
    assert re.search(r"\x1b\[38;5;231;48;5;130m!!\x1b\[0m", text)
    assert "red is positive and blue negative, up to 8 in magnitude" in re.sub(r"\x1b\[[\d;]*m|\n", "", text)


def test_without_colours_shades_tell():
    text = drawn(MATRIX, no_color=True)
    assert "\x1b" not in text
    lines = [line for line in text.splitlines() if line.startswith("│")]
    assert lines[0].startswith("│██")
    assert lines[0].endswith("██│")
    assert "█ is 8 in magnitude" in text
