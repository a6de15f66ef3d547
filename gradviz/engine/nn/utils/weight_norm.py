"""Weights as a length times a direction, each learned on its own.

Source: Salimans and Kingma, "Weight Normalization", 2016;
https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.weight_norm.html
"""

from __future__ import annotations

from typing import Any

from gradviz.engine.nn.modules.module import Module
from gradviz.engine.nn.parameter import Parameter
from gradviz.engine.tensor import Tensor


def norm_except_dim(v: Tensor, dim: int | None) -> Tensor:
    """The norm over all dimensions but one, which are kept with size 1; over all of them for None or -1."""
    if dim is None or dim == -1:
        return v.norm()
    return v.norm(2, tuple(i for i in range(v.ndim) if i != dim % v.ndim), True)


class WeightNorm:
    """The hook that computes `name` from `name_g`, the lengths, and `name_v`, the directions."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name, self.dim = name, dim

    def compute_weight(self, module: Module) -> Tensor:
        g, v = getattr(module, f"{self.name}_g"), getattr(module, f"{self.name}_v")
        return v * (g / norm_except_dim(v, self.dim))

    def __call__(self, module: Module, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module))


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Replaces the parameter `name` by its lengths along `dim` and its directions; returns the module."""
    hook = WeightNorm(name, dim)
    if _hook_of(module, name) is not None:
        raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    weight = getattr(module, name)
    delattr(module, name)
    module.register_parameter(f"{name}_g", Parameter(norm_except_dim(weight, dim).detach()))
    module.register_parameter(f"{name}_v", Parameter(weight.detach()))
    setattr(module, name, hook.compute_weight(module))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: Module, name: str = "weight") -> Module:
    """Makes `name` a parameter again. Raises ValueError for one that is not normalized."""
    found = _hook_of(module, name)
    if found is None:
        raise ValueError(f"weight_norm of '{name}' not found in {module}")
    key, hook = found
    weight = hook.compute_weight(module)
    for part in (name, f"{name}_g", f"{name}_v"):
        delattr(module, part)
    setattr(module, name, Parameter(weight.detach()))
    del module._forward_pre_hooks[key]
    return module


def _hook_of(module: Module, name: str) -> tuple[int, WeightNorm] | None:
    for key, (hook, _) in module._forward_pre_hooks.items():
        if isinstance(hook, WeightNorm) and hook.name == name:
            return key, hook
    return None
