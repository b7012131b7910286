"""Every sample gives what it must: each case what it expects, each script the output beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcli.explorer.running.discovery import find_files, load
from gradcli.explorer.running.outcome import run_sample
from gradcli.explorer.running.samples import Case, Options, Sample, Script, title
from gradcli.views.runs import section_text

ROOT = Path(__file__).parent.parent.parent
SAMPLES = load(find_files([str(ROOT / "samples")]), Options())


@pytest.mark.parametrize(
    "sample", [pytest.param(one, id=title(one).removeprefix(f"{ROOT}/")) for one in SAMPLES]
)
def test_a_sample_gives_what_it_must(sample: Sample):
    outcome = run_sample(sample, Options())
    assert outcome.status == "passed", section_text(outcome)


def test_there_are_cases_and_scripts_and_every_script_has_its_output_beside_it():
    assert sum(isinstance(sample, Case) for sample in SAMPLES) > 10
    scripts = [sample for sample in SAMPLES if isinstance(sample, Script)]
    assert scripts
    assert [script.path for script in scripts if script.expected is None] == []
