from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from gradcli.explorer.graph import record_graph
from gradcli.explorer.request import EvalRequest
from gradcli.views.glance import glance
from gradcli.views.graph_dot import graph_dot, graph_mermaid
from gradcli.views.graph_html import graph_html
from gradcli.views.graph_json import graph_json
from gradcli.views.graph_layout import lay_out
from gradcli.views.graph_svg import graph_svg
from gradcli.views.graph_tree import graph_tree

HOSTILE = 'where(x < 1, x*len("</script><b>\\"&#;|]--%%"), x > 0)'
SVG = "{http://www.w3.org/2000/svg}"


def report(*expressions, **options):
    return record_graph(EvalRequest(expressions, **options), lambda _: None)


@pytest.fixture(scope="module")
def shared():
    return report("u = sin(x); u*u + exp(u)", variables=("x=1",))


@pytest.fixture(scope="module")
def hostile():
    return report(HOSTILE)


def test_the_tree_shows_each_node_once_and_refers_to_it_after():
    text = graph_tree(report("mean(3*(x+2)**2)"), 100)
    assert text == (
        "node                             from              shape   value        gradient  saves\n"
        "#1 MeanBackward0                 mean(3*(x+2)**2)  []      L = 27       1\n"
        "└─ #2 MulBackward0               3*(x+2)**2        [2, 2]  v3 = all 27  all 0.25  3\n"
        "   └─ #3 PowBackward0            (x+2)**2          [2, 2]  v2 = all 9   all 0.75  v1\n"
        "      └─ #4 AddBackward0         x+2               [2, 2]  v1 = all 3   all 4.5\n"
        "         └─ #5 AccumulateGrad x                    [2, 2]  x = all 1    all 4.5\n"
        "x is not bound: ones(2, 2) by default; -v x=... binds it"
    )


def test_shared_nodes_are_drawn_once(shared):
    lines = graph_tree(shared, 100).splitlines()
    assert sum("SinBackward0" in line and "(above)" not in line for line in lines) == 1
    assert sum("#4 SinBackward0 (above)" in line for line in lines) == 2
    assert sum("AccumulateGrad" in line for line in lines) == 1


def test_a_narrow_terminal_gets_two_lines_a_node(shared):
    lines = graph_tree(shared, 50).splitlines()
    assert all(len(line) <= 50 for line in lines)
    assert "│  shape []  value L = 3.02785  gradient 1" in lines


def test_an_ascii_terminal_gets_ascii(shared):
    assert graph_tree(shared, 100, ascii_only=True).isascii()


def test_a_deep_graph_is_a_list_in_the_order_of_backward():
    found = report("for i in range(60):\n    x = sin(x)*x\nx.sum()", variables=("x=[1,2]",))
    lines = graph_tree(found, 120).splitlines()
    assert lines[1].startswith("#1 SumBackward0 -> #2 ")
    assert lines[2].startswith("#2 MulBackward0 -> #3, #4 ")
    assert len(lines) == len(found.nodes) + 1
    assert max(map(len, lines)) <= 120


def test_dot_has_a_line_per_node_and_per_edge(shared):
    text = graph_dot(shared)
    assert text.count(" -> ") == 6
    assert text.count("[label=") == 5 + 6
    assert '  n4 -> n5 [label="cos(x)"];' in text


def test_hostile_text_stays_inside_dots_quotes(hostile):
    for line in graph_dot(hostile).splitlines()[2:-1]:
        rest = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
        assert re.fullmatch(r"  n\d+( -> n\d+)?( \[label=(, style=filled, fillcolor=lightblue)?\])?;", rest)


def test_hostile_text_stays_inside_mermaids_quotes(hostile):
    for line in graph_mermaid(hostile).splitlines()[2:]:
        assert re.fullmatch(
            r'  n\d+\["[\w .,:=+*/#;<>()\[\]-]*"\](:::leaf)?|  n\d+ -->(\|"[\w .,:=+*/#;()\[\]-]*"\|)? n\d+',
            line,
            re.ASCII,
        )
        assert "<" not in line.replace("<br/>", "")


