from __future__ import annotations

import numpy as np
import pytest

from gradcli.diagnostics import GradcliError
from gradcli.explorer.graph import record_graph
from gradcli.explorer.request import Backward, EvalRequest

PLAIN = Backward()


def graph(*expressions, backward=PLAIN, most=0, **options):
    return record_graph(EvalRequest(expressions, backward=backward, **options), lambda _: None, most=most)


def test_nodes_are_numbered_as_backward_visits_them():
    report = graph("mean(3*(x+2)**2)")
    names = [node.name for node in report.nodes]
    assert names == ["MeanBackward0", "MulBackward0", "PowBackward0", "AddBackward0", "AccumulateGrad"]
    assert [node.number for node in report.nodes] == [1, 2, 3, 4, 5]
    assert report.forward == (4, 3, 2, 1)
    assert report.roots == ((1, 0),)


def test_each_node_knows_its_source_text_value_and_gradient():
    power = graph("mean(3*(x+2)**2)").nodes[2]
    assert power.text == "(x+2)**2"
    assert power.results[0].value.tolist() == [[9, 9], [9, 9]]
    assert power.results[0].gradient.tolist() == [[0.75, 0.75], [0.75, 0.75]]


def test_local_derivatives_and_answers_are_formulas_in_the_names_of_values():
    report = graph("mean(3*(x+2)**2)")
    assert [node.flows[0].local for node in report.nodes[:4]] == ["1/4", "3", "2*v1", "1"]
    assert report.answers[0].formula == "3/2*(x + 2)"


def test_matrix_products_are_told_by_their_rule():
    report = graph("y = x@w + b; relu(y).sum()", variables=("x=ones(2,3)", "w=ones(3,2)", "b=[0,-3]"))
    product = next(node for node in report.nodes if node.name == "MmBackward0")
    assert [flow.rule for flow in product.flows] == ["dL/dv1 @ w.T", "x.T @ dL/dv1"]
    assert [flow.local for flow in product.flows] == ["", ""]


def test_a_broadcast_input_says_which_dims_are_summed():
    report = graph("y = x@w + b; relu(y).sum()", variables=("x=ones(2,3)", "w=ones(3,2)", "b=[0,-3]"))
    addition = next(node for node in report.nodes if node.name == "AddBackward0")
    assert [flow.dims for flow in addition.flows] == [(), (0,)]
    assert addition.label == "y"


def test_a_kink_is_told_where_the_point_is_one_and_nowhere_else():
    at = graph("relu(x).sum()", variables=("x=[0, 1]",))
    beside = graph("relu(x).sum()", variables=("x=[-1, 1]",))
    assert at.nodes[1].kinks
    assert not beside.nodes[1].kinks


def test_shared_nodes_get_the_sum_of_what_arrives():
    report = graph("u = sin(x); u*u + exp(u)", variables=("x=1",))
    sine = next(node for node in report.nodes if node.label == "u")
    sent = [flow.sent for node in report.nodes for flow in node.flows if flow.to == sine.number]
    assert len(sent) == 3
    assert np.sum(sent) == pytest.approx(sine.results[0].gradient)
    assert report.answers[0].formula == "(exp(u) + 2*u)*cos(x)"


def test_saved_values_are_freed_by_backward_unless_the_graph_is_retained():
    freed = graph("(x*x).sum()").nodes[1]
    kept = graph("(x*x).sum()", backward=Backward(retain_graph=True)).nodes[1]
    assert [one.status for one in freed.saved] == ["freed", "freed"]
    assert freed.again
    assert [one.status for one in kept.saved] == ["kept", "kept"]
    assert not kept.again
    assert kept.saved[0].nbytes == 32


def test_a_value_changed_in_place_since_it_was_saved_is_seen_without_backward():
    report = graph("y = exp(x); z = y.sum(); y.mul_(2); z", backward=Backward(run=False))
    exponential = next(node for node in report.nodes if node.name == "ExpBackward0")
    assert exponential.saved[0].status == "changed"
    assert exponential.again.startswith("changed in place")


def test_in_place_changes_leave_the_values_of_earlier_nodes_as_they_were():
    report = graph("y = x*2; y += 1; y.sum()", variables=("x=[1,2,3]",))
    product = next(node for node in report.nodes if node.name == "MulBackward0")
    assert product.results[0].value.tolist() == [2, 4, 6]


def test_what_does_not_lead_to_wrt_is_not_visited():
    report = graph("a*b", variables=("a=2", "b=3"), backward=Backward(wrt=("a",)))
    visited = {node.variable for node in report.nodes if node.visited and node.variable}
    assert visited == {"a"}


def test_without_backward_nothing_has_a_gradient():
    report = graph("x*2", backward=Backward(run=False))
    assert not report.differentiated
    assert all(node.results[0].gradient is None for node in report.nodes)


def test_no_variable_means_no_graph():
    with pytest.raises(GradcliError, match="there is no graph") as caught:
        graph("x*2", constants=("x=1",))
    assert caught.value.diagnostic.code == "E506"


def test_a_graph_too_big_to_draw_says_how_many_nodes_it_has():
    with pytest.raises(GradcliError, match="the graph has 5 nodes, more than the 3"):
        graph("mean(3*(x+2)**2)", most=3)


