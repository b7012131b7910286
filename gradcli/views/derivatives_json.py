"""Jacobians, Hessians and derivatives along a direction as JSON and as NumPy archives."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import numpy as np

from gradcli.views.json import dump, plain, plain_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.reports.derivatives import Directional, Hessian, Jacobian, Variable
    from gradcli.reports.evaluation import Root

__all__ = [
    "directional_arrays", "directional_json", "hessian_arrays", "hessian_json", "jacobian_arrays",
    "jacobian_json", "plain_variables", "write_arrays",
]  # fmt: skip


def jacobian_json(report: Jacobian) -> str:
    """Returns the schema `gradcli.jacobian/1`."""
    return dump(
        {
            "schema": "gradcli.jacobian/1",
            "roots": _roots(report.roots),
            "variables": plain_variables(report.variables),
            "blocks": [
                {
                    "root": block.root,
                    "name": block.name,
                    "shape": list(block.array.shape),
                    "value": plain(block.array),
                    "dependent": block.dependent,
                }
                for block in report.blocks
            ],
            "mode": report.mode,
            "directions": report.directions,
            "passes": report.passes,
            "notes": list(report.notes),
        }
    )


def hessian_json(report: Hessian) -> str:
    """Returns the schema `gradcli.hessian/1`."""
    return dump(
        {
            "schema": "gradcli.hessian/1",
            "root": _roots([report.root])[0],
            "variables": plain_variables(report.variables),
            "gradient": plain(report.gradient),
            "matrix": plain(report.matrix),
            "mode": report.mode,
            "eigenvalues": plain(report.eigenvalues),
            "condition": plain_number(report.condition),
            "asymmetry": plain_number(report.asymmetry),
            "gradient_norm": plain_number(report.gradient_norm),
            "point": report.point,
            "verdict": report.verdict,
            "notes": list(report.notes),
        }
    )


def directional_json(report: Directional) -> str:
    """Returns the schema `gradcli.jvp/1` or `gradcli.hvp/1`."""
    found: dict[str, Any] = {
        "schema": f"gradcli.{report.product}/1",
        "roots": _roots(report.roots),
        "direction": [
            {"name": one.name, "value": plain(one.array), "direction": plain(one.derivative)}
            for one in report.directions
        ],
        "results": [
            {"name": one.name, "shape": list(one.array.shape), "value": plain(one.derivative)}
            for one in report.results
        ],
        "mode": report.mode,
        "notes": list(report.notes),
    }
    if report.product == "hvp":
        found["slope"] = plain_number(report.slope)
        found["curvature"] = plain_number(report.curvature)
    return dump(found)


def jacobian_arrays(report: Jacobian) -> dict[str, Any]:
    """Returns what is saved: `root_0`, `value_x`, and a block as `jacobian_0_x`."""
    return {
        **{f"root_{number}": root.array for number, root in enumerate(report.roots)},
        **{f"value_{one.name}": one.array for one in report.variables},
        **{f"jacobian_{block.root}_{block.name}": block.array for block in report.blocks},
    }


def hessian_arrays(report: Hessian) -> dict[str, Any]:
    """Returns what is saved: `root_0`, `value_x`, `hessian` and `gradient` (variable after variable)."""
    found = {
        "root_0": report.root.array,
        **{f"value_{one.name}": one.array for one in report.variables},
        "gradient": report.gradient,
        "hessian": report.matrix,
    }
    return found if report.eigenvalues is None else {**found, "eigenvalues": report.eigenvalues}


def directional_arrays(report: Directional) -> dict[str, Any]:
    """Returns what is saved: `root_0`, `value_x`, `direction_x`, and `jvp_0` per root or `hvp_x`."""
    hvp = report.product == "hvp"
    return {
        **{f"root_{number}": root.array for number, root in enumerate(report.roots)},
        **{f"value_{one.name}": one.array for one in report.directions},
        **{f"direction_{one.name}": one.derivative for one in report.directions},
        **{
            f"{report.product}_{one.name if hvp else number}": one.derivative
            for number, one in enumerate(report.results)
        },
    }


def write_arrays(arrays: dict[str, Any], stream: IO[bytes]) -> None:
    """Writes arrays under their names to a NumPy archive (.npz)."""
    np.savez(stream, **arrays)


def plain_variables(variables: Sequence[Variable]) -> list[dict[str, Any]]:
    """Returns variables as lists and numbers."""
    return [
        {
            "name": one.name,
            "shape": list(one.array.shape),
            "dtype": one.dtype,
            "value": plain(one.array),
            "default": one.default,
        }
        for one in variables
    ]


def _roots(roots: Sequence[Root]) -> list[dict[str, Any]]:
    return [
        {
            "expr": root.expression,
            "value": plain(root.array),
            "shape": list(root.array.shape),
            "dtype": root.dtype,
        }
        for root in roots
    ]
