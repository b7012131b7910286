"""A run as JUnit XML: any text that a sample may hold gives a document that any reader takes."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from gradcli.diagnostics import Diagnostic
from gradcli.reports.runs import Batch, Outcome
from gradcli.views.junit import junit_text

# What the schema that build servers share (junit-10.xsd) allows, element by element.
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "skipped"},
    "testcase": {"name", "classname", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
    "system-out": set(),
    "system-err": set(),
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "error", "skipped", "system-out", "system-err"},
}
STATUSES = ("passed", "failed", "error", "inconclusive", "skipped")
texts = st.text(max_size=30)
outcomes = st.builds(
    Outcome,
    st.sampled_from(["a.toml", "b.py", "ü & <b>.toml"]) | texts,
    texts,
    st.sampled_from(STATUSES),
    st.floats(0, 1e6),
    texts,
    texts,
    st.lists(st.builds(Diagnostic, st.just("E1"), texts), max_size=2).map(tuple),
)


@given(st.lists(outcomes, min_size=1, max_size=8))
def test_any_run_is_a_valid_document_with_true_counts(found: list[Outcome]):
    root = ET.fromstring(junit_text(Batch(tuple(found), 1.5)).encode())  # noqa: S314 - it was made just now
    for element in root.iter():
        assert set(element.keys()) == ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
    assert len(root.findall("./testsuite/testcase")) == len(found) == int(root.get("tests", ""))
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests", "")) == len(cases)
        for kind, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.get(count, "")) == len(suite.findall(f"./testcase/{kind}"))
    assert int(root.get("failures", "")) == sum(one.status == "failed" for one in found)


def test_an_inconclusive_sample_is_no_pass():
    text = junit_text(Batch((Outcome("a.toml", "one", "inconclusive", reason="nobody could tell"),), 0.1))
    assert '<error message="nobody could tell" type="inconclusive">' in text


def test_texts_come_back_as_they_were_but_for_what_xml_cannot_hold():
    output = 'a < b & "c"\n\tü ∑ 𝛁\x1b[31m\ud800\n'
    root = ET.fromstring(junit_text(Batch((Outcome("a.py", "", "passed", output=output),), 0)).encode())  # noqa: S314 - as above
    assert root.findtext(".//system-out") == 'a < b & "c"\n\tü ∑ 𝛁\\x1b[31m\\xd800\n'


def test_a_name_of_several_lines_comes_back_from_its_attribute():
    root = ET.fromstring(junit_text(Batch((Outcome("a.py", "one\n\ttwo", "passed"),), 0)).encode())  # noqa: S314 - as above
    case = root.find(".//testcase")
    assert case is not None
    assert case.get("name") == "one\n\ttwo"
