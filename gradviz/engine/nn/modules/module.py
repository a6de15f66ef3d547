"""nn.Module: a tree of modules with parameters and buffers, called like a function.

Names, order and error words follow torch (https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from gradviz.engine import observer
from gradviz.engine.dtypes import dtype as DType
from gradviz.engine.dtypes import float16, float32, float64
from gradviz.engine.hooks import RemovableHandle
from gradviz.engine.nn.modules import state_dict as states
from gradviz.engine.nn.modules.backward_hooks import forward_with_backward_hooks
from gradviz.engine.nn.parameter import Parameter, clear_gradient
from gradviz.engine.tensor import Tensor


class Module:
    """A part of a network: parameters and submodules register themselves when they are assigned."""

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]

    def __init__(self) -> None:
        # Straight into __dict__: __setattr__ below needs these tables itself.
        self.__dict__.update(
            training=True,
            _parameters={},
            _buffers={},
            _non_persistent_buffers=set(),
            _modules={},
            _forward_hooks=OrderedDict(),
            _forward_pre_hooks=OrderedDict(),
            _backward_hooks=OrderedDict(),
            _backward_pre_hooks=OrderedDict(),
            _state_hooks=states.StateHooks(),
        )

    # -- calling ---------------------------------------------------------------------------------

    def forward(self, *inputs: Any) -> Any:
        """What the module computes; every subclass writes its own."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function: '
            "define forward(self, …) in the class"
        )

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        hooked = (
            self._forward_hooks or self._forward_pre_hooks or self._backward_hooks or self._backward_pre_hooks
        )
        watcher = observer.current
        if watcher is None:
            return self._call_with_hooks(inputs, kwargs) if hooked else self.forward(*inputs, **kwargs)
        watcher.enter(self, inputs)
        output = None
        try:
            output = self._call_with_hooks(inputs, kwargs) if hooked else self.forward(*inputs, **kwargs)
        finally:
            watcher.leave(self, output)
        return output

    def _call_with_hooks(self, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        for pre_hook, with_kwargs in tuple(self._forward_pre_hooks.values()):
            if with_kwargs:
                changed = pre_hook(self, inputs, kwargs)
                inputs, kwargs = (inputs, kwargs) if changed is None else changed
            else:
                changed = pre_hook(self, inputs)
                if changed is not None:
                    inputs = changed if isinstance(changed, tuple) else (changed,)
        if self._backward_hooks or self._backward_pre_hooks:
            output = forward_with_backward_hooks(self, inputs, kwargs)
        else:
            output = self.forward(*inputs, **kwargs)
        for hook, with_kwargs in tuple(self._forward_hooks.values()):
            changed = hook(self, inputs, kwargs, output) if with_kwargs else hook(self, inputs, output)
            output = output if changed is None else changed
        return output

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """`hook(module, inputs)` runs before forward and may return other inputs."""
        return _add_hook(self._forward_pre_hooks, (hook, with_kwargs), prepend)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """`hook(module, inputs, output)` runs after forward and may return another output."""
        return _add_hook(self._forward_hooks, (hook, with_kwargs), prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """`hook(module, grad_input, grad_output)` runs in backward and may return another grad_input."""
        return _add_hook(self._backward_hooks, hook, prepend)

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """`hook(module, grad_output)` runs before the backward and may return another grad_output."""
        return _add_hook(self._backward_pre_hooks, hook, prepend)

    # -- attributes ------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        table = self.__dict__
        if isinstance(value, Parameter):
            self._forget(name, but="_parameters")
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            if "_modules" not in table:
                raise AttributeError("cannot assign module before Module.__init__() call")
            self._forget(name, but="_modules")
            self._modules[name] = value
        elif "_parameters" not in table:
            object.__setattr__(self, name, value)
        elif name in self._parameters:
            _require_none(value, "parameter", name, "torch.nn.Parameter or None")
            self._parameters[name] = None
        elif name in self._modules:
            _require_none(value, "child module", name, "torch.nn.Module or None")
            self._modules[name] = None
        elif name in self._buffers:
            if not isinstance(value, Tensor):
                _require_none(value, "buffer", name, "torch.nn.Buffer, torch.Tensor or None")
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        table = self.__dict__
        for kind in ("_parameters", "_buffers", "_modules"):
            members = table.get(kind)
            if members is not None and name in members:
                return members[name]
        hint = "" if "_modules" in table else " (call super().__init__() first in its __init__)"
        words = f"'{type(self).__name__}' object has no attribute '{name}'{hint}"
        raise AttributeError(words, name=name, obj=self)  # so that Python can suggest a name

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._parameters, *self._buffers, *self._modules]

    def __delattr__(self, name: str) -> None:
        if not self._forget(name):
            object.__delattr__(self, name)

    def _forget(self, name: str, but: str = "") -> bool:
        """Drop the registered thing or the plain attribute of this name; True if there was one.

        What is in the table `but` stays: there its successor takes its place in the order.
        """
        table = self.__dict__
        kinds = [kind for kind in ("_parameters", "_buffers", "_modules") if kind in table and kind != but]
        places = [table, *(table[kind] for kind in kinds)]
        found = [place.pop(name) for place in places if name in place]
        table.get("_non_persistent_buffers", set()).discard(name)
        return bool(found)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Make `param` part of the module under `name` (None: a parameter that may come later)."""
        if "_parameters" not in self.__dict__:
            raise AttributeError("cannot assign parameters before Module.__init__() call")
        self._check_name("parameter", name, self._parameters)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{_type_name(param)}' object to parameter '{name}' "
                "(torch.nn.Parameter or None required)"
            )
        if param is not None and param.grad_fn is not None:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created "
                f"explicitly. To express '{name}' as a function of another Tensor, compute the value in "
                "the forward() method."
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Make `tensor` part of the module's state without training it; not saved unless `persistent`."""
        if "_buffers" not in self.__dict__:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        self._check_name("buffer", name, self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{_type_name(tensor)}' object to buffer '{name}' "
                "(torch Tensor or None required)"
            )
        self._buffers[name] = tensor
        if not persistent:
            self._non_persistent_buffers.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Make `module` a child under `name`."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{_name_of(module)} is not a Module subclass")
        self._check_name("module", name, self._modules)
        self._modules[name] = module

    register_module = add_module

    def _check_name(self, kind: str, name: str, table: Mapping[str, Any]) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {_type_name(name)}")
        if "." in name:
            got = f", got: {name}" if kind == "module" else ""
            raise KeyError(f'{kind} name can\'t contain "."{got}')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if name not in table and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")

    # -- the tree --------------------------------------------------------------------------------

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Every module of the tree with its dotted name, this one first, each once."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, child in self._modules.items():
            if child is not None:
                yield from child.named_modules(memo, _join(prefix, name), remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """Every module of the tree, this one first, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct children with their names, each once."""
        seen = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        """The direct children, each once."""
        return (child for _, child in self.named_children())

    def _named_members(
        self, kind: str, prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        owners = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        for path, owner in owners if recurse else [(prefix, self)]:
            for name, member in getattr(owner, kind).items():
                if member is None or (remove_duplicate and id(member) in seen):
                    continue
                seen.add(id(member))
                yield _join(path, name), member

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters of the tree with their dotted names, shared ones once."""
        return self._named_members("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters of the tree, shared ones once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """The buffers of the tree with their dotted names, shared ones once."""
        return self._named_members("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers of the tree, shared ones once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """The module at a dotted path such as "layers.0.fc"; "" is the module itself."""
        module = self
        for name in target.split(".") if target else []:
            child = getattr(module, name, None)
            if child is None:
                raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
            if not isinstance(child, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
            module = child
        return module

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put a module at a dotted path; with `strict` there has to be one already."""
        if not target:
            raise ValueError("Cannot set the submodule without a target name!")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if strict and not isinstance(getattr(parent, name, None), Module):
            raise AttributeError(f"{type(parent).__name__} has no attribute `{name}`")
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        setattr(parent, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a dotted path such as "fc1.weight"."""
        path, _, name = target.rpartition(".")
        owner = self.get_submodule(path)
        if not hasattr(owner, name):
            raise AttributeError(f"{type(owner).__name__} has no attribute `{name}`")
        parameter = getattr(owner, name)
        if not isinstance(parameter, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return parameter

    def get_buffer(self, target: str) -> Tensor | None:
        """The buffer at a dotted path such as "bn.running_mean"."""
        path, _, name = target.rpartition(".")
        buffers = self.get_submodule(path)._buffers
        if name not in buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return buffers[name]

    # -- state -----------------------------------------------------------------------------------

    def state_dict(
        self, *, destination: dict[str, Any] | None = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Any]:
        """Parameters and persistent buffers by dotted name, sharing memory with the module's own."""
        return states.state_dict(self, destination, prefix, keep_vars)

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> states.IncompatibleKeys:
        """Copy the values of `state_dict` into the module, or with `assign` put its tensors in their places.

        Raises RuntimeError listing all that does not fit (with strict=False only the wrong shapes).
        """
        return states.load_state_dict(self, state_dict, strict, assign)

    get_extra_state = states.get_extra_state
    set_extra_state = states.set_extra_state

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """`hook(module, prefix, keep_vars)` runs before the module's state is saved."""
        return RemovableHandle(self._state_hooks.before_saving, hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """`hook(module, state_dict, prefix, local_metadata)` runs when the module's state is in the dict."""
        return RemovableHandle(self._state_hooks.after_saving, hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Runs before any state is loaded, with (module, state_dict, prefix, local_metadata, strict,
        missing_keys, unexpected_keys, error_msgs); it may change the dict and the lists."""
        return RemovableHandle(self._state_hooks.before_loading, hook)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """`hook(module, incompatible_keys)` runs after a state was loaded; it may change the keys' lists."""
        return RemovableHandle(self._state_hooks.after_loading, hook)

    def train(self, mode: bool = True) -> Self:
        """Training mode (dropout and batch statistics on) for the whole tree."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Evaluation mode for the whole tree."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Switch the training of every parameter on or off."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the parameters' gradients, or fill them with zeros."""
        for parameter in self.parameters():
            clear_gradient(parameter, set_to_none)

    def apply(self, fn: Callable[[Module], None]) -> Self:
        """Call `fn` on every module of the tree, children first."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def _apply(self, convert: Callable[[Tensor], Tensor]) -> Self:
        """Convert the data of parameters, gradients and buffers; the parameters keep their identity."""
        for parameter in self.parameters():
            data = convert(parameter.data)
            if data.array is not parameter.array:
                parameter.data = data
            if parameter.grad is not None:
                parameter.grad = convert(parameter.grad)
        for module in self.modules():
            for name, buffer in module._buffers.items():
                module._buffers[name] = None if buffer is None else convert(buffer)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Move to a device and convert floating-point tensors: `to("cpu")`, `to(torch.float64)`, …"""
        like = [a for a in args if isinstance(a, Tensor)]
        dtypes = [a for a in (*args, kwargs.get("dtype")) if isinstance(a, DType)] + [t.dtype for t in like]
        devices = [
            a
            for a in (*args, kwargs.get("device"))
            if a is not None and not isinstance(a, DType | Tensor | bool)
        ]
        if dtypes and not dtypes[0].is_floating_point:
            raise TypeError(
                "nn.Module.to only accepts floating point or complex dtypes, but got desired "
                f"dtype={dtypes[0]}"
            )
        if devices:
            self._apply(lambda tensor: tensor.to(devices[0]))
        return self._apply(lambda t: t.to(dtypes[0]) if t.is_floating_point() else t) if dtypes else self

    def float(self) -> Self:
        """Every floating-point tensor as float32."""
        return self.to(float32)

    def double(self) -> Self:
        """Every floating-point tensor as float64."""
        return self.to(float64)

    def half(self) -> Self:
        """Every floating-point tensor as float16."""
        return self.to(float16)

    def cpu(self) -> Self:
        """Every tensor in main memory."""
        return self.to("cpu")

    def cuda(self, device: Any = None) -> Self:
        """Every tensor on the GPU."""
        return self.to("cuda" if device is None else device)

    # -- printing --------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands between the parentheses of the printed module; subclasses say their sizes."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        own = self.extra_repr().split("\n") if self.extra_repr() else []
        children = [f"({name}): " + _indent(repr(child)) for name, child in self._modules.items()]
        if not children and len(own) < 2:
            return f"{self._get_name()}({''.join(own)})"
        return f"{self._get_name()}(\n  " + "\n  ".join(own + children) + "\n)"


def _add_hook(hooks: OrderedDict[int, Any], hook: Any, prepend: bool) -> RemovableHandle:
    handle = RemovableHandle(hooks, hook)
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def _require_none(value: Any, kind: str, name: str, expected: str) -> None:
    if value is not None:
        raise TypeError(f"cannot assign '{_type_name(value)}' as {kind} '{name}' ({expected} expected)")


def _name_of(value: Any) -> str:
    """What torch calls a thing that is no module: a class or function by its name, else by its type."""
    if isinstance(value, type) or callable(value):
        return f"{value.__module__}.{getattr(value, '__qualname__', type(value).__name__)}"
    return _type_name(value)


def _type_name(value: Any) -> str:
    """The type as torch's messages name it: torch.FloatTensor for a tensor."""
    return f"torch.{value.dtype.type_name}" if isinstance(value, Tensor) else type(value).__name__


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _indent(text: str) -> str:
    return text.replace("\n", "\n  ")
