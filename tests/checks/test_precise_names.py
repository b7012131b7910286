"""What the witness of many digits says it cannot do, in the user's words."""

from __future__ import annotations

from gradcli.cli.app import run
from gradcli.diagnostics import NotImplementedFault
from gradcli.symbolic import PreciseAlgebra


def test_an_operation_without_many_digits_goes_by_what_the_user_wrote(capsys, monkeypatch):
    apply = PreciseAlgebra.apply

    def limited(m, record, values, params):
        if record.name == "pow_scalar":
            raise NotImplementedFault("E308", "pow_scalar cannot be evaluated to many digits")
        return apply(m, record, values, params)

    monkeypatch.setattr(PreciseAlgebra, "apply", limited)
    assert run(["check", "sin(x**3)", "-v", "x=1.5"]) == 0
    assert "precise: x**3 cannot be evaluated to many digits" in capsys.readouterr().out
