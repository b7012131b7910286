"""Runs scripts: what they print, how they fail, what they are warned of."""

from __future__ import annotations

import pytest

from gradcli.diagnostics import GradcliError, Source
from gradcli.explorer.scripts.run import run_script


@pytest.fixture
def printed():
    """Returns what a script prints."""

    def run(text: str, **options) -> str:
        parts: list[str] = []
        run_script(Source("<test>", text), parts.append, **options)
        return "".join(parts)

    return run


@pytest.fixture
def refused():
    """Returns the error that a script ends with."""

    def run(text: str, **options) -> GradcliError:
        with pytest.raises(GradcliError) as caught:
            run_script(Source("<test>", text), lambda _: None, **options)
        return caught.value

    return run
