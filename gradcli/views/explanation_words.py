"""The prose of explanations, in each language it is given in."""

# ruff: noqa: RUF001 - Chinese punctuation is Chinese

from __future__ import annotations

__all__ = ["WORDS"]

ENGLISH = {
    "title": "Backpropagation through",
    "forward": "Forward: the values",
    "backward": "Backward: from the result to the variables",
    "method": "Each step takes the gradient that arrives (upstream), multiplies it by the local derivative, "
    "and hands the product on (downstream). Where paths meet, their gradients are added. "
    "`all 3` is a tensor whose elements are all 3.",
    "range": "`1 to 3` is a tensor whose elements lie between 1 and 3.",
    "weighted": "{result} stands for the sum of the result times the gradient that backward starts from.",
    "variable": "variable",
    "computed": "computed",
    "gradient": "gradient",
    "together": "together",
    "start": "start",
    "step": "Step {number}",
    "colon": ": ",
    "stop": "; ",
    "upstream": "upstream",
    "local": "local",
    "rule": "rule",
    "downstream": "downstream",
    "numbers": "What {name} hands on has no formula here; the numbers are autograd's.",
    "dropped": "Where the rule selects nothing, nothing is handed on: 0, though nan or inf arrives.",
    "kink": "The point is a kink, where there is no derivative. Taken instead: {sentence}.",
    "kink_elsewhere": "The point is a kink, where there is no derivative; `gradcli ops {operation}` says "
    "what is taken instead.",
    "no_rule": "The rule of {name} works on the whole tensor; `gradcli ops {operation}` tells more.",
    "sum": "the sum over broadcast dims",
    "sum_why": "{operand} of shape {shape} was repeated to shape {broadcast}: every copy gets a gradient, "
    "and that of {operand} is their sum over dim {dims}.",
    "add": "{count} paths meet at {operand}",
    "add_why": "{operand} takes part in {count} places, and each hands back a gradient: they are added.",
    "from": "from step {number}",
    "result": "Result",
    "unreached": "The result does not depend on {name}.",
    "glossary": "Words in the formulas",
    "meaning": "`gradcli ops {word}` says what it is.",
    "note": "{text}.",
    "default": "{names}: not bound, so {default} by default; -v {first}=... binds it",
}
CHINESE = {
    "title": "反向传播：",
    "forward": "前向：各个值",
    "backward": "反向：从结果到变量",
    "method": "每一步把到达的梯度（上游）乘以局部导数，再把乘积传下去（下游）。路径汇合处，梯度相加。"
    "`all 3` 表示每个元素都是 3 的张量。",
    "range": "`1 to 3` 表示各元素在 1 与 3 之间的张量。",
    "weighted": "{result} 表示结果乘以起始梯度之后的总和。",
    "variable": "变量",
    "computed": "计算",
    "gradient": "梯度",
    "together": "合计",
    "start": "起点",
    "step": "第 {number} 步",
    "colon": "：",
    "stop": "；",
    "upstream": "上游",
    "local": "局部",
    "rule": "规则",
    "downstream": "下游",
    "numbers": "{name} 传下去的梯度这里没有公式；数值来自自动求导。",
    "dropped": "规则没有选中的地方不传梯度：即使到达的是 nan 或 inf，传下去的也是 0。",
    "kink": "该点是折点，导数不存在。按约定：{sentence}。",
    "kink_elsewhere": "该点是折点，导数不存在；取值的约定见 `gradcli ops {operation}`。",
    "no_rule": "{name} 的规则作用于整个张量；`gradcli ops {operation}` 有更多说明。",
    "sum": "沿广播的维求和",
    "sum_why": "形状为 {shape} 的 {operand} 被重复成形状 {broadcast}：每个副本各得一份梯度，"
    "{operand} 的梯度是它们沿第 {dims} 维的和。",
    "add": "{count} 条路径在 {operand} 汇合",
    "add_why": "{operand} 在 {count} 处被用到，每处都传回一份梯度：把它们相加。",
    "from": "来自第 {number} 步",
    "result": "结果",
    "unreached": "结果与 {name} 无关。",
    "glossary": "公式中的用语",
    "meaning": "内部运算，说明见 `gradcli ops {word}`。",
    "note": "{text}。",
    "default": "{names}：未绑定，默认为 {default}；用 -v {first}=... 绑定",
}
WORDS: dict[str, dict[str, str]] = {"en": ENGLISH, "zh": CHINESE}
