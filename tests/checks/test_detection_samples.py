"""The measurements of the check in small: wrong rules are caught and blamed, right ones are not accused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1] / "benchmarks" / "detection"


@pytest.fixture(scope="module")
def measurements():
    """The modules of the benchmark, which is a folder of scripts and no package."""
    names = ("counted", "expressions", "false_alarms", "misses", "mutations", "programs")
    sys.path.insert(0, str(HERE))
    try:
        import false_alarms
        import misses

        yield misses, false_alarms
    finally:
        sys.path.remove(str(HERE))
        for name in names:
            sys.modules.pop(name, None)


RECORDS = ("mul", "relu", "tanh", "amax", "cumsum", "where", "matmul_batched", "index", "clamp_tensor")


@pytest.mark.parametrize("name", RECORDS)
def test_every_wrong_rule_is_caught_and_blamed_on_its_operation(measurements, name):
    misses, _ = measurements
    found = misses.run((name,))
    states = {one.state for one in found["outcomes"]}
    assert found["alarms"] == []
    assert sum(one.state == "caught" for one in found["outcomes"]) >= 5
    assert states <= {"caught", "equivalent", "refused"}, misses.summary(found)


def test_every_wrong_forward_rule_is_said_and_blamed_on_its_operation(measurements):
    misses, _ = measurements
    found = misses.run(("cumprod",))
    forward = [one for one in found["outcomes"] if one.forward]
    assert sum(one.state == "caught" for one in forward) >= 5
    assert {one.state for one in forward} <= {"caught", "equivalent", "refused"}, misses.summary(found)


def test_right_gradients_of_random_expressions_are_not_called_wrong(measurements):
    _, false_alarms = measurements
    found = false_alarms.run(30, start=7)
    assert not false_alarms.failed(found), false_alarms.summary(found)
    assert found["count"] == 30


def test_a_stop_by_hand_gives_the_figures_so_far(measurements, monkeypatch, tmp_path):
    _, false_alarms = measurements
    verdicts = iter(["agrees", "inconclusive", "crashed: TypeError: of a test"])

    def verdict(_traced):
        try:
            return next(verdicts)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(false_alarms, "_verdict", verdict)
    log = tmp_path / "log"
    found = false_alarms.run(30, start=7, log=str(log))
    assert found["verdicts"] == {"agrees": 1, "inconclusive": 1, "crashed": 1}
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["verdict"], line["why"]) for line in lines] == [
        ("inconclusive", ""), ("crashed", "TypeError: of a test"),
    ]  # fmt: skip
    assert false_alarms.summary(found)[0].startswith("3 random expressions")
    assert false_alarms.failed(found)
