"""A module's state by dotted name, out of the module and back into it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from gradviz.engine.grad_mode import no_grad
from gradviz.engine.nn.init import overwrite
from gradviz.engine.nn.parameter import Parameter, UninitializedParameter
from gradviz.engine.tensor import Tensor

if TYPE_CHECKING:
    from gradviz.engine.nn.modules.module import Module


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict(strict=False)` could not match."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def _saved(module: Module) -> dict[str, tuple[Module, str, Tensor]]:
    """Dotted name → (owner, attribute, tensor) of all that is saved; shared modules appear twice."""
    found = {}
    for path, owner in module.named_modules(remove_duplicate=False):
        prefix = f"{path}." if path else ""
        persistent = {k: v for k, v in owner._buffers.items() if k not in owner._non_persistent_buffers}
        for name, tensor in (owner._parameters | persistent).items():
            if tensor is not None:
                found[prefix + name] = (owner, name, tensor)
    return found


def state_dict(
    module: Module, destination: dict[str, Any] | None, prefix: str, keep_vars: bool
) -> dict[str, Any]:
    """The saved tensors by name, detached unless `keep_vars`, in `destination` or a new OrderedDict."""
    state = OrderedDict() if destination is None else destination
    for name, (_, _, tensor) in _saved(module).items():
        state[prefix + name] = tensor if keep_vars else tensor.data
    return state


def load_state_dict(module: Module, state: Mapping[str, Any], strict: bool, assign: bool) -> IncompatibleKeys:
    """Copy (or with `assign` put) the tensors of `state` into the module's places of the same names."""
    if not isinstance(state, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state)}.")
    places = _saved(module)
    missing = [name for name in places if name not in state]
    unexpected = [name for name in state if name not in places]
    errors = []
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
    if strict:
        for kind, names in (("Unexpected", unexpected), ("Missing", missing)):
            if names:
                errors.insert(0, f"{kind} key(s) in state_dict: {', '.join(map(_quote, names))}. ")
    if errors:
        raise RuntimeError(
            f"Error(s) in loading state_dict for {type(module).__name__}:\n\t" + "\n\t".join(errors)
        )
    return IncompatibleKeys(missing, unexpected)


def _quote(name: str) -> str:
    return f'"{name}"'
