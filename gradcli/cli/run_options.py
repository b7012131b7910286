"""The options of `gradcli run`: their names, their types and their help."""

from __future__ import annotations

from typing import Annotated

from gradcli.cli.declaring import Argument, Option

__all__ = [
    "AbsoluteTolerance",
    "Accept",
    "CheckAll",
    "FailFast",
    "JUnit",
    "Jobs",
    "OnlyList",
    "Paths",
    "RelativeTolerance",
    "SampleSeed",
    "Select",
    "ShowOutput",
    "Timeout",
]

Paths = Annotated[
    list[str],
    Argument(metavar="PATH...", help="Scripts, case files, folders, globs; - is a script on standard input."),
]
Jobs = Annotated[int, Option("-j", "--jobs", min=1, max=256, metavar="N", help="Run in N processes.")]
FailFast = Annotated[bool, Option("-x", "--fail-fast", help="Stop at the first sample that fails.")]
Select = Annotated[
    str,
    Option(
        "-k",
        metavar="EXPR",
        help='Run the samples whose file or case names match: "eye and not (sine or doubl)".',
    ),
]
OnlyList = Annotated[bool, Option("--list", help="Show what would run.")]
CheckAll = Annotated[
    bool, Option("--check", help="Ask the witnesses whether the gradients of every case are right.")
]
Accept = Annotated[
    bool,
    Option("--accept", help="Write what scripts print into their sidecars NAME.out, where that differs."),
]
ShowOutput = Annotated[bool, Option("--show-output", help="Show the output of all samples.")]
JUnit = Annotated[
    str | None, Option("--junit-xml", metavar="FILE.xml", help="Write a report for build servers.")
]
SampleSeed = Annotated[
    int | None,
    Option("--seed", metavar="N", help="Of random numbers, where a sample does not set its own."),
]
Timeout = Annotated[float, Option(min=0, metavar="S", help="Time for each sample; 0 is no limit.")]
RelativeTolerance = Annotated[
    float | None,
    Option(
        "--rtol",
        metavar="R",
        help="Relative tolerance. Without it and --atol: in sidecars a unit of the last digit of rounded "
        "numbers, in cases 1e-6 (float32: 1e-4).",
    ),
]
AbsoluteTolerance = Annotated[float | None, Option("--atol", metavar="A", help="Absolute tolerance.")]
