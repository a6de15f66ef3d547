"""RMSprop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.optim.optimizer import Change, Group, Optimizer, Share, require, require_rate
from gradviz.engine.tensor import wrap


class RMSprop(Optimizer):
    """Steps by the gradient over the root of the running mean of its square (`centered`: of its variance).

    Source: Hinton, Neural Networks for Machine Learning, lecture 6 (2012);
    https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        require_rate(lr)
        require(eps >= 0, f"Invalid epsilon value: {eps}")
        require(momentum >= 0, f"Invalid momentum value: {momentum}")
        require(weight_decay >= 0, f"Invalid weight_decay value: {weight_decay}")
        require(alpha >= 0, f"Invalid alpha value: {alpha}")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _update(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> None:
        if not state:
            state["step"] = wrap(xp.zeros((), "float32"))
            state["square_avg"] = wrap(xp.zeros_like(value))
            if group["momentum"]:
                state["momentum_buffer"] = wrap(xp.zeros_like(value))
            if group["centered"]:
                state["grad_avg"] = wrap(xp.zeros_like(value))
        state["step"].array += 1
        alpha, square = group["alpha"], state["square_avg"].array
        square *= alpha
        square += (1 - alpha) * gradient * gradient
        variance = square
        if group["centered"]:
            mean = state["grad_avg"].array
            mean += (1 - alpha) * (gradient - mean)
            variance = square - mean * mean
        change = gradient / (xp.sqrt(variance) + group["eps"])
        if group["momentum"]:
            velocity = state["momentum_buffer"].array
            velocity *= group["momentum"]
            velocity += change
            change = velocity
        value -= float(group["lr"]) * change

    def _change(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> Change:
        lr, alpha = float(group["lr"]), group["alpha"]
        variance = alpha * state.get("square_avg", 0.0) + (1 - alpha) * gradient * gradient
        if group["centered"]:
            variance = variance - (alpha * state.get("grad_avg", 0.0) + (1 - alpha) * gradient) ** 2
        shares = [Share(-lr / (xp.sqrt(variance) + group["eps"]), "gradient")]
        formula = r"-\frac{\mathrm{lr} \, g}{\sqrt{v} + \epsilon}"
        symbols = {r"\mathrm{lr}": lr, "g": gradient, "v": variance, r"\epsilon": group["eps"]}
        if group["momentum"]:
            shares.append(Share(-lr * group["momentum"], "momentum_buffer"))
            formula = r"-\mathrm{lr} (\mu b + \frac{g}{\sqrt{v} + \epsilon})"
            symbols |= {r"\mu": group["momentum"], "b": state.get("momentum_buffer", xp.zeros_like(value))}
        return Change(shares, formula, symbols)
