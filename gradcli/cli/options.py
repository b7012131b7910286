"""Every option once: its name, its type and its help."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

__all__ = [
    "AbsoluteTolerance", "Accept", "AsJson", "CheckAll", "Const", "CreateGraph", "Default",
    "DetectAnomaly", "Dtype", "DtypeName", "FailFast", "Full", "GradTensors", "JUnit", "Jobs", "MaxBytes",
    "MaxCalls", "MaxElements", "MaxIntegerBits", "MaxItems", "MaxNesting", "MaxSeconds", "MaxSteps",
    "MaxText", "NoBackward", "OnlyList", "Passes", "Paths", "Precision", "RelativeTolerance",
    "RetainGrad", "RetainGraph", "SampleSeed", "Save", "Seed", "Select", "Separately", "ShowOutput",
    "Timeout", "Var", "Wrt", "ZeroBetween",
]  # fmt: skip


class DtypeName(StrEnum):
    """The dtypes that floats may have without one of their own."""

    float64 = "float64"
    float32 = "float32"
    float16 = "float16"


Var = Annotated[
    list[str],
    typer.Option(
        "-v",
        "--var",
        metavar="NAME=VALUE",
        help="Bind a variable that requires grad: an expression, @file (.npy, .npz:NAME, .csv, .json) or @-.",
    ),
]
Const = Annotated[
    list[str],
    typer.Option(
        "-c",
        "--const",
        metavar="NAME=VALUE",
        help="Bind a value that does not require grad; whole numbers stay whole (targets, indices).",
    ),
]
Default = Annotated[
    str,
    typer.Option(metavar="VALUE", help="What names without a value stand for."),
]
Dtype = Annotated[DtypeName, typer.Option(help="The dtype of floats without one.")]
Seed = Annotated[int, typer.Option(metavar="N", help="Of random numbers: those of torch.manual_seed.")]
GradTensors = Annotated[
    list[str],
    typer.Option(
        metavar="VALUE",
        help="The gradient of a root, of its shape; once per root, or one list for all. None stands for 1.",
    ),
]
Separately = Annotated[
    bool,
    typer.Option("--separately", help="One backward per root instead of one over all."),
]
RetainGraph = Annotated[
    bool,
    typer.Option("--retain-graph", help="Keep the graph for another backward."),
]
CreateGraph = Annotated[
    bool,
    typer.Option("--create-graph", help="Record the backward pass (implies --retain-graph)."),
]
Wrt = Annotated[
    list[str],
    typer.Option(metavar="NAMES", help="Differentiate for these names only (PyTorch's inputs=)."),
]
Passes = Annotated[
    int,
    typer.Option(min=1, max=1_000_000, metavar="N", help="Run backward N times; gradients add up."),
]
ZeroBetween = Annotated[
    bool,
    typer.Option("--zero-between", help="Clear the gradients between backward runs."),
]
NoBackward = Annotated[bool, typer.Option("--no-backward", help="Values only.")]
RetainGrad = Annotated[
    list[str],
    typer.Option(metavar="NAMES", help="Show the gradients of these intermediate values too."),
]
DetectAnomaly = Annotated[
    bool,
    typer.Option("--detect-anomaly", help="Stop where backward first makes a nan."),
]
Precision = Annotated[int, typer.Option(min=1, max=17, metavar="N", help="Significant digits in tables.")]
Full = Annotated[bool, typer.Option("--full", help="Show big tensors whole instead of summarised.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON (full values, a versioned schema).")]
Save = Annotated[
    str | None,
    typer.Option(metavar="FILE.npz", help="Write values and gradients to a NumPy archive."),
]
MaxElements = Annotated[int | None, typer.Option(min=1, metavar="N", help="Elements of one tensor.")]
MaxBytes = Annotated[int | None, typer.Option(min=1, metavar="N", help="Bytes of all tensors together.")]
Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH...", help="Scripts, case files, folders, globs; - is a script on standard input."
    ),
]
Jobs = Annotated[int, typer.Option("-j", "--jobs", min=1, max=256, metavar="N", help="Run in N processes.")]
FailFast = Annotated[bool, typer.Option("-x", "--fail-fast", help="Stop at the first sample that fails.")]
Select = Annotated[
    str,
    typer.Option(
        "-k",
        metavar="EXPR",
        help='Run the samples whose file or case names match: "eye and not (sine or doubl)".',
    ),
]
OnlyList = Annotated[bool, typer.Option("--list", help="Show what would run.")]
CheckAll = Annotated[
    bool, typer.Option("--check", help="Ask the witnesses whether the gradients of every case are right.")
]
Accept = Annotated[
    bool,
    typer.Option(
        "--accept", help="Write what scripts print into their sidecars NAME.out, where that differs."
    ),
]
ShowOutput = Annotated[bool, typer.Option("--show-output", help="Show the output of all samples.")]
JUnit = Annotated[
    str | None, typer.Option("--junit-xml", metavar="FILE.xml", help="Write a report for build servers.")
]
SampleSeed = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", help="Of random numbers, where a sample does not set its own."),
]
Timeout = Annotated[float, typer.Option(min=0, metavar="S", help="Time for each sample; 0 is no limit.")]
RelativeTolerance = Annotated[
    float | None,
    typer.Option(
        "--rtol",
        metavar="R",
        help="Relative tolerance. Without it and --atol: in sidecars a unit of the last digit of rounded "
        "numbers, in cases 1e-6 (float32: 1e-4).",
    ),
]
AbsoluteTolerance = Annotated[float | None, typer.Option("--atol", metavar="A", help="Absolute tolerance.")]
MaxSeconds = Annotated[float, typer.Option(min=0, metavar="S", help="Time; 0 is no limit.")]
MaxText = Annotated[int | None, typer.Option(min=1, metavar="N", help="Characters of a text.")]
MaxNesting = Annotated[
    int | None, typer.Option(min=1, max=190, metavar="N", help="Brackets inside one another.")
]
MaxIntegerBits = Annotated[
    int | None, typer.Option(min=64, max=14_000, metavar="N", help="Bits of a whole number.")
]
MaxItems = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Items of a list or characters of a string.")
]
MaxSteps = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Turns of loops and calls of functions.")
]
MaxCalls = Annotated[
    int | None, typer.Option(min=1, max=2_000, metavar="N", help="Calls inside one another.")
]
