"""NAdam."""

from __future__ import annotations

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


class NAdam(Optimizer):
    """Adam with Nesterov's momentum, which grows with the steps.

    Source: Dozat, Incorporating Nesterov Momentum into Adam (2016);
    https://docs.pytorch.org/docs/stable/generated/torch.optim.NAdam.html
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
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
        require(momentum_decay >= 0, f"Invalid momentum_decay value: {momentum_decay}")
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _update(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> None:
        if not state:
            state["step"] = wrap(xp.zeros((), "float32"))
            state["mu_product"] = wrap(xp.ones((), "float32"))
            state["exp_avg"] = wrap(xp.zeros_like(value))
            state["exp_avg_sq"] = wrap(xp.zeros_like(value))
        state["step"].array += 1
        steps, lr = state["step"].array.item(), float(group["lr"])
        beta1, beta2 = group["betas"]
        mean, square, product = state["exp_avg"].array, state["exp_avg_sq"].array, state["mu_product"].array
        if group["decoupled_weight_decay"]:
            value *= 1 - lr * group["weight_decay"]
        mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (n * group["momentum_decay"])) for n in (steps, steps + 1))
        product *= mu
        mean += (gradient - mean) * (1 - beta1)
        square *= beta2
        square += (1 - beta2) * gradient * gradient
        scale = xp.sqrt(square / (1 - beta2**steps)) + group["eps"]
        value -= lr * (1 - mu) / (1 - product.item()) * gradient / scale
        value -= lr * mu_next / (1 - product.item() * mu_next) * mean / scale

    def _change(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> Change:
        steps, lr, (beta1, beta2) = float(state.get("step", 0)) + 1, float(group["lr"]), group["betas"]
        mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (n * group["momentum_decay"])) for n in (steps, steps + 1))
        product = float(state.get("mu_product", xp.ones((), "float32")) * mu)
        mean = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * gradient
        square = beta2 * state.get("exp_avg_sq", 0.0) + (1 - beta2) * gradient * gradient
        scale = -lr / (xp.sqrt(square / (1 - beta2**steps)) + group["eps"])
        own, through = (1 - mu) / (1 - product), mu_next / (1 - product * mu_next)
        shares = [
            Share(scale * (own + through * (1 - beta1)), "gradient"),
            Share(scale * through * beta1, "exp_avg"),
        ]
        formula = r"-\frac{\mathrm{lr} \, \hat{m}}{\sqrt{\hat{v}} + \epsilon}"
        symbols = {
            r"\mathrm{lr}": lr,
            r"\hat{m}": own * gradient + through * mean,
            r"\hat{v}": square / (1 - beta2**steps),
            r"\epsilon": group["eps"],
        }
        return Change(decoupled_decay(group) + shares, formula, symbols)
