"""How imports become closures: the host says what modules there are, and what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.language import tree
    from gradcli.language.compiling.compiler import Code, Compiler
    from gradcli.language.values.variables import Variables

__all__ = ["import_"]


def import_(compiler: Compiler, node: tree.Import) -> Code:
    """Returns the closure of an import."""
    loads = [
        (loading(compiler, load), compiler.store(load.target), compiler.span(load)) for load in node.loads
    ]
    context = compiler.context

    def run(variables: Variables) -> None:
        for load, store, span in loads:
            context.span = span
            store(variables, load())

    return run


def loading(compiler: Compiler, load: tree.Load) -> Callable[[], Any]:
    """Returns what asks the host for a module or what it holds; of `import a.b`, for `a`."""
    module, member, path, name = compiler.host.module, compiler.host.member, load.path, load.member
    if name is not None:
        return lambda: member(path, name)
    if load.whole:
        return lambda: module(path)
    first = load.target.name

    def load_first() -> Any:
        loaded = module(path)
        return loaded if path == first else module(first)

    return load_first
