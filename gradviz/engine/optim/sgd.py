"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.optim.optimizer import Change, Group, Optimizer, Share, require, require_rate
from gradviz.engine.tensor import wrap


class SGD(Optimizer):
    """p ← p - lr·g, with momentum v ← momentum·v + (1 - dampening)·g in place of g.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        require_rate(lr)
        require(momentum >= 0, f"Invalid momentum value: {momentum}")
        require(weight_decay >= 0, f"Invalid weight_decay value: {weight_decay}")
        require(
            not nesterov or (momentum > 0 and dampening == 0),
            "Nesterov momentum requires a momentum and zero dampening",
        )
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def _update(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> None:
        momentum, scratch = group["momentum"], self._scratch(value)
        if momentum:
            if "momentum_buffer" in state:
                velocity = state["momentum_buffer"].array
                velocity *= momentum
                velocity += xp.multiply(gradient, 1 - group["dampening"], out=scratch)
            else:
                velocity = xp.empty_like(value)
                velocity[...] = gradient
                state["momentum_buffer"] = wrap(velocity)
            gradient = gradient + velocity * momentum if group["nesterov"] else velocity
        value -= xp.multiply(gradient, float(group["lr"]), out=scratch)

    def _change(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> Change:
        lr, momentum = float(group["lr"]), group["momentum"]
        symbols = {r"\mathrm{lr}": lr, "g": gradient}
        if not momentum:
            return Change([Share(-lr, "gradient")], r"-\mathrm{lr} \, g", symbols)
        shares, through = [], -lr * (momentum if group["nesterov"] else 1)  # of the velocity
        velocity, own = gradient, through
        if "momentum_buffer" in state:
            shares.append(Share(through * momentum, "momentum_buffer"))
            own *= 1 - group["dampening"]
            velocity = momentum * state["momentum_buffer"] + (1 - group["dampening"]) * gradient
        symbols |= {"v": velocity, r"\mu": momentum}
        if group["nesterov"]:
            return Change([*shares, Share(own - lr, "gradient")], r"-\mathrm{lr} (g + \mu v)", symbols)
        return Change([*shares, Share(own, "gradient")], r"-\mathrm{lr} \, v", symbols)