def test_the_svg_is_well_formed_and_has_a_box_per_node_and_an_arrow_per_edge(shared):
    root = ET.fromstring(graph_svg(shared).encode())  # noqa: S314 - our own
    assert len(root.findall(f"{SVG}g")) == 5
    assert len(root.findall(f"{SVG}path[@class='edge']")) == 5  # u*u is one arrow


def test_boxes_neither_overlap_nor_leave_the_picture():
    found = report(
        "y = x@w + b; z = relu(y).sum() + softmax(y, 1).max() * tanh(x).norm(); z + b.sum()",
        variables=("x=ones(2,3)", "w=ones(3,2)", "b=[0,-3]"),
    )
    root = ET.fromstring(graph_svg(found).encode())  # noqa: S314 - our own
    boxes = [
        [float(one.attrib[key]) for key in ("x", "y", "width", "height")] for one in root.iter(f"{SVG}rect")
    ]
    assert len(boxes) == len(found.nodes)
    for i, (x, y, w, h) in enumerate(boxes):
        assert x >= 0
        assert y >= 0
        assert x + w <= float(root.attrib["width"]) + 1
        assert y + h <= float(root.attrib["height"]) + 1
        for a, b, c, d in boxes[:i]:
            assert x >= a + c or a >= x + w or y >= b + d or b >= y + h


def test_hostile_text_is_text_in_the_svg(hostile):
    root = ET.fromstring(graph_svg(hostile).encode())  # noqa: S314 - our own
    assert not list(root.iter("b"))
    assert any("</script><b>" in "".join(one.itertext()) for one in root.iter(f"{SVG}text"))


class Page(HTMLParser):
    """Which tags a page opens, whether each is closed in order, and what scripts and data it holds."""

    VOID = frozenset({"meta", "input", "br"})

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.texts = [], [], [], {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)


def test_the_page_is_well_formed_and_needs_nothing_from_elsewhere(shared):
    page = Page(graph_html(shared))
    assert not page.open
    assert not [value for name, value in page.attributes if name in {"src", "href"}]
    assert "http://" not in "".join(page.texts["style"] + page.texts["script"])
    data = json.loads(page.texts["script"][0])
    assert [data[number]["visit"] for number in sorted(data)] == [1, 2, 3, 4, 5]
    assert ["local derivative for x", "cos(x) = 0.540302"] in data["4"]["facts"]


def test_hostile_text_opens_no_tag_in_the_page(hostile):
    page = Page(graph_html(hostile))
    assert "b" not in page.tags
    assert page.tags.count("script") == 2
    assert any("</script><b>" in text for text in page.texts["h1"])


def test_json_gives_everything_with_a_schema(shared):
    found = json.loads(graph_json(shared))
    assert found["schema"] == "gradcli.graph/1"
    assert [node["name"] for node in found["nodes"]][:2] == ["AddBackward0", "ExpBackward0"]
    assert [one["node"] for one in found["nodes"][0]["next_functions"]] == [3, 2]
    assert found["gradients"][0]["formula"] == "(exp(u) + 2*u)*cos(x)"


def test_a_layout_puts_each_node_below_all_that_lead_to_it():
    edges = [(1, 2), (1, 3), (2, 4), (3, 4), (1, 4)]
    layout = lay_out(dict.fromkeys((1, 2, 3, 4), 50.0), edges, gap=10, high=20, between=20, margin=5)
    for start, end in edges:
        assert layout.places[start][1] < layout.places[end][1]
    assert layout.places[2][1] == layout.places[3][1]
    assert len(layout.ways[1, 4]) == 4


def test_a_glance_is_short_however_big_the_tensor():
    import numpy as np

    assert glance(np.ones((2, 2))) == "all 1"
    assert glance(np.array([1.0, 2.0])) == "[1, 2]"
    assert glance(np.arange(1000.0)) == "0 to 999"
    assert glance(np.array([1.0, np.nan, np.inf] * 50)) == "1 to 1, 50 nan, 50 inf"
    assert glance(None) == "-"
