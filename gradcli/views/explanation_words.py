"""The prose of explanations, in each language it is given in."""

# ruff: noqa: RUF001 - Chinese punctuation is Chinese

from __future__ import annotations

__all__ = ["MEANINGS", "WORDS"]

ENGLISH = {
    "title": "Backpropagation through",
    "forward": "Forward: the values",
    "backward": "Backward: from the result to the variables",
    "method": "Each step takes the gradient that arrives (upstream), multiplies it by the local derivative, "
    "and hands the product on (downstream). Where paths meet, their gradients are added. "
    "`all 3` is a tensor whose elements are all 3.",
    "weighted": "{result} stands for the sum of the result times the gradient that backward starts from.",
    "variable": "variable",
    "computed": "computed",
    "gradient": "gradient",
    "together": "together",
    "start": "start",
    "step": "Step {number}",
    "colon": ": ",
    "upstream": "upstream",
    "local": "local",
    "rule": "rule",
    "downstream": "downstream",
    "numbers": "What {name} hands on has no formula here; the numbers are autograd's.",
    "kink": "The point is a kink, where there is no derivative. Taken instead: {sentence}.",
    "no_rule": "The rule of {operation} works on the whole tensor; `gradcli ops {operation}` tells more.",
    "sum": "the sum over broadcast dims",
    "sum_why": "{operand} of shape {shape} was repeated to shape {broadcast}: every copy gets a gradient, "
    "and that of {operand} is their sum over dim {dims}.",
    "add": "{count} paths meet at {operand}",
    "add_why": "{operand} takes part in {count} places, and each hands back a gradient: they are added.",
    "from": "from step {number}",
    "result": "Result",
    "unreached": "The result does not depend on {name}.",
    "glossary": "Words in the formulas",
    "default": "{names}: not bound, so {default} by default; -v {first}=... binds it",
}
CHINESE = {
    "title": "反向传播：",
    "forward": "前向：各个值",
    "backward": "反向：从结果到变量",
    "method": "每一步把到达的梯度（上游）乘以局部导数，再把乘积传下去（下游）。路径汇合处，梯度相加。"
    "`all 3` 表示每个元素都是 3 的张量。",
    "weighted": "{result} 表示结果乘以起始梯度之后的总和。",
    "variable": "变量",
    "computed": "计算",
    "gradient": "梯度",
    "together": "合计",
    "start": "起点",
    "step": "第 {number} 步",
    "colon": "：",
    "upstream": "上游",
    "local": "局部",
    "rule": "规则",
    "downstream": "下游",
    "numbers": "{name} 传下去的梯度这里没有公式；数值来自自动求导。",
    "kink": "该点是折点，导数不存在。按约定取值：{sentence}。",
    "no_rule": "{operation} 的规则作用于整个张量；`gradcli ops {operation}` 有更多说明。",
    "sum": "沿广播的维求和",
    "sum_why": "形状为 {shape} 的 {operand} 被重复成形状 {broadcast}：每个副本各得一份梯度，"
    "{operand} 的梯度是它们沿第 {dims} 维的和。",
    "add": "{count} 条路径在 {operand} 汇合",
    "add_why": "{operand} 在 {count} 处被用到，每处都传回一份梯度：把它们相加。",
    "from": "来自第 {number} 步",
    "result": "结果",
    "unreached": "结果与 {name} 无关。",
    "glossary": "公式中的用语",
    "default": "{names}：未绑定，默认为 {default}；用 -v {first}=... 绑定",
}
WORDS: dict[str, dict[str, str]] = {"en": ENGLISH, "zh": CHINESE}

# What operations that no user can call do, and notes: in Chinese; others stay in English.
MEANINGS: dict[str, dict[str, str]] = {
    "en": {},
    "zh": {
        "spread": "把归约后的张量沿被归约的维重复开来：求和的转置。",
        "slice_put": "全零张量，其中一段放入给定的值：切片的转置。",
        "select_put": "全零张量，其中一个下标处放入给定的值：按下标选取的转置。",
        "put_along": "全零张量，沿某一维在各个下标处放入一个值：按下标取值的转置。",
        "gather_put": "全零张量，沿某一维把各个值加到对应的下标处：gather 的转置。",
        "take_put": "全零张量，把各个值加到按行展开的位置上：take 的转置。",
        "diagonal_put": "全零张量，对角线上放入给定的值：取对角线的转置。",
        "sum_to": "沿广播增加的维求和：扩展的转置。",
        "unsqueeze_last": "在最右边增加一个长度为 1 的维。",
        "one_less_square": "1 - x**2。",
        "erf_slope": "误差函数的导数，2 / sqrt(pi) e**(-x**2)。",
        "normal_pdf": "标准正态分布的密度。",
        "the root is no scalar, and nothing was bound: backward started from ones, "
        "as --grad-tensors would say": (
            "结果不是标量，变量也未绑定：反向传播从全 1 开始，可用 --grad-tensors 指定"
        ),
    },
}
