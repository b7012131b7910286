"""The language: text to a checked program, and a program to closures that run against a host.

`parse` reads a text, `Program` says which names it expects, `compile_program` makes it an `Executable`
for a `Host`, whose `run` returns the value of the last expression.
"""

from gradcli.language.executable import NOTHING, Executable, Step, compile_program
from gradcli.language.host import Context, Host
from gradcli.language.limits import Limits
from gradcli.language.program import Program, parse, parse_value
from gradcli.language.values.faults import (
    AssertionFault,
    Caught,
    ErrorKind,
    ImportFault,
    KeyFault,
    ModuleFault,
    OverflowFault,
    ZeroDivisionFault,
)
from gradcli.language.values.formatting import Formatter
from gradcli.language.values.function import Function
from gradcli.language.values.items import Lazy
from gradcli.language.values.meter import Meter
from gradcli.language.values.methods import Method
from gradcli.language.values.plain import PLAIN
from gradcli.language.values.tools import Tools
from gradcli.language.values.variables import Globals, Variables

__all__ = [
    "NOTHING",
    "PLAIN",
    "AssertionFault",
    "Caught",
    "Context",
    "ErrorKind",
    "Executable",
    "Formatter",
    "Function",
    "Globals",
    "Host",
    "ImportFault",
    "KeyFault",
    "Lazy",
    "Limits",
    "Meter",
    "Method",
    "ModuleFault",
    "OverflowFault",
    "Program",
    "Step",
    "Tools",
    "Variables",
    "ZeroDivisionFault",
    "compile_program",
    "parse",
    "parse_value",
]
