"""Records of whole tensors as calls: picking, padding, decompositions, convolutions."""

# Spellings take their records' parameters:
# ruff: noqa: PLR0913

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.explorer.terms import ATOM, Factor

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.explorer.diff.terms import Term
    from gradcli.explorer.diff.writing import Writer

__all__ = ["TENSORS"]


def _polygamma(writer: Writer, term: Term, *, order: int) -> Factor:
    return writer.call("polygamma", str(order), writer.text(term.args[0]))


def _roll(writer: Writer, term: Term, *, shifts: Any, dims: Any, rank: int) -> Factor:
    where = str(tuple(dim + rank for dim in dims)) if dims else ""
    return writer.call("roll", writer.text(term.args[0]), str(shifts if dims else shifts[0]), where)


def _picked(name: str) -> Callable[..., Factor]:
    def write(writer: Writer, term: Term, *, dim: int, rank: int = 0) -> Factor:
        del rank
        x, index = term.args
        return writer.call(name, writer.text(x), str(dim + x.ndim), writer.text(index))

    return write


def _solve_triangle(
    writer: Writer, term: Term, *, upper: bool, left: bool = True, unit: bool = False
) -> Factor:
    options = [f"upper={upper}", "" if left else "left=False", "unitriangular=True" if unit else ""]
    return writer.call("linalg.solve_triangular", *map(writer.text, term.args), *options)


def _decomposed(name: str) -> Callable[..., Factor]:
    def write(writer: Writer, term: Term, **params: Any) -> Factor:
        full = params.get("full")
        return writer.call(name, writer.text(term.args[0]), "" if full is None else f"full_matrices={full}")

    return write


def _of_all(name: str) -> Callable[..., Factor]:
    def write(writer: Writer, term: Term, *, rank: int) -> Factor:
        del rank
        return writer.call(name, writer.text(term.args[0]))

    return write


def _dist(writer: Writer, term: Term, *, order: float, rank: int) -> Factor:
    del rank
    return writer.call("dist", *map(writer.text, term.args), "" if order == 2 else f"p={order}")  # noqa: PLR2004


def _sorted(writer: Writer, term: Term, *, dim: int | None, descending: bool, form: Any) -> Factor:
    del form
    (x,) = term.args
    turned = "descending=True" if descending else ""
    return writer.call("sort", writer.text(x), f"dim={0 if dim is None else dim + x.ndim}", turned)


def _padded(writer: Writer, term: Term, *, pairs: Any, value: Any = 0) -> Factor:
    flat = tuple(one for pair in reversed(pairs) for one in pair)
    return writer.call("F.pad", writer.text(term.args[0]), str(flat), f"value={value}" if value else "")


def _select_scattered(writer: Writer, term: Term, *, dim: int, index: int) -> Factor:
    x, part = map(writer.text, term.args)
    return writer.call("select_scatter", x, part, str(dim + term.ndim), str(index))


def _slice_scattered(writer: Writer, term: Term, *, dim: int, start: int, stop: int, step: int) -> Factor:
    x, part = map(writer.text, term.args)
    return writer.call("slice_scatter", x, part, str(dim + term.ndim), str(start), str(stop), str(step))


def _geometry(geometry: Any, groups: int) -> list[str] | None:
    """The options of a convolution that are not PyTorch's defaults; None where it has no words for it."""
    if any(before != after for before, after in geometry.padding):
        return None
    found = {
        "stride": geometry.stride,
        "padding": tuple(before for before, _ in geometry.padding),
        "dilation": geometry.dilation,
    }
    options = [
        f"{key}={value}" for key, value in found.items() if set(value) != {0 if key == "padding" else 1}
    ]
    return [*options, *([f"groups={groups}"] if groups != 1 else [])]


def _convolution(
    writer: Writer, term: Term, *, geometry: Any, groups: int, sizes: Any, windows: Any
) -> Factor:
    del sizes, windows
    options = _geometry(geometry, groups)
    if options is None:
        writer.unspelled["convolution"] = None
    name = f"F.conv{geometry.rank}d"
    return writer.call(name, *map(writer.text, term.args), *(options or []))


def _convolution_input(
    writer: Writer, term: Term, *, geometry: Any, groups: int, sizes: Any, windows: Any
) -> Factor:
    """The transposed convolution: what a convolution's input gets back."""
    options = _geometry(geometry, groups)
    if options is None:
        writer.unspelled["convolution_input"] = None
    each = zip(
        sizes, windows, geometry.kernel, geometry.stride, geometry.dilation, geometry.padding, strict=True
    )
    more = tuple(
        size - ((count - 1) * stride - sum(padding) + dilation * (kernel - 1) + 1)
        for size, count, kernel, stride, dilation, padding in each
    )
    extra = f"output_padding={more}" if any(more) else ""
    return writer.call(
        f"F.conv_transpose{geometry.rank}d", *map(writer.text, term.args), *(options or []), extra
    )


def _convolution_weight(
    writer: Writer, term: Term, *, geometry: Any, groups: int, sizes: Any, windows: Any
) -> Factor:
    """The convolution of the input with the cotangent, channels and batch exchanged."""
    del sizes, windows
    swapped = geometry._replace(stride=geometry.dilation, dilation=geometry.stride)
    options = _geometry(swapped, 1)
    if options is None or groups != 1:
        writer.unspelled["convolution_weight"] = None
    x, g = (f"{writer.inside(one, ATOM)}.transpose(0, 1)" for one in term.args)
    found = writer.call(f"F.conv{geometry.rank}d", x, g, *(options or [])).text
    cut = ", ".join([":", ":", *[f":{size}" for size in geometry.kernel]])
    return Factor(f"{found}[{cut}].transpose(0, 1)")


TENSORS: dict[str, Callable[..., Factor]] = {
    "polygamma": _polygamma,
    "roll": _roll,
    "gather": _picked("gather"),
    "index_select_dim": _picked("index_select"),
    "solve_triangle": _solve_triangle,
    "linalg_eigh": _decomposed("linalg.eigh"),
    "svd": _decomposed("linalg.svd"),
    "pinv": _decomposed("linalg.pinv"),
    "linalg_qr": _decomposed("linalg.qr"),
    "matrix_exp": _decomposed("matrix_exp"),
    "median_all": _of_all("median"),
    "nanmedian_all": _of_all("nanmedian"),
    "dist": _dist,
    "sort": _sorted,
    "constant_pad": _padded,
    "select_scatter_dim": _select_scattered,
    "slice_scatter_dim": _slice_scattered,
    "convolution": _convolution,
    "convolution_bias": _convolution,
    "convolution_input": _convolution_input,
    "convolution_weight": _convolution_weight,
}
