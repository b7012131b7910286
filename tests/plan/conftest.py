"""What the tests of plans share with the laws over records: `record` as a parameter, and `laws`, its samples.

See tests/ops/conftest.py, which is for its own folder alone unless it is asked for by its path.
"""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

_SPEC = spec_from_file_location("laws_of_records", Path(__file__).parents[1] / "ops" / "conftest.py")
_LAWS: Any = module_from_spec(_SPEC)  # type: ignore[arg-type] # the file is there
_SPEC.loader.exec_module(_LAWS)  # type: ignore[union-attr] # as above

pytest_generate_tests = _LAWS.pytest_generate_tests
laws = _LAWS.laws
