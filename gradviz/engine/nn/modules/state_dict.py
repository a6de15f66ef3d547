"""A module's state by dotted name, out of the module and back into it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from gradviz.engine.grad_mode import no_grad
from gradviz.engine.nn.init import overwrite
from gradviz.engine.nn.parameter import Parameter, UninitializedParameter
from gradviz.engine.tensor import Tensor

if TYPE_CHECKING:
    from gradviz.engine.nn.modules.module import Module


Hooks = OrderedDict[int, Callable[..., Any]]
EXTRA = "_extra_state"


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict(strict=False)` could not match."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class StateHooks:
    """The hooks of one module that run when its state is saved or loaded."""

    def __init__(self) -> None:
        self.before_saving: Hooks = OrderedDict()
        self.after_saving: Hooks = OrderedDict()
        self.before_loading: Hooks = OrderedDict()
        self.after_loading: Hooks = OrderedDict()


def get_extra_state(self: Module) -> Any:
    """What `state_dict` keeps of the module beside its tensors; a subclass may define it."""
    raise RuntimeError("Module.get_extra_state() is for subclasses: this one keeps no extra state")


def set_extra_state(self: Module, state: Any) -> None:
    """Takes what `get_extra_state` gave back from a loaded state."""
    raise RuntimeError("Module.set_extra_state() is for subclasses: this one keeps no extra state")


def _saved(module: Module) -> dict[str, tuple[Module, str, Tensor]]:
    """Dotted name → (owner, attribute, tensor) of all that is saved; shared modules appear twice."""
    found = {}
    for prefix, owner in _owners(module):
        for name, tensor in _own(owner).items():
            found[prefix + name] = (owner, name, tensor)
    return found


def _owners(module: Module) -> list[tuple[str, Module]]:
    """Every module of the tree with the prefix of its names."""
    found = module.named_modules(remove_duplicate=False)
    return [(f"{path}." if path else "", owner) for path, owner in found]


def _own(module: Module) -> dict[str, Tensor]:
    """The module's own parameters and persistent buffers."""
    persistent = {k: v for k, v in module._buffers.items() if k not in module._non_persistent_buffers}
    return {name: tensor for name, tensor in (module._parameters | persistent).items() if tensor is not None}


def state_dict(
    module: Module, destination: dict[str, Any] | None, prefix: str, keep_vars: bool
) -> dict[str, Any]:
    """The saved tensors by name, detached unless `keep_vars`, in `destination` or a new OrderedDict."""
    state = OrderedDict() if destination is None else destination
    for hook in module._state_hooks.before_saving.values():
        hook(module, prefix, keep_vars)
    for name, tensor in _own(module).items():
        as_it_is = keep_vars or isinstance(tensor, UninitializedParameter)
        state[prefix + name] = tensor if as_it_is else tensor.data
    if type(module).get_extra_state is not get_extra_state:
        state[prefix + EXTRA] = module.get_extra_state()
    for name, child in module._modules.items():
        if child is not None:
            child.state_dict(destination=state, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
    for hook in module._state_hooks.after_saving.values():
        changed = hook(module, state, prefix, {})
        state = state if changed is None else changed
    return state


def load_state_dict(module: Module, state: Mapping[str, Any], strict: bool, assign: bool) -> IncompatibleKeys:
    """Copy (or with `assign` put) the tensors of `state` into the module's places of the same names."""
    if not isinstance(state, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state)}.")
    state = OrderedDict(state)
    owners, early = _owners(module), ([], [], [])  # names missing and unexpected, errors, as hooks see them
    for prefix, owner in owners:
        for hook in owner._state_hooks.before_loading.values():
            hook(owner, state, prefix, {}, strict, *early)
    extras = {p + EXTRA: m for p, m in owners if type(m).set_extra_state is not set_extra_state}
    places = _saved(module)
    missing = early[0] + [name for name in [*places, *extras] if name not in state]
    unexpected = early[1] + [name for name in state if name not in places and name not in extras]
    errors = early[2]
    for name, owner in extras.items():
        if name in state:
            owner.set_extra_state(state[name])
    for name, (owner, attribute, current) in places.items():
        if name not in state:
            continue
        given = state[name]
        if not isinstance(given, Tensor):
            errors.append(
                f'While copying the parameter named "{name}", expected torch.Tensor or Tensor-like object '
                f"from checkpoint but received {type(given)}"
            )
        elif isinstance(current, UninitializedParameter) and not isinstance(given, UninitializedParameter):
            current.materialize(given.shape)
            overwrite(current, given.array)
        elif given.shape != current.shape:
            errors.append(
                f"size mismatch for {name}: copying a param with shape {given.shape} from checkpoint, "
                f"the shape in current model is {current.shape}."
            )
        elif assign:
            is_parameter = isinstance(current, Parameter)
            setattr(owner, attribute, Parameter(given, current.requires_grad) if is_parameter else given)
        else:
            with no_grad():
                current.copy_(given)
    incompatible = IncompatibleKeys(missing, unexpected)
    for _, owner in owners:
        for hook in owner._state_hooks.after_loading.values():
            hook(owner, incompatible)
    if strict:
        for kind, names in (("Unexpected", unexpected), ("Missing", missing)):
            if names:
                errors.insert(0, f"{kind} key(s) in state_dict: {', '.join(map(_quote, names))}. ")
    if errors:
        raise RuntimeError(
            f"Error(s) in loading state_dict for {type(module).__name__}:\n\t" + "\n\t".join(errors)
        )
    return incompatible


def _quote(name: str) -> str:
    return f'"{name}"'
