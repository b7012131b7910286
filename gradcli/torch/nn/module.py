"""Module: what all layers and networks are, a tree of parameters, buffers and modules that can be called.

Nothing here looks at what a subclass defines: a module's names live in its own tables, and a subclass
takes part by overriding `forward`, `extra_repr` and `_get_name`.
"""

# ruff: noqa: SLF001 - Tensor's and Module's fields are this package's own

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from gradcli.autograd.hooks import Handle, add
from gradcli.autograd.tensor import Tensor
from gradcli.diagnostics import AttributeFault, NotImplementedFault, TypeFault, ValueFault, did_you_mean
from gradcli.ops import dtypes
from gradcli.ops.devices import check_device
from gradcli.torch.dtypes import unwrap
from gradcli.torch.nn.parameter import Buffer, Parameter
from gradcli.torch.nn.registration import (
    TABLES,
    TRANSIENT,
    add_buffer,
    add_module,
    add_parameter,
    names,
    register,
)
from gradcli.torch.nn.traversal import children, convert, descendants, find, members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcli.torch.nn.backward_hooks import BackwardHooks
    from gradcli.torch.nn.state import IncompatibleKeys

__all__ = ["HOOKS", "Module"]

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


class Module:
    """The base of all layers: assign Parameters and Modules to attributes, and write `forward`."""

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]

    def __init__(self) -> None:
        own = self.__dict__
        own["training"] = True
        for table in TABLES:
            own[table] = {}
        own[TRANSIENT] = set()
        for hooks in HOOKS:
            own[hooks] = {}

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The module's result; for subclasses to write.

        Raises:
            NotImplementedFault: a subclass did not.
        """
        del args, kwargs
        raise NotImplementedFault(
            "E204",
            f'Module [{self._get_name()}] is missing the required "forward" function',
            help="define def forward(self, x) in the class",
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The result of `forward`, with hooks run before and after."""
        own = self.__dict__
        if not any(map(own.__getitem__, HOOKS)):
            return self.forward(*args, **kwargs)
        for hook in list(own["_forward_pre_hooks"].values()):
            new = hook(self, args)
            if new is not None:
                args = new if isinstance(new, tuple) else (new,)
        watched = self._watched()
        if watched is not None:
            args = watched.inputs(args)
        result = self.forward(*args, **kwargs)
        for hook in list(own["_forward_hooks"].values()):
            new = hook(self, args, result)
            if new is not None:
                result = new
        return result if watched is None else watched.outputs(result)

    def _watched(self) -> BackwardHooks | None:
        own = self.__dict__
        if not own["_backward_hooks"] and not own["_backward_pre_hooks"]:
            return None
        from gradcli.torch.nn.backward_hooks import BackwardHooks  # few programs look at gradients this way

        return BackwardHooks(self)

    def register_forward_hook(self, hook: Callable[..., Any]) -> Handle:
        """The handle of a function called with (module, inputs, result) that may replace the result."""
        return add(self.__dict__["_forward_hooks"], hook)

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> Handle:
        """The handle of a function called with (module, inputs) that may replace the inputs."""
        return add(self.__dict__["_forward_pre_hooks"], hook)

    def register_full_backward_hook(self, hook: Callable[..., Any]) -> Handle:
        """The handle of a function called with (module, gradients of inputs, gradients of results)."""
        return add(self.__dict__["_backward_hooks"], hook)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any]) -> Handle:
        """The handle of a function called with (module, gradients of results) before they pass the module."""
        return add(self.__dict__["_backward_pre_hooks"], hook)

    # Attributes. Parameters, buffers and modules live in tables, all else in the instance.

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        for table in TABLES:
            found = own.get(table, {})
            if name in found:
                return found[name]
        raise AttributeFault(
            "E203",
            f"'{self._get_name()}' object has no attribute '{name}'",
            label=did_you_mean(name, [key for key in (*own, *names(self)) if not key.startswith("_")]),
        )

    def __setattr__(self, name: str, value: Any) -> None:
        if not self.register(name, value):
            object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        for table in TABLES:
            if name in self.__dict__.get(table, ()):
                del self.__dict__[table][name]
                self.__dict__[TRANSIENT].discard(name)
                return
        if name not in self.__dict__:
            raise AttributeFault("E203", f"'{self._get_name()}' object has no attribute '{name}'")
        object.__delattr__(self, name)

    def register(self, name: str, value: Any) -> bool:
        """Whether an assignment to an attribute concerned the tables: then it is done.

        Raises:
            AttributeFault: `Module.__init__` did not run yet.
            TypeFault: the name is a parameter's, a buffer's or a module's, and the value something else.
        """
        table = None
        if isinstance(value, Module):
            table = "_modules"
        elif isinstance(value, Tensor):
            table = "_parameters" if isinstance(value, Parameter) else None
            table = "_buffers" if isinstance(value, Buffer) else table
        return register(self, name, value, table)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Adds a parameter, or None for one that the module does without.

        Raises:
            KeyFault, TypeFault, ValueFault: the name or the tensor will not do.
        """
        add_parameter(self, name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Adds a tensor that is part of the state but no parameter.

        Raises:
            KeyFault, TypeFault: the name or the tensor will not do.
        """
        add_buffer(self, name, tensor, persistent=persistent)

    def add_module(self, name: str, module: Module | None) -> None:
        """Adds a child under a name.

        Raises:
            KeyFault, TypeFault: the name or the module will not do.
        """
        add_module(self, name, module, fits=isinstance(module, Module))

    register_module = add_module

    # The tree.

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Its parameters, each once, with those of its modules unless told otherwise."""
        return (param for _, param in self.named_parameters(recurse=recurse))

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Pairs of full name and parameter."""
        return members(self, "_parameters", prefix, recurse=recurse, once=remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Its buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Pairs of full name and buffer."""
        return members(self, "_buffers", prefix, recurse=recurse, once=remove_duplicate)

    def children(self) -> Iterator[Module]:
        """Its own modules, each once."""
        return (module for _, module in self.named_children())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Pairs of name and module, of its own modules."""
        return children(self)

    def modules(self) -> Iterator[Module]:
        """Itself and all modules below, each once."""
        return (module for _, module in self.named_modules())

    def named_modules(
        self, memo: set[int] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Pairs of full name and module: itself, under the prefix, and all below."""
        return descendants(self, set() if memo is None else memo, prefix, once=remove_duplicate)

    def get_submodule(self, target: str) -> Module:
        """The module at a dotted path."""
        return find(self, target)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a dotted path."""
        path, _, name = target.rpartition(".")
        owner = find(self, path)
        found = owner._parameters.get(name)
        if found is None:
            raise AttributeFault("E203", f"{owner._get_name()} has no attribute `{name}`")
        return found

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Itself, after a function was called with each module below and then with itself."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    # State.

    def train(self, mode: bool = True) -> Self:
        """Itself in training mode, or out of it; it matters to dropout and batch normalisation."""
        if not isinstance(mode, bool):
            raise ValueFault("E303", "training mode is expected to be boolean")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self) -> Self:
        """Itself out of training mode."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Itself, after the flag of all parameters was set."""
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Takes the gradients of all parameters away, or makes them zeros."""
        from gradcli.torch.nn.state import clear_gradients  # it imports this module

        clear_gradients(self.parameters(), to_none=set_to_none)

    def to(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        tensor: Any = None,
        non_blocking: bool = False,
        memory_format: Any = None,
    ) -> Self:
        """Itself, with parameters and buffers of floating dtype converted; there is one device."""
        del non_blocking, memory_format
        for value in args if tensor is None else (*args, tensor):
            if isinstance(value, Tensor):
                dtype = value.dtype
            elif isinstance(value, (str, int)) and not isinstance(value, bool):
                check_device(value)
            elif not isinstance(value, bool) and value is not None:
                dtype = value
        check_device(device)
        wanted = unwrap(dtype)
        if wanted is None:
            return self
        if wanted.kind not in "fc":
            raise TypeFault(
                "E304",
                "nn.Module.to only accepts floating point or complex dtypes, but got desired "
                f"dtype=torch.{wanted.name}",
            )
        convert(self, wanted)
        return self

    def double(self) -> Self:
        """Itself in float64."""
        return self.to(dtypes.named("float64"))

    def float(self) -> Self:
        """Itself in float32."""
        return self.to(dtypes.named("float32"))

    def cpu(self) -> Self:
        """Itself: there is no other device."""
        return self

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> dict[str, Tensor]:
        """Parameters and buffers by full name; detached, their memory shared."""
        from gradcli.torch.nn.state import state_dict  # it imports this module

        return state_dict(self, prefix, keep_vars=keep_vars)

    def load_state_dict(self, state_dict: Any, strict: bool = True) -> IncompatibleKeys:
        """Copies values by full name into parameters and buffers; returns the keys that did not match."""
        from gradcli.torch.nn.state import load_state_dict  # it imports this module

        return load_state_dict(self, state_dict, strict=strict)

    # Text.

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What stands between the parentheses of its text; for subclasses to write."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({name}): {indented(repr(module))}" for name, module in self._modules.items()]
        if len(lines) == 1 and not children:
            return f"{self._get_name()}({extra})"
        if not lines and not children:
            return f"{self._get_name()}()"
        return f"{self._get_name()}(\n  " + "\n  ".join(lines + children) + "\n)"


def indented(text: str) -> str:
    """Returns a text with all lines but the first moved in by two."""
    return text.replace("\n", "\n  ")
