"""Adamax."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.optim.optimizer import Change, Group, Optimizer, Share, require, require_rate
from gradviz.engine.tensor import wrap


class Adamax(Optimizer):
    """Steps by the running mean of the gradient over the largest gradient so far, which fades.

    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization (2014), section 7.1;
    https://docs.pytorch.org/docs/stable/generated/torch.optim.Adamax.html
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
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
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _update(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> None:
        if not state:
            state["step"] = wrap(xp.zeros((), "float32"))
            state["exp_avg"] = wrap(xp.zeros_like(value))
            state["exp_inf"] = wrap(xp.zeros_like(value))
        state["step"].array += 1
        beta1, beta2 = group["betas"]
        mean, largest = state["exp_avg"].array, state["exp_inf"].array
        mean += (gradient - mean) * (1 - beta1)
        largest[...] = xp.maximum(largest * beta2, abs(gradient) + group["eps"])
        value -= float(group["lr"]) / (1 - beta1 ** state["step"].array.item()) * mean / largest

    def _change(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> Change:
        steps, lr, (beta1, beta2) = float(state.get("step", 0)) + 1, float(group["lr"]), group["betas"]
        mean = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * gradient
        largest = xp.maximum(state.get("exp_inf", 0.0) * beta2, abs(gradient) + group["eps"])
        scale = -lr / (1 - beta1**steps) / largest
        shares = [Share(scale * (1 - beta1), "gradient"), Share(scale * beta1, "exp_avg")]
        symbols = {r"\mathrm{lr}": lr, r"\hat{m}": mean / (1 - beta1**steps), "u": largest}
        return Change(shares, r"-\frac{\mathrm{lr} \, \hat{m}}{u}", symbols)
