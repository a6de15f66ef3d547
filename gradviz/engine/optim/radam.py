"""RAdam."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.optim.optimizer import Group, Optimizer, require, require_rate
from gradviz.engine.tensor import wrap


class RAdam(Optimizer):
    """Adam that makes plain steps until its running mean of squares has become reliable.

    Source: Liu et al., On the Variance of the Adaptive Learning Rate and Beyond (2019);
    https://docs.pytorch.org/docs/stable/generated/torch.optim.RAdam.html
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        require_rate(lr)
        require(eps >= 0, f"Invalid epsilon value: {eps}")
        for i, beta in enumerate(betas):
            require(0 <= beta < 1, f"Invalid beta parameter at index {i}: {beta}")
        require(weight_decay >= 0, f"Invalid weight_decay value: {weight_decay}")
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _update(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> None:
        if not state:
            state["step"] = wrap(xp.zeros((), "float32"))
            state["exp_avg"] = wrap(xp.zeros_like(value))
            state["exp_avg_sq"] = wrap(xp.zeros_like(value))
        state["step"].array += 1
        steps, lr = state["step"].array.item(), float(group["lr"])
        beta1, beta2 = group["betas"]
        mean, square = state["exp_avg"].array, state["exp_avg_sq"].array
        if group["decoupled_weight_decay"]:
            value *= 1 - lr * group["weight_decay"]
        mean += (gradient - mean) * (1 - beta1)
        square *= beta2
        square += (1 - beta2) * gradient * gradient
        change = mean / (1 - beta1**steps)
        # how many gradients the mean of squares is made of, now and in the end
        final = 2 / (1 - beta2) - 1
        length = final - 2 * steps * beta2**steps / (1 - beta2**steps)
        if length > 5:
            rectified = (length - 4) * (length - 2) * final / ((final - 4) * (final - 2) * length)
            change *= math.sqrt((1 - beta2**steps) * rectified) / (xp.sqrt(square) + group["eps"])
        value -= lr * change
