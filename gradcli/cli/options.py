"""The options of more than one command, each once: its name, its type and its help."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from gradcli.cli.declaring import Option

__all__ = [
    "AllowInconclusive",
    "AsJson",
    "Const",
    "CreateGraph",
    "Default",
    "DetectAnomaly",
    "Dtype",
    "DtypeName",
    "Full",
    "GradTensors",
    "MaxBytes",
    "MaxCalls",
    "MaxElements",
    "MaxIntegerBits",
    "MaxItems",
    "MaxNesting",
    "MaxSeconds",
    "MaxSteps",
    "MaxText",
    "NoBackward",
    "Passes",
    "Precision",
    "RetainGrad",
    "RetainGraph",
    "Save",
    "Seed",
    "Separately",
    "Var",
    "Wrt",
    "ZeroBetween",
]


class DtypeName(StrEnum):
    """The dtypes that floats may have without one of their own."""

    float64 = "float64"
    float32 = "float32"
    float16 = "float16"


Var = Annotated[
    list[str],
    Option(
        "-v",
        "--var",
        metavar="NAME=VALUE",
        help="Bind a variable that requires grad: an expression, @file (.npy, .npz:NAME, .csv, .json) or @-.",
    ),
]
Const = Annotated[
    list[str],
    Option(
        "-c",
        "--const",
        metavar="NAME=VALUE",
        help="Bind a value that does not require grad; whole numbers stay whole (targets, indices).",
    ),
]
Default = Annotated[
    str,
    Option(metavar="VALUE", help="What names without a value stand for."),
]
Dtype = Annotated[DtypeName, Option(help="The dtype of floats without one.")]
Seed = Annotated[int, Option(metavar="N", help="Of random numbers: those of torch.manual_seed.")]
GradTensors = Annotated[
    list[str],
    Option(
        metavar="VALUE",
        help="The gradient of a root, of its shape; once per root, or one list for all. None stands for 1.",
    ),
]
Separately = Annotated[
    bool,
    Option("--separately", help="One backward per root instead of one over all."),
]
RetainGraph = Annotated[
    bool,
    Option("--retain-graph", help="Keep the graph for another backward."),
]
CreateGraph = Annotated[
    bool,
    Option("--create-graph", help="Record the backward pass (implies --retain-graph)."),
]
Wrt = Annotated[
    list[str],
    Option(metavar="NAMES", help="Differentiate for these names only (PyTorch's inputs=)."),
]
Passes = Annotated[
    int,
    Option(min=1, max=1_000_000, metavar="N", help="Run backward N times; gradients add up."),
]
ZeroBetween = Annotated[
    bool,
    Option("--zero-between", help="Clear the gradients between backward runs."),
]
NoBackward = Annotated[bool, Option("--no-backward", help="Values only.")]
RetainGrad = Annotated[
    list[str],
    Option(metavar="NAMES", help="Show the gradients of these intermediate values too."),
]
DetectAnomaly = Annotated[
    bool,
    Option("--detect-anomaly", help="Stop where backward first makes a nan."),
]
AllowInconclusive = Annotated[
    bool, Option("--allow-inconclusive", help="Exit 0 where the witnesses cannot tell.")
]
Precision = Annotated[int, Option(min=1, max=17, metavar="N", help="Significant digits in tables.")]
Full = Annotated[bool, Option("--full", help="Show big tensors whole instead of summarised.")]
AsJson = Annotated[bool, Option("--json", help="Print JSON (full values, a versioned schema).")]
Save = Annotated[
    str | None,
    Option(metavar="FILE.npz", help="Write values and gradients to a NumPy archive."),
]
MaxElements = Annotated[int | None, Option(min=1, metavar="N", help="Elements of one tensor.")]
MaxBytes = Annotated[int | None, Option(min=1, metavar="N", help="Bytes of all tensors together.")]
MaxSeconds = Annotated[float, Option(min=0, metavar="S", help="Time; 0 is no limit.")]
MaxText = Annotated[int | None, Option(min=1, metavar="N", help="Characters of a text.")]
MaxNesting = Annotated[int | None, Option(min=1, max=190, metavar="N", help="Brackets inside one another.")]
MaxIntegerBits = Annotated[
    int | None, Option(min=64, max=14_000, metavar="N", help="Bits of a whole number.")
]
MaxItems = Annotated[
    int | None, Option(min=1, metavar="N", help="Items of a list or characters of a string.")
]
MaxSteps = Annotated[int | None, Option(min=1, metavar="N", help="Turns of loops and calls of functions.")]
MaxCalls = Annotated[int | None, Option(min=1, max=2_000, metavar="N", help="Calls inside one another.")]
