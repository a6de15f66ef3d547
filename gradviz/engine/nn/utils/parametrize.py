"""Parameters that are computed from others by modules.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.register_parametrization.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradviz.engine.grad_mode import no_grad
from gradviz.engine.nn.modules.container import ModuleDict, ModuleList
from gradviz.engine.nn.modules.module import Module
from gradviz.engine.nn.parameter import Parameter
from gradviz.engine.tensor import Tensor

_cache: dict[tuple[int, str], Tensor] | None = None  # inside `cached`: what was computed already


class ParametrizationList(ModuleList):
    """Modules, one after the other, that compute a tensor from `original` (or `original0`, `original1` …)."""

    def __init__(self, modules: list[Module], original: Tensor) -> None:
        super().__init__(modules)
        with no_grad():
            found: Any = original
            for module in reversed(modules):
                if hasattr(module, "right_inverse"):
                    found = module.right_inverse(found)
        self.is_tensor = isinstance(found, Tensor)
        if self.is_tensor:
            self._take("original", found, original)
        else:
            self.ntensors = len(found)
            for i, part in enumerate(found):
                self._take(f"original{i}", part, original)

    def _take(self, name: str, value: Tensor, like: Tensor) -> None:
        """Registers a tensor as a parameter or a buffer, as the original was."""
        if isinstance(like, Parameter):
            own = value if isinstance(value, Parameter) else Parameter(value.detach(), like.requires_grad)
            self.register_parameter(name, own)
        else:
            self.register_buffer(name, value)

    def _originals(self) -> list[Tensor]:
        if self.is_tensor:
            return [self.original]
        return [getattr(self, f"original{i}") for i in range(self.ntensors)]

    def right_inverse(self, value: Tensor) -> None:
        """Changes the originals so that the result becomes `value`."""
        with no_grad():
            found: Any = value
            for module in reversed(list(self)):
                if not hasattr(module, "right_inverse"):
                    raise RuntimeError(
                        f"parametrization {type(module).__name__} does not implement right_inverse."
                    )
                found = module.right_inverse(found)
            for original, part in zip(self._originals(), [found] if self.is_tensor else found, strict=True):
                original.copy_(part)

    def forward(self) -> Tensor:
        first, *others = self
        result = first(*self._originals())
        for module in others:
            result = module(result)
        return result


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Makes `module.tensor_name` the result of `parametrization` of what it was; several are chained.

    A method `right_inverse` of the parametrization turns an assigned value, and the first one, into the
    original. Raises ValueError for the name of no parameter or buffer, and for a result of another dtype or
    shape unless `unsafe`.
    """
    before = getattr(module, tensor_name, None)
    if is_parametrized(module, tensor_name):
        module.parametrizations[tensor_name].append(parametrization)
    elif tensor_name in module._parameters or tensor_name in module._buffers:
        if not is_parametrized(module):
            _become_parametrized(module)
        original = getattr(module, tensor_name)
        delattr(module, tensor_name)
        module.parametrizations[tensor_name] = ParametrizationList([parametrization], original)
        setattr(type(module), tensor_name, _computed(tensor_name))
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name "
            f"'{tensor_name}'"
        )
    if not unsafe:
        _check_likeness(getattr(module, tensor_name), before)
    return module


def _check_likeness(computed: Tensor, before: Tensor) -> None:
    for what in ("dtype", "shape"):
        now, then = getattr(computed, what), getattr(before, what)
        if now != then:
            raise ValueError(
                f"Registering a parametrization may not change the {what} of the tensor, unless the `unsafe` "
                f"flag is enabled.\nunparametrized {what}: {then}\nparametrized {what}: {now}"
            )


def _become_parametrized(module: Module) -> None:
    """Gives the module a class of its own, on which its computed tensors can be properties."""
    kind = type(module)
    module.__class__ = type(f"Parametrized{kind.__name__}", (kind,), {"__module__": kind.__module__})
    module.parametrizations = ModuleDict()


def _computed(name: str) -> property:
    """The property that computes the tensor, or sets the originals so that it becomes a value."""

    def get(module: Module) -> Tensor:
        if _cache is None:
            return module.parametrizations[name]()
        key = id(module), name
        if key not in _cache:
            _cache[key] = module.parametrizations[name]()
        return _cache[key]

    def set_(module: Module, value: Tensor) -> None:
        module.parametrizations[name].right_inverse(value)

    return property(get, set_)


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether the module has parametrizations, or one of that tensor."""
    parametrizations = module._modules.get("parametrizations")
    if not isinstance(parametrizations, ModuleDict):
        return False
    return len(parametrizations) > 0 if tensor_name is None else tensor_name in parametrizations


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Makes `tensor_name` a parameter again: as it is computed now, or the original."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    parametrizations = module.parametrizations[tensor_name]
    if not leave_parametrized and not parametrizations.is_tensor:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms "
            "of a sequence of tensors."
        )
    original = parametrizations._originals()[0]
    value = parametrizations().detach() if leave_parametrized else original.detach()
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    if isinstance(original, Parameter):
        module.register_parameter(tensor_name, Parameter(value, original.requires_grad))
    else:
        module.register_buffer(tensor_name, value)
    if not is_parametrized(module):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
    return module


@contextmanager
def cached() -> Iterator[None]:
    """Inside, every parametrized tensor is computed once."""
    global _cache
    _cache = {}
    try:
        yield
    finally:
        _cache = None
