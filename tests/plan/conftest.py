"""What the tests of plans share: `record` and `laws` with the laws over records, and sessions of float64."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradcli.autograd import session

if TYPE_CHECKING:
    from collections.abc import Iterator

# The conftest of another folder is had by its path alone; there it says what `record` and `laws` are.
_SPEC = spec_from_file_location("laws_of_records", Path(__file__).parents[1] / "ops" / "conftest.py")
_LAWS: Any = module_from_spec(_SPEC)  # type: ignore[arg-type] # the file is there
_SPEC.loader.exec_module(_LAWS)  # type: ignore[union-attr] # as above

pytest_generate_tests = _LAWS.pytest_generate_tests
laws = _LAWS.laws


@pytest.fixture
def doubles() -> Iterator[None]:
    """Python numbers and new tensors are float64."""
    with session(default_dtype=np.dtype(np.float64)):
        yield
