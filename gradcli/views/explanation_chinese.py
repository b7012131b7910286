"""What explanations quote, in Chinese: conventions at kinks, the meaning of words in formulas, notes.

What is missing here is told in general words with a hint where the record says it.
"""

# ruff: noqa: RUF001 - Chinese punctuation is Chinese

from __future__ import annotations

__all__ = ["KINKS", "MEANINGS", "NOTES"]

# Per sentence of a record's `kinks`.
KINKS = {
    "0**x has derivative 0": "0**x 的导数取 0",
    "above the threshold it is x, with derivative 1": "超过阈值时函数就是 x，导数取 1",
    "at 0 the derivative is 0, where the norm has none": "范数在 0 处不可导，导数取 0",
    "at equal arguments the derivative is 0": "两个参数相等处，导数取 0",
    "at its jump, b < 0 and a = 0, the derivative is that of the pieces": (
        "在跳跃处（b < 0 且 a = 0），取两侧各段的导数"
    ),
    "at powers of two the derivative is that of the piece above": "在 2 的幂处，取上面一段的导数",
    "at the jumps the derivative is that of one of the pieces": "在跳跃处，取其中一段的导数",
    "at the jumps the derivative is that of the piece to the right": "在跳跃处，取右侧一段的导数",
    "at the origin the derivatives are 0": "在原点处，各导数取 0",
    "at the origin the derivatives are nan": "在原点处，各导数为 nan",
    "equal arguments get half of the cotangent each": "两个参数相等时，各分得梯度的一半",
    "of constants it is 0 and so is its derivative; of one element it is nan": (
        "各元素相同时，值与导数都为 0；只有一个元素时为 nan"
    ),
    "of equal arguments the first gets the cotangent": "两个参数相等时，梯度归第一个",
    "of the largest elements for p = inf each gets an even share": "p = inf 时，各个绝对值最大的元素平分梯度",
    "of tied elements the first gets the cotangent": "有并列的元素时，梯度归第一个",
    "of tied elements the last gets the cotangent": "有并列的元素时，梯度归最后一个",
    "of tied elements the last so far gets the cotangent": "有并列的元素时，梯度归到此为止的最后一个",
    "of tied elements the one in the middle gets the cotangent": "有并列的元素时，梯度归居中的一个",
    "of tied largest differences for p = inf each gets the whole cotangent": (
        "p = inf 时，并列最大的差各得全部梯度"
    ),
    "one triangle is read, and the gradient is that of a symmetric matrix": (
        "只读取矩阵的一个三角部分，梯度按对称矩阵计算"
    ),
    "only the chosen side gets a cotangent; an inf or nan in it meets 0 * inf inside that side": (
        "只有被选中的一侧得到梯度；该侧内部的 inf 或 nan 会碰上 0 * inf"
    ),
    "the derivative at -3 and 3 is 0": "在 -3 与 3 处，导数取 0",
    "the derivative at -3 is 0, at 3 it is 1": "在 -3 处导数取 0，在 3 处取 1",
    "the derivative at -lambd and lambd is 0; at nan it is 1": (
        "在 -lambd 与 lambd 处，导数取 0；在 nan 处取 1"
    ),
    "the derivative at 0 is 0": "在 0 处，导数取 0",
    "the derivative at 0 is 0; at nan it is 1": "在 0 处，导数取 0；在 nan 处取 1",
    "the derivative at 0 is 1": "在 0 处，导数取 1",
    "the derivative at 0 is alpha": "在 0 处，导数取 alpha",
    "the derivative at 0 is the negative slope": "在 0 处，导数取负半轴的斜率",
    "the derivative at a bound is 1; at nan it is 0": "在边界上，导数取 1；在 nan 处取 0",
    "the derivative at both ends is 0; at nan it is 1": "在两个端点处，导数取 0；在 nan 处取 1",
    "the derivative at the threshold is 0; at nan it is 1": "在阈值处，导数取 0；在 nan 处取 1",
    "the derivative in a at a = 0 is 0": "在 a = 0 处，对 a 的导数取 0",
    "the derivative in x at 0 is the weight": "在 0 处，对 x 的导数取 weight",
    "the derivative is 0 also at the jumps": "在跳跃处，导数同样取 0",
    "the derivative is 1 also at the jumps": "在跳跃处，导数同样取 1",
    "tied elements keep their order, and each cotangent goes to the one picked": (
        "并列的元素保持原来的次序，每份梯度归被取出的那一个"
    ),
    "tied elements share the cotangent evenly": "并列的元素平分梯度",
    "tied extremes at one place share the cotangent evenly": "落在同一处的并列极值平分梯度",
    "where a = 0 and b <= -1 the derivative in a is 0": "在 a = 0 且 b <= -1 处，对 a 的导数取 0",
    "where a = 0 and b <= 0 the derivative in a is 0, and that in b is a / b": (
        "在 a = 0 且 b <= 0 处，对 a 的导数取 0，对 b 的导数取 a / b"
    ),
    "where a = b the derivative is 0": "在 a = b 处，导数取 0",
    "where a margin is met exactly the derivative is 0": "恰好达到间隔处，导数取 0",
    "where two rows are equal the derivative is 0": "两行相等处，导数取 0",
    "with eps the derivative is 0 below eps and above 1 - eps": (
        "给定 eps 时，在 eps 以下和 1 - eps 以上，导数取 0"
    ),
    "x**0 has derivative 0 in x; 0**x has derivative 0 in x for x >= 0": (
        "x**0 对 x 的导数取 0；x >= 0 时 0**x 对 x 的导数取 0"
    ),
}