def test_a_graph_too_big_says_which_part_makes_most_of_it():
    with pytest.raises(GradcliError) as caught:
        graph("for i in range(30): x = sin(x)*x\nx.sum()", most=20)
    found = caught.value.diagnostic
    assert "the graph has 62 nodes, more than the 20" in found.message
    assert found.help == "narrow `sin(x)`, which makes 30 of them, or raise --max-nodes"
    assert found.span.text == "sin(x)"


def test_errors_of_the_program_are_those_of_eval():
    with pytest.raises(GradcliError) as caught:
        graph("x@y", variables=("x=ones(2,3)", "y=ones(2,3)"))
    assert "mat1 and mat2 shapes cannot be multiplied" in caught.value.diagnostic.message


def test_two_outputs_have_names_of_their_own():
    report = graph("x.max(0)[0].sum()", variables=("x=[[1,2],[3,4]]",))
    found = next(node for node in report.nodes if node.name == "MaxBackward0")
    assert [one.name for one in found.results] == ["v1.values", "v1.indices"]
    assert found.results[1].value.tolist() == [1, 1]
    assert found.flows[0].rule == "put_along(dL/dv1.values, v1.indices, dim=0)"
    assert report.nodes[0].formula == "sum(v1.values)"


def test_names_that_the_program_took_are_not_given_again():
    report = graph("v1 = x*2; L = v1 + 1; (L*L).sum()")
    labels = [node.label for node in report.nodes]
    assert len(set(labels)) == len(labels)
    assert {"v1", "L"} <= set(labels)


def test_long_chains_do_not_recurse():
    report = graph("for i in range(3000):\n    x = x*1.0\nx.sum()", variables=("x=[1,2]",))
    assert len(report.nodes) == 3002


def test_a_variable_whose_name_is_bound_anew_keeps_it():
    report = graph("x = x*2; x = x + 1; x.sum()", variables=("x=[1,2]",))
    assert [answer.name for answer in report.answers] == ["x"]
    assert [node.label for node in report.nodes] == ["L", "v2", "v1", "x"]


def test_several_roots_are_all_drawn():
    report = graph("x*2", "x*3", variables=("x=1",))
    assert len(report.roots) == 2
    assert report.nodes[-1].results[0].gradient == 5
    assert not report.scalar


@pytest.mark.parametrize(
    ("expression", "variable", "kinked"),
    [
        ("relu(x)", "x=0.0", True),
        ("abs(x)", "x=0.0", True),
        ("abs(x)", "x=0.1", False),
        ("clamp(x, 0, 1)", "x=1.0", True),
        ("maximum(x, 2*x)", "x=0.0", True),
        ("log(x)", "x=1.67e-5", False),
        ("log(x)", "x=1e-7", False),
        ("x**2", "x=1e4", False),
        ("floor(x) + x", "x=2.0", True),
    ],
)
def test_curves_are_no_kinks(expression, variable, kinked):
    report = graph(expression, variables=(variable,))
    assert any(node.kinks for node in report.nodes) == kinked


@pytest.mark.parametrize(
    ("expression", "variable", "words"),
    [
        ("x.max()", "x=[1,1,0]", "tied elements share"),
        ("x.max()", "x=[1,2,0]", ""),
        ("amax(x)", "x=[1e8,1e8+1]", ""),
        ("x.max(0)[0]", "x=[1.0,1]", "the first gets"),
        ("x.median()", "x=[1.0,1,1]", "tied elements share"),
        ("x.norm()", "x=[0.0,0]", "at 0 the derivative is 0"),
        ("x.norm()", "x=[1e-3,0]", ""),
        ("x.std()", "x=[1.0,1]", "of constants"),
        ("x.sort()[0][0]", "x=[2.0,2,1]", "tied elements keep their order"),
        ("x.prod()", "x=[0.0,0,2]", ""),
        ("relu(x).sum()", "x=[1e-8,1]", ""),
    ],
)
def test_kinks_of_operations_on_whole_tensors_are_told_at_the_point_alone(expression, variable, words):
    kinks = [kink for node in graph(expression, variables=(variable,)).nodes for kink in node.kinks]
    assert len(kinks) == 0 if not words else any(words in kink for kink in kinks)


def test_a_constant_goes_by_what_made_it():
    inner = "y = relu(x).exp().sum(); g = grad(y, x, create_graph=True)[0]; (g**2).sum()"
    nodes = graph(inner, variables=("x=[1,2]",)).nodes
    assert [node.formula for node in nodes[2:4]] == ["where(v1 > 0, v3, 0)", "1*v2"]
    found = graph(
        "sum(c*2*x) + sum(x.detach()*x) + sum(ones(2)*x)", variables=("x=[1,2]",), constants=("c=[3,4]",)
    )
    saved = {one.name for node in found.nodes for one in node.saved}
    assert saved == {"2*c", "x.detach()", "1"}


def test_values_that_share_memory_are_known_to():
    nodes = graph("sum(x**2) + sum(x.T**2) + sum(exp(x)**2)", variables=("x=[[1,2],[3,4]]",)).nodes
    saved = [one for node in nodes for one in node.saved if one.memory]
    assert len(saved) == 4  # x, x.T, and exp(x) twice
    assert len({one.memory for one in saved}) == 2
