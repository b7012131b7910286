"""Case files: TOML with a table `[[case]]` per case, and defaults for all of them in `[defaults]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.diagnostics import InputFault, Label, Source, Span, did_you_mean
from gradcli.explorer.request import Backward, EvalRequest
from gradcli.explorer.running.confinement import confined, names_file
from gradcli.explorer.running.fields import EXPECT, KEYS, Misfit, expected
from gradcli.explorer.running.places import Place, places
from gradcli.explorer.running.samples import Case, Expected, Options
from gradcli.explorer.running.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.explorer.running.places import Path

__all__ = ["load_cases", "place_of"]

HEADERS = ("case", "defaults")
TABLES = ("vars", "consts", "expect")  # defaults and a case's own are taken together, name by name


def load_cases(path: str, source: Source, options: Options) -> list[Case]:
    """Returns the cases of a file, in its order.

    Raises:
        InputFault: it is no TOML, or a key or value in it is not one of a case; the error says where.
    """
    document = read_toml(source)
    for key in document:
        if key not in HEADERS:
            raise _misplaced(source, (key,), f"`{key}` is no part of a case file", did_you_mean(key, HEADERS))
    tables, defaults = document.get("case", []), document.get("defaults", {})
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _misplaced(source, ("case",), "cases are tables of a list", help="head each case with [[case]]")
    if not tables:
        raise InputFault("E537", f"`{path}` holds no case", help="head each case with [[case]]")
    if not isinstance(defaults, dict):
        raise _misplaced(source, ("defaults",), "defaults are a table", help="head them with [defaults]")
    if "name" in defaults:
        raise _misplaced(source, ("defaults", "name"), "each case has a name of its own")
    _converted(source, ("defaults",), defaults)
    cases: dict[str, Case] = {}
    for number, table in enumerate(tables):
        case = _case(path, source, number, _merged(defaults, table), options)
        if case.name in cases:
            raise InputFault(
                "E536",
                f"two cases are called `{case.name}`",
                span=place_of(source, ("case", number, "name")),
                related=_first(source, ("case", cases[case.name].number, "name")),
                help="give each case a name of its own",
            )
        cases[case.name] = case
    return list(cases.values())


def _first(source: Source, path: Path) -> tuple[Label, ...]:
    span = place_of(source, path)
    return () if span is None else (Label(span, "the first"),)


def place_of(source: Source, path: Path, *, value: bool = False, exact: bool = False) -> Span | None:
    """Returns where a key of a case file stands, or its value.

    Of one that is missing, the nearest table's place, or None if `exact` is asked for.
    """
    found = places(source.text)
    while path and path not in found and not exact:
        path = path[:-1]
    place: Place | None = found.get(path)
    return None if place is None else Span(source, *(place.value if value else place.key))


def _merged(defaults: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    if not defaults:
        return table
    merged = {**defaults, **table}
    for key in TABLES:
        if isinstance(table.get(key), dict) and isinstance(defaults.get(key), dict):
            merged[key] = {**defaults[key], **table[key]}
    return merged


def _converted(source: Source, path: Path, table: dict[str, Any]) -> dict[str, Any]:
    """The values of a table, as `eval` takes them."""
    values = {}
    for key, value in table.items():
        if key not in KEYS:
            known = list(KEYS)
            label = did_you_mean(key, known)
            raise _misplaced(source, (*path, key), f"`{key}` is no key of a case", label, _keys(known))
        try:
            values[key] = KEYS[key](value)
        except Misfit as misfit:
            raise _misfit(source, (*path, key), misfit) from None
    for key in values.get("expect", ()):
        if key not in EXPECT:
            label = did_you_mean(key, EXPECT)
            where = (*path, "expect", key)
            raise _misplaced(source, where, f"`{key}` is nothing to expect", label, _keys(EXPECT))
    return values


def _case(path: str, source: Source, number: int, table: dict[str, Any], options: Options) -> Case:
    where: Path = ("case", number)
    values = _converted(source, where, table)
    for key, example in (("name", 'name = "a square"'), ("expr", 'expr = "mean(x**2)"')):
        if key not in values:
            raise _misplaced(source, where, f"the case has no {key}", help=f"add {example}", code="E537")
    check = options.check or values.get("check", False)
    wanted = _wanted(source, where, values, check=check)
    request = _request(values, options)
    reads_files = any(map(names_file, _texts(request, wanted)))
    if reads_files:
        try:
            request, wanted = _confined(request, wanted, path)
        except Misfit as misfit:
            raise _misfit(source, where, misfit, code="E538") from None
    return Case(
        path=path,
        name=values["name"],
        source=source,
        number=number,
        request=request,
        expected=wanted,
        rtol=options.rtol if options.rtol is not None else values.get("rtol"),
        atol=options.atol if options.atol is not None else values.get("atol"),
        check=check,
        reads_files=reads_files,
    )


def _wanted(source: Source, where: Path, values: dict[str, Any], *, check: bool) -> Expected:
    """What a case expects: something, or a check."""
    try:
        wanted = expected(values.get("expect", {}), len(values["expr"]))
    except Misfit as misfit:
        raise _misfit(source, (*where, "expect"), misfit) from None
    if not wanted.anything and not check:
        way = 'add expect.value = "3", or check = true'
        raise _misplaced(source, where, "the case expects nothing", help=way, code="E537")
    return wanted


def _request(values: dict[str, Any], options: Options) -> EvalRequest:
    """What `eval` is asked."""
    return EvalRequest(
        expressions=values["expr"],
        variables=values.get("vars", ()),
        constants=values.get("consts", ()),
        default=values.get("default", "ones(2, 2)"),
        backward=Backward(
            grad_tensors=values.get("grad_tensors", ()),
            separately=values.get("separately", False),
            retain_graph=values.get("retain_graph"),
            create_graph=values.get("create_graph", False),
            wrt=values.get("wrt", ()),
            passes=values.get("passes", 1),
            zero_between=values.get("zero_between", False),
        ),
        dtype=values.get("dtype", "float64"),
        seed=values.get("seed", options.seed or 0),
        limits=options.limits,
        max_elements=options.max_elements,
        max_bytes=options.max_bytes,
    )


def _texts(request: EvalRequest, wanted: Expected) -> Iterator[str]:
    """The texts of a case that may stand for a file."""
    yield from request.expressions
    yield from (text.partition("=")[2] for text in (*request.variables, *request.constants))
    yield from (request.default, *request.backward.grad_tensors)
    yield from wanted.values
    yield from (text for _, text in wanted.gradients)


def _confined(request: EvalRequest, wanted: Expected, path: str) -> tuple[EvalRequest, Expected]:
    """The same with files sought beside the case file, and nowhere else."""

    def beside(texts: tuple[str, ...], *key: str) -> tuple[str, ...]:
        return tuple(confined(text, path, key) for text in texts)

    def bound(texts: tuple[str, ...], key: str) -> tuple[str, ...]:
        pairs = [text.partition("=") for text in texts]
        return tuple(f"{name}={confined(text, path, (key, name))}" for name, _, text in pairs)

    return request._replace(
        expressions=beside(request.expressions, "expr"),
        variables=bound(request.variables, "vars"),
        constants=bound(request.constants, "consts"),
        default=confined(request.default, path, ("default",)),
        backward=request.backward._replace(
            grad_tensors=beside(request.backward.grad_tensors, "grad_tensors")
        ),
    ), wanted._replace(
        values=beside(wanted.values, "expect", "value"),
        gradients=tuple(
            (name, confined(text, path, ("expect", "grad", name))) for name, text in wanted.gradients
        ),
    )


def _misfit(source: Source, path: Path, misfit: Misfit, code: str = "E535") -> InputFault:
    path = (*path, *misfit.inner)
    dotted = ".".join(str(part) for part in path if isinstance(part, str) and part not in HEADERS)
    return InputFault(
        code,
        f"`{dotted}`: {misfit.message}",
        span=place_of(source, path),
        help=misfit.help,
    )


def _misplaced(  # noqa: PLR0913 - the parts of a diagnostic
    source: Source,
    path: Path,
    message: str,
    label: str = "",
    help: str = "",  # noqa: A002 - as in diagnostics
    code: str = "E534",
) -> InputFault:
    return InputFault(code, message, span=place_of(source, path), label=label, help=help)


def _keys(known: list[str] | tuple[str, ...]) -> str:
    return f"the keys are {', '.join(known)}"
