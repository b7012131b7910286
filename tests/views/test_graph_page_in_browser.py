"""The page and the picture in headless Chromium: what a reader sees after stepping and hovering."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape

import pytest

from gradcli.explorer.graph import record_graph
from gradcli.explorer.request import EvalRequest
from gradcli.views.graph_html import graph_html
from gradcli.views.graph_svg import graph_svg

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")

STATE = """
const state = () => ({
  said: document.getElementById("said").textContent,
  current: [...document.querySelectorAll("g.current")].map(g => g.id),
  waiting: [...document.querySelectorAll("g.waiting")].map(g => g.id),
  active: [...document.querySelectorAll("path.active")].map(p => p.dataset.from + " " + p.dataset.to),
  shown: getComputedStyle(document.querySelector("#n5 .grad")).visibility,
  facts: [...document.querySelectorAll("#facts dt")].map(dt => [dt.textContent, dt.nextSibling.textContent]),
});
const press = key => document.dispatchEvent(new KeyboardEvent("keydown", {key, cancelable: true}));
const slide = to => {
  const slider = document.getElementById("step");
  slider.value = to;
  slider.dispatchEvent(new Event("input"));
};
const hover = id => document.getElementById(id).dispatchEvent(new MouseEvent("mouseenter"));
"""


def seen(page: str, script: str, tmp_path):
    """What a script put into `found` in the browser."""
    told = "const pre = document.createElement('pre'); pre.id = 'told';"
    told += "pre.textContent = JSON.stringify(found); document.body.append(pre);"
    path = tmp_path / "page.html"
    path.write_text(page.replace("</body>", f"<script>{script}{told}</script></body>"), encoding="utf-8")
    args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,800"]
    done = subprocess.run(
        [BROWSER, *args, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", path.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stdout[-500:]
    return json.loads(unescape(found[1]))


@pytest.fixture(scope="module")
def shared():
    return record_graph(EvalRequest(("u = sin(x); u*u + exp(u)",), variables=("x=1",)), lambda _: None)


def test_arrow_keys_and_the_slider_step_through_the_backward_pass(shared, tmp_path):
    script = f"""{STATE}
const found = [state()];
press("ArrowRight"); press("ArrowRight"); press("ArrowRight"); press("ArrowRight"); found.push(state());
press("ArrowLeft"); found.push(state());
slide(5); found.push(state());
press("ArrowRight"); found.push(state());
slide(0); found.push(state());
"""
    start, fourth, third, last, after, again = seen(graph_html(shared), script, tmp_path)
    assert start["said"] == again["said"] == "the whole graph"
    assert start["waiting"] == start["current"] == again["waiting"] == []
    assert fourth["said"] == "step 4 of 5"
    assert fourth["current"] == ["n4"]
    assert fourth["waiting"] == ["n5"]
    assert fourth["active"] == ["4 5"]
    assert (start["shown"], fourth["shown"], last["shown"]) == ("visible", "hidden", "visible")
    assert fourth["facts"][0] == ["node", "#4 SinBackward0"]
    assert third["current"] == ["n3"]
    assert set(third["waiting"]) == {"n4", "n5"}
    assert last == after
    assert last["waiting"] == []


def test_hovering_a_node_shows_value_local_derivative_and_gradient(shared, tmp_path):
    facts = dict(seen(graph_html(shared), f'{STATE} hover("n4"); const found = state().facts;', tmp_path))
    assert facts["value"] == "0.841471"
    assert facts["gradient"] == "4.00272"
    assert facts["local derivative for x"] == "cos(x) = 0.540302"


def test_stepping_scrolls_to_the_node_that_is_visited(tmp_path):
    chain = record_graph(
        EvalRequest(("for i in range(20):\n    x = sin(x)*x\nx.sum()",), variables=("x=[1,2]",)),
        lambda _: None,
    )
    script = f"""{STATE}
const edges = () => document.querySelector("g.current").getBoundingClientRect();
slide(40);
const found = [edges().top, edges().bottom, innerHeight];
"""
    top, bottom, height = seen(graph_html(chain), script, tmp_path)
    assert 0 <= top < bottom <= height


@pytest.mark.parametrize(
    "expression",
    [
        "u = sin(x); v = u*u + exp(u); w = v*u; w.sum() + u.sum() + x.sum()",
        "sum(x**2)+sum(x**3)+sum(sin(x))+sum(exp(x))+sum(tanh(x))+sum(sqrt(x))+sum(log(x))+sum(relu(x))",
        "y = (x**3).sum(); g = grad(y, x, create_graph=True)[0]; (g**2).sum()",
        "for i in range(9): x = sin(x)*x + 1\nx.sum()",
        "stack([sin(x), cos(x), exp(x), tanh(x), sqrt(x), log(x), x**2, x**3, relu(x), abs(x), x*2]).sum()",
        "sum(x * len('" + "long 文字 " * 9 + "'))",
    ],
)
def test_in_the_picture_texts_stay_in_their_boxes_and_labels_apart(expression, tmp_path):
    report = record_graph(EvalRequest((expression,), variables=("x=[1,2,3]",)), lambda _: None)
    picture = graph_svg(report).partition("?>")[2]
    script = """
const box = e => { const b = e.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height]; };
const all = (where, what) => [...where.querySelectorAll(what)].map(box);
const found = {
  nodes: [...document.querySelectorAll("g[id]")].map(g => [box(g.querySelector("rect")), all(g, "text")]),
  labels: all(document, "text.local"),
  size: document.querySelector("svg").getAttribute("viewBox").split(" ").map(Number),
};
"""
    found = seen(f"<!DOCTYPE html><html><body>{picture}</body></html>", script, tmp_path)
    assert len(found["nodes"]) == len(report.nodes)
    x, y, wide, high = found["size"]
    for box, texts in found["nodes"]:
        assert texts
        assert all(inside(text, box) for text in texts)
    boxes = [box for box, _ in found["nodes"]]
    for number, label in enumerate(found["labels"]):
        assert inside(label, [x, y, x + wide, y + high])
        assert not any(overlap(label, other) for other in found["labels"][:number])
        assert not any(overlap(label, box) for box in boxes)


def inside(inner, outer):
    return (
        inner[0] >= outer[0]
        and inner[1] >= outer[1]
        and inner[2] <= outer[2] + 0.5
        and inner[3] <= outer[3] + 0.5
    )


def overlap(one, other):
    """Whether two boxes share more than the leading of a line."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 1 and down > 4
