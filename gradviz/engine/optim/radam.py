"""RAdam."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.optim.optimizer import (
    Change,
    Group,
    Optimizer,
    Share,
    decoupled_decay,
    require,
    require_rate,
)
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
        if rectifier := self._rectifier(steps, beta2):
            change *= rectifier / (xp.sqrt(square) + group["eps"])
        value -= lr * change

    def _change(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> Change:
        steps, lr, (beta1, beta2) = float(state.get("step", 0)) + 1, float(group["lr"]), group["betas"]
        mean = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * gradient
        square = beta2 * state.get("exp_avg_sq", 0.0) + (1 - beta2) * gradient * gradient
        rectifier = self._rectifier(steps, beta2)
        scale, formula = xp.asarray(-lr / (1 - beta1**steps)), r"-\mathrm{lr} \, \hat{m}"
        symbols = {r"\mathrm{lr}": lr, r"\hat{m}": mean / (1 - beta1**steps)}
        if rectifier:
            scale = scale * rectifier / (xp.sqrt(square) + group["eps"])
            formula = r"-\frac{\mathrm{lr} \, r \, \hat{m}}{\sqrt{v} + \epsilon}"
            symbols |= {"r": rectifier, "v": square, r"\epsilon": group["eps"]}
        shares = [Share(scale * (1 - beta1), "gradient"), Share(scale * beta1, "exp_avg")]
        return Change(decoupled_decay(group) + shares, formula, symbols)

    @staticmethod
    def _rectifier(steps: float, beta2: float) -> float:
        """What the mean is multiplied with beside the root of the squares; 0 while these are too few."""
        # how many gradients the mean of squares is made of, now and in the end
        final = 2 / (1 - beta2) - 1
        length = final - 2 * steps * beta2**steps / (1 - beta2**steps)
        if length <= 5:
            return 0.0
        rectified = (length - 4) * (length - 2) * final / ((final - 4) * (final - 2) * length)
        return math.sqrt((1 - beta2**steps) * rectified)
