from __future__ import annotations

import json
import re

import pytest

from gradcli.explorer.graph import record_graph
from gradcli.explorer.request import Backward, EvalRequest
from gradcli.views.explanation import Block, explanation_blocks
from gradcli.views.explanation_json import explanation_json
from gradcli.views.explanation_latex import explanation_latex, formula_latex, text_latex
from gradcli.views.explanation_text import explanation_markdown, explanation_text
from gradcli.views.explanation_words import WORDS

BIAS = ("x=ones(2,3)", "w=ones(3,2)", "b=[0,-3]")


def report(expression, **options):
    return record_graph(EvalRequest((expression,), **options), lambda _: None)


def text(expression, language="en", columns=100, **options):
    return explanation_text(explanation_blocks(report(expression, **options), language=language), columns)


def test_each_step_multiplies_upstream_by_local():
    assert (
        "Step 3: PowBackward0  v2 = v1**2  ((x+2)**2)\n"
        "  upstream    dL/dv2 = all 0.75\n"
        "  local       dv2/dv1 = 2*v1 = 6\n"
        "  downstream  dL/dv1 = dL/dv2 * dv2/dv1 = all 0.75 * 6 = all 4.5\n"
    ) in text("mean(3*(x+2)**2)")


def test_the_last_word_is_the_formula_and_the_number():
    assert "  gradient    dL/dx = 3/2*(x + 2) = all 4.5\n" in text("mean(3*(x+2)**2)")


def test_a_broadcast_bias_is_summed_in_a_step_of_its_own():
    assert (
        "Step 4: the sum over broadcast dims  (b)\n"
        "  b of shape [2] was repeated to shape [2, 2]: every copy gets a gradient, and that of b is their\n"
        "  sum over dim 0.\n"
        "  downstream  dL/db = sum(dL/dy, dim=0) = [2, 0]\n"
    ) in text("y = x@w + b; relu(y).sum()", variables=BIAS)


def test_a_kink_is_told_with_its_convention():
    assert "The point is a kink" in text("y = x@w + b; relu(y).sum()", variables=BIAS)
    assert "The point is a kink" not in text("relu(x).sum()")


def test_paths_that_meet_are_added():
    assert (
        "Step 4: 3 paths meet at u\n"
        "  u takes part in 3 places, and each hands back a gradient: they are added.\n"
        "  from step 2 dL/dv2*v2 = 2.31978\n"
        "  from step 3 dL/dv1*u = 0.841471\n"
        "  from step 3 dL/dv1*u = 0.841471\n"
        "  together    dL/du = 2.31978 + 0.841471 + 0.841471 = 4.00272\n"
    ) in text("u = sin(x); u*u + exp(u)", variables=("x=1",))


def test_a_rule_that_is_no_formula_is_told_in_words():
    found = text("x.prod()", variables=("x=[[1,2],[3,4]]",))
    assert "The rule of ProdBackward0 works on the whole tensor; `gradcli ops prod_dims` tells more." in found


def test_a_cotangent_that_is_dropped_is_not_told_as_a_product_alone():
    sentence = "Where the rule selects nothing, nothing is handed on: 0, though nan or inf arrives."
    assert sentence in text("sqrt(relu(x))", variables=("x=-1.0",))
    assert sentence not in text("sqrt(relu(x))", variables=("x=1.0",))


def test_what_a_range_means_is_said_where_one_stands():
    sentence = "`1 to 3` is a tensor whose elements lie between 1 and 3."
    assert sentence in text("x.sum()", variables=("x=linspace(0, 1, 200)",))
    assert sentence not in text("x.sum()", variables=("x=[0, 1]",))


def test_other_starting_gradients_change_what_l_is():
    found = text("y = x*2", variables=("x=[1,2]",), backward=Backward(grad_tensors=("[0.1, 10]",)))
    assert "L stands for the sum of the result times the gradient that backward starts from." in found
    assert "  start       dL/dy = [0.1, 10]\n" in found


def test_chinese_prose_has_the_same_equations():
    def equations(language):
        blocks = explanation_blocks(report("y = x@w + b; relu(y).sum()", variables=BIAS), language=language)
        return [(block.equation, block.numbers) for block in blocks if block.kind in {"line", "step"}]

    assert equations("zh") == equations("en")
    found = text("y = x@w + b; relu(y).sum()", language="zh", variables=BIAS)
    assert "第 4 步：沿广播的维求和  (b)" in found
    assert "upstream" not in found


def test_every_language_has_every_word_with_the_same_places():
    first, *others = WORDS.values()
    for words in others:
        assert words.keys() == first.keys()
        for key in first:
            assert set(re.findall(r"{(\w+)}", words[key])) == set(re.findall(r"{(\w+)}", first[key]))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_prose_fits_the_terminal(language):
    import unicodedata

    found = text("y = x@w + b; relu(y).sum()", language=language, columns=50, variables=BIAS)
    prose = [line for line in found.splitlines() if line.startswith("  ") and "=" not in line]
    for line in prose:
        wide = sum(unicodedata.east_asian_width(one) in "WF" for one in line)
        assert len(line) + wide <= 50


def test_markdown_fences_code_by_more_ticks_than_it_has():
    found = explanation_markdown([Block("title", "a *b* <i>", "x``y`")])
    assert found == r"# a \*b\* \<i\> ``` x``y` ```"


def test_code_in_prose_is_code_in_every_format():
    prose = [Block("prose", "Ask `gradcli ops a_b` for *more*.")]
    assert explanation_text(prose, 80) == "  Ask `gradcli ops a_b` for *more*."
    assert explanation_markdown(prose) == r"Ask `gradcli ops a_b` for \*more\*."
    assert r"Ask \texttt{gradcli ops a\_b} for *more*." in explanation_latex(prose)


