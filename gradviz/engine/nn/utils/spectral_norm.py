"""Weights divided by their largest singular value.

Source: Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018;
https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.spectral_norm.html
"""

from __future__ import annotations

from typing import Any

from gradviz.engine.grad_mode import no_grad
from gradviz.engine.nn import functional as F
from gradviz.engine.nn.modules.conv import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from gradviz.engine.nn.modules.module import Module
from gradviz.engine.nn.parameter import Parameter
from gradviz.engine.tensor import Tensor


def as_matrix(weight: Tensor, dim: int) -> Tensor:
    """A weight with `dim` as its rows and all other dimensions as its columns."""
    if dim:
        weight = weight.transpose(0, dim) if weight.ndim == 2 else weight.movedim(dim, 0)
    return weight.reshape(weight.shape[0], -1)


def output_dim(module: Module) -> int:
    """Along which dimension of its weight a layer's outputs lie."""
    return 1 if isinstance(module, (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)) else 0


@no_grad()
def iterate(matrix: Tensor, u: Tensor, v: Tensor, count: int, eps: float) -> None:
    """Brings v and u, in place, `count` steps nearer to the singular vectors of the largest value."""
    for _ in range(count):
        v.copy_(F.normalize(matrix.t() @ u, dim=0, eps=eps))
        u.copy_(F.normalize(matrix @ v, dim=0, eps=eps))


class SpectralNorm:
    """The hook that computes `name` from `name_orig`, with `name_u` and `name_v` as singular vectors."""

    def __init__(self, name: str, n_power_iterations: int, dim: int, eps: float) -> None:
        self.name, self.n_power_iterations, self.dim, self.eps = name, n_power_iterations, dim, eps

    def compute_weight(self, module: Module, do_power_iteration: bool) -> Tensor:
        weight = getattr(module, f"{self.name}_orig")
        u, v = getattr(module, f"{self.name}_u"), getattr(module, f"{self.name}_v")
        matrix = as_matrix(weight, self.dim)
        if do_power_iteration:
            iterate(matrix, u, v, self.n_power_iterations, self.eps)
        # As they are now: the next forward changes them in place.
        return weight / (u.clone() @ (matrix @ v.clone()))

    def __call__(self, module: Module, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module, module.training))


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divides the parameter `name` by its largest singular value before every forward."""
    if n_power_iterations <= 0:
        raise ValueError(
            f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
        )
    if _hook_of(module, name) is not None:
        raise RuntimeError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
    hook = SpectralNorm(name, n_power_iterations, output_dim(module) if dim is None else dim, eps)
    weight = getattr(module, name)
    rows, columns = as_matrix(weight.detach(), hook.dim).shape
    u = F.normalize(weight.new_empty(rows).detach().normal_(), dim=0, eps=eps)
    v = F.normalize(weight.new_empty(columns).detach().normal_(), dim=0, eps=eps)
    delattr(module, name)
    module.register_parameter(f"{name}_orig", weight)
    setattr(module, name, weight.detach())
    module.register_buffer(f"{name}_u", u)
    module.register_buffer(f"{name}_v", v)
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: Module, name: str = "weight") -> Module:
    """Makes `name` a parameter again. Raises ValueError for one that is not normalized."""
    found = _hook_of(module, name)
    if found is None:
        raise ValueError(f"spectral_norm of '{name}' not found in {module}")
    key, hook = found
    with no_grad():
        weight = hook.compute_weight(module, do_power_iteration=False)
    for part in (name, f"{name}_orig", f"{name}_u", f"{name}_v"):
        delattr(module, part)
    setattr(module, name, Parameter(weight.detach()))
    del module._forward_pre_hooks[key]
    return module


def _hook_of(module: Module, name: str) -> tuple[int, SpectralNorm] | None:
    for key, (hook, _) in module._forward_pre_hooks.items():
        if isinstance(hook, SpectralNorm) and hook.name == name:
            return key, hook
    return None
