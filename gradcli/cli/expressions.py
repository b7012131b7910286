"""Commands whose arguments are expressions: `-x**2` and `-cos(x)` are arguments, not options."""

from __future__ import annotations

import re
from typing import Any

from gradcli.cli.helping import HelpfulCommand

__all__ = ["ExpressionCommand"]

LONG_OPTION = r"(?s:--[A-Za-z][A-Za-z-]+(=.*)?)"
BINDING = r"(?a:-[A-Za-z]\s*[A-Za-z_]\w*=(?!=))"  # -vx=2, the value written onto the option


class ExpressionCommand(HelpfulCommand):
    """Sorts options from expressions before they are parsed, so that both may stand anywhere."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses the arguments with the expressions moved behind a `--`."""
        takes_value = {
            name: not getattr(parameter, "is_flag", False)
            for parameter in self.get_params(ctx)
            for name in (*parameter.opts, *parameter.secondary_opts)
        }
        options: list[str] = []
        expressions: list[str] = []
        rest = iter(args)
        for arg in rest:
            if arg == "--":
                expressions += rest
            elif arg in takes_value and arg.startswith("-"):
                options.append(arg)
                if takes_value[arg]:
                    value = next(rest, None)
                    if value is None:  # the parser's own complaint: no `--` for it to take as the value
                        return super().parse_args(ctx, options)
                    options.append(value)
            elif arg.startswith("-") and (
                re.fullmatch(LONG_OPTION, arg) or (arg[:2] in takes_value and re.match(BINDING, arg))
            ):
                options.append(arg)
            else:
                expressions.append(arg)
        return super().parse_args(ctx, [*options, "--", *expressions])