def test_markdown_has_a_heading_per_step():
    found = explanation_markdown(explanation_blocks(report("mean(3*(x+2)**2)")))
    assert found.startswith("# Backpropagation through `mean(3*(x+2)**2)`\n\n## Forward")
    assert "### Step 2: MulBackward0 `v3 = 3*v2` (`3*(x+2)**2`)\n\n- upstream: `dL/dv3 = all 0.25`" in found


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("3/2*(x + 2)", r"\tfrac{3}{2}\,(x + 2)"),
        ("dL/dv1 @ w.T", r"\frac{\partial L}{\partial v_{1}} \, w{}^{\top}"),
        ("v1**2", "v_{1}^{2}"),
        ("x**(n + 1)*y", r"x^{(n + 1)}\,y"),
        ("exp(x_long)", r"\exp(\mathrm{x\_long})"),
        ("x != 0", r"x \ne  0"),
        ("x\\y$", r"x\text{\textbackslash{}}y\text{\$}"),
    ],
)
def test_formulas_become_mathematics(formula, expected):
    assert formula_latex(formula) == expected


def test_latex_obeys_nothing_in_a_text():
    assert text_latex(r"\input{x}%$#_^~&") == (
        r"\textbackslash{}input\{x\}\%\$\#\_\textasciicircum{}\textasciitilde{}\&"
    )


def test_a_latex_document_is_balanced_and_hostile_text_stays_text():
    blocks = explanation_blocks(report('x * len("\\\\end{document}$%")'))
    found = explanation_latex(blocks)
    plain = re.sub(r"\\[{}$]", "", found)
    assert found.count(r"\end{document}") == 1
    assert plain.count("{") == plain.count("}")
    assert plain.count("$") % 2 == 0


def test_json_has_the_steps_and_a_schema():
    found = json.loads(explanation_json(report("y = x@w + b; relu(y).sum()", variables=BIAS)))
    assert found["schema"] == "gradcli.explain/1"
    assert [step["kind"] for step in found["steps"]] == ["visit", "visit", "visit", "sum", "visit"]
    assert found["steps"][3] == {
        "kind": "sum",
        "operand": "b",
        "gradient": "dL/db",
        "rule": "sum(dL/dy, dim=0)",
        "dims": [0],
        "value": [2.0, 0.0],
    }


def test_chinese_meanings_are_of_words_and_notes_that_exist():
    from gradcli.explorer.differentiate import FROM_ONES
    from gradcli.ops.catalog import catalog
    from gradcli.views.explanation_chinese import KINKS, MEANINGS, NOTES

    assert MEANINGS.keys() <= catalog().keys()
    assert {kink for record in catalog().values() for kink in record.kinks} >= KINKS.keys()
    assert {FROM_ONES} == NOTES.keys()
    found = text("x[1:]*2", language="zh")
    assert "slice_put: 全零张量" in found
    assert "结果不是标量" in found


MANY = [
    "mean(3*(x+2)**2)", "sum(relu(x))", "x.max()", "x.norm()", "x.std()", "sum(x.sort()[0]*x)", "x.prod()",
    "softmax(x, 0)[1].sum()", "x.cumsum(0).prod()", "sum(x[1:]*2)", "sum(x @ x.T)",
    "sum(abs(x) + sign(x))", "sum(clamp(x, 0, 1))", "sum(maximum(x, -x))", "x.median()", "dist(x, x*1)",
    "F.max_pool1d(x, 2).sum()", "F.mse_loss(x, x*2)", "F.cross_entropy(x, torch.tensor([0, 1]))",
    "linalg.inv(x + 2*torch.eye(2)).sum()", "linalg.det(x)", "x.gather(1, torch.tensor([[0], [1]])).sum()",
    "sum(where(x > 0, x, 2*x))", "F.gelu(x).sum()", "F.layer_norm(x, [2]).sum()", "x.cummax(0)[0].sum()",
    "sum(floor(x)*x)", "sum(x + x[0])", "F.conv1d(x[None], x[None]).sum()",
    "sum(x*grad(sum(x**3), x, create_graph=True)[0])", "y = x*2; y[0] = 5; y.sum()",
]  # fmt: skip


@pytest.mark.parametrize("expression", MANY)
def test_in_chinese_no_sentence_stays_english(expression):
    blocks = explanation_blocks(report(expression, variables=("x=[[0, 0.0], [1, 1]]",)), language="zh")
    assert len(blocks) > 5
    for block in blocks:
        prose = re.sub(r"`[^`]*`", "", block.text)
        assert not re.search(r"[a-z]{2,} +[a-z]{2,}", prose), prose


def test_what_no_chinese_is_known_for_is_told_in_general():
    found = report("relu(x).sum()", variables=("x=[0, 1]",))
    nodes = [node._replace(kinks=("an unheard-of convention",)) for node in found.nodes]
    odd = found._replace(nodes=tuple(nodes), glossary=(("unheard_of", "An unheard-of operation."),))
    prose = [block.text for block in explanation_blocks(odd, language="zh")]
    assert "该点是折点，导数不存在；取值的约定见 `gradcli ops relu`。" in prose
    assert "内部运算，说明见 `gradcli ops unheard_of`。" in prose


def test_a_node_that_is_no_operation_is_told_in_numbers():
    found = text("y = x*2; y[0] = 5; y.sum()", variables=("x=[1,2]",))
    assert "What CopySlices hands on has no formula here" in found
    assert "downstream  dL/dv1 = [0, 1]" in found
