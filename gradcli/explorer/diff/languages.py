"""The languages that formulas are written in: what functions, dims and shapes are called in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["GRADCLI", "JAX", "NUMPY", "SYMPY", "TORCH", "Language"]


class Language(NamedTuple):
    """How a language writes what the others write otherwise.

    Attributes:
        name: what `--emit` calls it.
        prefix: stands before a function without an entry of its own.
        functions: by PyTorch's name.
        dim: the keyword for a dim.
        keepdim: the keyword that keeps it.
        closed: whether it has no other functions than those listed.
        correction: the keyword for what a variance subtracts from its count.
        size: the attribute that tells how many elements there are.
        relations: whether comparisons are functions.
        functional: stands before what PyTorch has in nn.functional.
        numbers: whether functions take plain numbers.
    """

    name: str
    prefix: str
    functions: Mapping[str, str]
    dim: str = "dim"
    keepdim: str = "keepdim"
    closed: bool = False
    correction: str = "correction"
    size: str = "numel()"
    relations: bool = False
    functional: str = "F."
    numbers: bool = True


SAME = (
    "exp exp2 expm1 log log2 log10 log1p sqrt sin cos tan sinh cosh tanh sinc hypot logaddexp logaddexp2 "
    "maximum minimum fmax fmin sign floor ceil trunc deg2rad rad2deg copysign heaviside prod trace diag tril "
    "triu flip roll cumsum cumprod stack sum mean var std where outer eye arange zeros ones zeros_like "
    "ones_like broadcast_to reshape abs pi diagonal square clip isnan isinf isfinite signbit"
)
RENAMED = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh",
    "atanh": "arctanh", "atan2": "arctan2", "amax": "max", "amin": "min", "cat": "concatenate",
    "permute": "transpose", "pow": "power", "inv": "linalg.inv", "det": "linalg.det", "norm": "linalg.norm",
    "linalg.solve": "linalg.solve", "linalg.slogdet": "linalg.slogdet", "linalg.cholesky": "linalg.cholesky",
    "tensor": "array",
}  # fmt: skip
SCIPY = {
    "erf": "erf", "erfc": "erfc", "erfinv": "erfinv", "lgamma": "gammaln", "digamma": "digamma",
    "logsumexp": "logsumexp", "i0": "i0", "i1": "i1",
}  # fmt: skip


def _under(prefix: str, names: str) -> dict[str, str]:
    return {name: prefix + name for name in names.split()}


def _arrays(prefix: str) -> dict[str, str]:
    return {**_under(prefix, SAME), **{key: prefix + name for key, name in RENAMED.items()}}


# What NumPy and those after its fashion say.
ARRAYS: Any = {
    "dim": "axis", "keepdim": "keepdims", "closed": True, "correction": "ddof", "size": "size",
}  # fmt: skip
GRADCLI = Language("gradcli", "", {})
TORCH = Language(
    "torch",
    "torch.",
    {
        "inv": "torch.linalg.inv",
        "det": "torch.linalg.det",
        "norm": "torch.linalg.vector_norm",
        "pi": "torch.tensor(torch.pi)",
    },
    functional="torch.nn.functional.",
    numbers=False,
)
NUMPY = Language(
    "numpy",
    "np.",
    {
        **_arrays("np."),
        **{key: f"special.{name}" for key, name in SCIPY.items()},
        "sigmoid": "special.expit", "softmax": "special.softmax", "log_softmax": "special.log_softmax",
        "logit": "special.logit", "F.logsigmoid": "special.log_expit",
        "special.ndtr": "special.ndtr",
    },
    **ARRAYS,
)  # fmt: skip
JAX = Language(
    "jax",
    "jnp.",
    {
        **_arrays("jnp."),
        **{key: f"jax.scipy.special.{name}" for key, name in SCIPY.items()},
        "sigmoid": "jax.nn.sigmoid", "softmax": "jax.nn.softmax", "log_softmax": "jax.nn.log_softmax",
        "F.one_hot": "jax.nn.one_hot", "F.logsigmoid": "jax.nn.log_sigmoid", "F.silu": "jax.nn.silu",
        "relu": "jax.nn.relu", "F.softplus": "jax.nn.softplus", "special.ndtr": "jax.scipy.special.ndtr",
    },
    **ARRAYS,
)  # fmt: skip
SYMPY = Language(
    "sympy",
    "np.",
    {
        **_under(
            "np.",
            "prod trace diag tril triu flip roll cumsum cumprod stack sum mean outer eye arange zeros ones "
            "broadcast_to reshape zeros_like ones_like diagonal",
        ),
        # What stands under these names is in the program itself: emitting_sympy.py.
        **_under(
            "",
            "exp log sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sign abs erf lgamma "
            "sigmoid log1p expm1 where lt le gt ge eq ne relu maximum minimum inv det norm softmax logsumexp "
            "log_softmax",
        ),
        "cat": "np.concatenate", "permute": "np.transpose", "tensor": "np.array", "pi": "sympy.pi",
    },
    relations=True,
    **ARRAYS,
)  # fmt: skip
