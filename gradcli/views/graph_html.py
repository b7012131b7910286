"""The graph as one HTML file: hovering shows a node's facts, a slider walks through the backward pass."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from gradcli.views.excerpt import escaped
from gradcli.views.glance import glance
from gradcli.views.graph_svg import STYLE, svg_parts
from gradcli.views.graph_tree import graph_facts
from gradcli.views.numbers import DIGITS, shape_text, tensor_text

if TYPE_CHECKING:
    from gradcli.reports.graphs import Flow, Graph, GraphNode

__all__ = ["graph_html"]

PAGE_STYLE = """
body { margin: 0; font: 14px/1.45 system-ui, sans-serif; color: #1d2733; background: #fff; }
header { padding: 12px 20px; border-bottom: 1px solid #d5dbe1; }
h1 { font: 600 16px ui-monospace, Menlo, Consolas, monospace; margin: 0 0 8px; overflow-wrap: anywhere; }
label { margin-right: 8px; }
svg { display: block; }
input { vertical-align: middle; width: 22em; max-width: 50vw; }
main { display: flex; align-items: flex-start; }
#picture { flex: 1; overflow: auto; max-height: calc(100vh - 90px); }
aside { flex: 0 0 24em; padding: 16px 20px; border-left: 1px solid #d5dbe1; max-height: calc(100vh - 122px);
        overflow: auto; }
dt { font-weight: 600; margin-top: 8px; }
dd { margin: 0; font: 12px ui-monospace, Menlo, Consolas, monospace; white-space: pre-wrap;
     overflow-wrap: anywhere; }
g[tabindex] { cursor: pointer; outline: none; }
g.waiting .grad { visibility: hidden; }
g.waiting { opacity: .45; }
g.current rect { stroke: #d2691e; stroke-width: 3; }
g.chosen rect { stroke-width: 3; }
path.edge.active { stroke: #d2691e; stroke-width: 2.5; }
@media (max-width: 56em) {
  main { flex-direction: column; }
  #picture { flex: none; width: 100%; max-height: 50vh; }
  aside { flex: none; width: 100%; box-sizing: border-box; border: 0; border-top: 1px solid #d5dbe1;
          max-height: 35vh; }
}
"""
SCRIPT = """
"use strict";
const nodes = JSON.parse(document.getElementById("data").textContent);
const slider = document.getElementById("step");
const said = document.getElementById("said");
const facts = document.getElementById("facts");
function show(number) {
  facts.textContent = "";
  for (const [name, text] of nodes[number].facts) {
    const dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = name;
    dd.textContent = text;
    facts.append(dt, dd);
  }
  for (const g of document.querySelectorAll("g.chosen")) g.classList.remove("chosen");
  document.getElementById("n" + number).classList.add("chosen");
}
function walk() {
  const step = Number(slider.value);
  for (const number of Object.keys(nodes)) {
    const g = document.getElementById("n" + number), visit = nodes[number].visit;
    g.classList.toggle("waiting", step > 0 && (visit === 0 || visit > step));
    g.classList.toggle("current", visit > 0 && visit === step);
    if (visit > 0 && visit === step) {
      show(number);
      g.scrollIntoView({block: "nearest", inline: "nearest"});
    }
  }
  for (const path of document.querySelectorAll("path.edge"))
    path.classList.toggle("active", step > 0 && nodes[path.dataset.from].visit === step);
  said.textContent = step ? "step " + step + " of " + slider.max : "the whole graph";
}
for (const number of Object.keys(nodes)) {
  const g = document.getElementById("n" + number);
  g.addEventListener("mouseenter", () => show(number));
  g.addEventListener("focus", () => show(number));
}
slider.addEventListener("input", walk);
document.addEventListener("keydown", event => {
  const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
  if (!by) return;
  event.preventDefault();
  slider.value = Number(slider.value) + by;
  walk();
});
walk();
show(1);
"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<label for="step">backward pass</label><input id="step" type="range" min="0" max="{steps}" value="0">
<span id="said"></span> <small>&#8592; and &#8594; step; hover a node for its numbers</small>
{notes}</header>
<main>
<div id="picture"><svg {size}>
{picture}
</svg></div>
<aside><dl id="facts"></dl></aside>
</main>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def graph_html(report: Graph, *, digits: int = DIGITS) -> str:
    """Returns a page that needs nothing but itself."""
    size, picture = svg_parts(report, digits=digits)
    visits = [node for node in report.nodes if node.visited]
    data = {
        str(node.number): {"visit": node.number if node.visited else 0, "facts": _facts(node, digits)}
        for node in report.nodes
    }
    return PAGE.format(
        title=escape(escaped("; ".join(report.expressions))),
        style=STYLE + PAGE_STYLE,
        steps=max((node.number for node in visits), default=0),
        notes="".join(f"<p>{escape(sentence)}</p>\n" for sentence in graph_facts(report)),
        size=size,
        picture=picture,
        data=_embedded(data),
        script=SCRIPT,
    )


def _embedded(document: dict[str, Any]) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(document, ensure_ascii=True, allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _facts(node: GraphNode, digits: int) -> list[tuple[str, str]]:
    found = [("node", f"#{node.number} {node.name}")]
    found += [("variable", node.variable)] if node.variable else []
    found += [("from", node.text)] if node.text else []
    found += [("formula", f"{node.label} = {node.formula}")] if node.formula else []
    for place, one in enumerate(node.results):
        suffix = f" [{place}]" if len(node.results) > 1 else ""
        found.append((f"shape{suffix}", f"{shape_text(one.shape)} {one.dtype}"))
        if one.value is not None:
            found.append((f"value{suffix}", tensor_text(one.value, digits=digits, columns=44)))
        if one.gradient is not None:
            found.append((f"gradient{suffix}", tensor_text(one.gradient, digits=digits, columns=44)))
    found += [fact for flow in node.flows if flow.to is not None for fact in _handed(flow, digits)]
    found += [("saved", ", ".join(f"{one.name} ({one.status})" for one in node.saved))] if node.saved else []
    found += [("kink", kink) for kink in node.kinks]
    return [(escaped(name), "\n".join(map(escaped, text.split("\n")))) for name, text in found]


def _handed(flow: Flow, digits: int) -> list[tuple[str, str]]:
    found = []
    if flow.local:
        number = "" if flow.factor is None else glance(flow.factor, digits, 40)
        known = number.removeprefix("all ") in {flow.local, ""}
        found.append(
            (f"local derivative for {flow.operand}", flow.local if known else f"{flow.local} = {number}")
        )
    elif flow.rule:
        found.append((f"rule for {flow.operand}", flow.rule))
    if flow.sent is not None:
        dims = f", summed over dim {', '.join(map(str, flow.dims))}" if flow.dims else ""
        found.append((f"hands to #{flow.to}", glance(flow.sent, digits, 40) + dims))
    return found