# Per operation that formulas name and that no user can call.
MEANINGS = {
    "spread": "把归约后的张量沿被归约的维重复开来：求和的转置。",
    "slice_put": "全零张量，其中一段放入给定的值：切片的转置。",
    "select_put": "全零张量，其中一个下标处放入给定的值：按下标选取的转置。",
    "put_along": "全零张量，沿某一维在各个下标处放入一个值：按下标取值的转置。",
    "add_along": "全零张量，沿某一维把各个值加到对应的下标处：pick_along 的转置。",
    "take_along": "沿某一维按下标各取一个元素，不重复取。",
    "pick_along": "沿某一维按下标取元素，下标可以重复。",
    "gather_put": "全零张量，沿某一维把各个值加到对应的下标处：gather 的转置。",
    "take_put": "全零张量，把各个值加到按行展开的位置上：take 的转置。",
    "index_put_zero": "全零张量，把各个值加到下标张量所指的位置上：高级索引的转置。",
    "index_select_put": "全零张量，把各个切片加到某一维的对应下标处：index_select 的转置。",
    "diagonal_put": "全零张量，对角线上放入给定的值：取对角线的转置。",
    "diagonal_copy": "对角线的副本。",
    "plane_take": "按平面内的位置取元素。",
    "plane_put": "全零张量，把各个值加到平面内的对应位置上：plane_take 的转置。",
    "plane_set": "全零张量，在平面内的对应位置上放入各个值。",
    "masked_put": "全零张量，在掩码为真处依次放入各个值：masked_select 的转置。",
    "table_rows": "表中的若干行。",
    "table_rows_put": "全零张量，把各行加到对应的位置上，填充行除外。",
    "table_rows_kept": "表中的若干行，填充行为零：table_rows_put 的转置。",
    "unfold_put": "把各个滑动窗口加回原来的位置：unfold 的转置。",
    "copy_pad_collect": "把填充时复制的值加回原来的位置：copy_pad 的转置。",
    "resample_back": "resample 的转置。",
    "shift": "沿最后一维移动元素，空出的位置补零。",
    "sum_to": "沿广播增加的维求和：扩展的转置。",
    "unsqueeze_last": "在最右边增加一个长度为 1 的维。",
    "squeeze_last": "去掉最右边长度为 1 的维。",
    "as_row": "把向量写成一行的矩阵。",
    "from_row": "把一行的矩阵写成向量。",
    "cast": "换成另一种 dtype 的同样的元素。",
    "every": "是否所有元素都为真。",
    "one_less_square": "1 - x**2。",
    "erf_slope": "误差函数的导数，2 / sqrt(pi) e**(-x**2)。",
    "normal_pdf": "标准正态分布的密度。",
    "normal_hazard": "正态分布的密度除以分布函数，离 0 多远都算得准。",
    "cofactor": "代数余子式矩阵：行列式的导数。",
    "well_conditioned": "一批矩阵中哪些远非奇异，写成形状为 (..., 1, 1) 的掩码。",
    "inv_lenient": "矩阵的逆；奇异时为伴随矩阵 / 0，即无穷和 nan。",
    "solve_triangle": "A 为三角矩阵时，用代入法求 A X = B 或 X A = B 的解 X。",
    "solve_right": "X A = B 的解 X。",
    "solve_vector": "A x = b 的解 x。",
    "lu_factors": "行交换，以及因子 L 和 U。",
    "convolution": "卷积核与输入的每个窗口逐项相乘后的和。",
    "convolution_input": "转置卷积：每个元素铺开一份卷积核的倍数。",
    "convolution_weight": "卷积的梯度对卷积核的要求。",
    "im2col": "把图像的每个窗口排成一列。",
    "col2im": "把各列加回它们原来所在的图像窗口。",
    "bessel_i": "第一类修正贝塞尔函数。",
    "bessel_ie": "e**-|x| 乘以第一类修正贝塞尔函数。",
    "spherical_bessel": "第一类球贝塞尔函数：sinc 的各阶导数。",
    "ctc_posterior": "给定标签序列时，各时刻出现各标签的概率。",
    "zeta_of": "赫尔维茨 zeta 函数，(k + b)**-a 对 k >= 0 求和。",
    "zeta_by": "赫尔维茨 zeta 函数，(k + b)**-a 对 k >= 0 求和。",
}

NOTES = {
    "the root is no scalar, and nothing was bound: backward started from ones, as --grad-tensors would say": (
        "结果不是标量，变量也未绑定：反向传播从全 1 开始，可用 --grad-tensors 指定"
    ),
}
