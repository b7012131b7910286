"""Functions that change their first argument: `relu_(x)` for `x.relu_()`, where PyTorch has both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.methods import find_method
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import TypeFault

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["IN_PLACE", "in_place"]

# By namespace, the names that PyTorch offers as functions, apart by spaces.
IN_PLACE = {
    "": (
        "abs_ acos_ acosh_ addmv_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_ asin_ asinh_ atan_ "
        "atanh_ ceil_ celu_ clamp_ clamp_max_ clamp_min_ clip_ cos_ cosh_ deg2rad_ detach_ erf_ erfc_ exp2_ "
        "exp_ expm1_ fill_ fix_ floor_ frac_ gcd_ i0_ index_put_ lcm_ ldexp_ log10_ log1p_ log2_ log_ logit_ "
        "nan_to_num_ neg_ rad2deg_ reciprocal_ relu_ round_ rsqrt_ selu_ sigmoid_ sin_ sinc_ sinh_ sqrt_ "
        "square_ tan_ tanh_ threshold_ trunc_ xlogy_ zero_"
    ),
    "nn.functional": "celu_ elu_ hardtanh_ leaky_relu_ relu_ selu_ threshold_",
}


def in_place(name: str) -> Callable[..., Any]:
    """Returns the function that applies Tensor's method of this name to its first argument."""

    def function(input: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: A002 - PyTorch's name
        if not isinstance(input, Tensor):
            raise TypeFault(
                "E303",
                f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}",
            )
        find_method(name)  # sets it on the class where it is not yet
        return vars(Tensor)[name](input, *args, **kwargs)

    function.__name__ = name
    return function
