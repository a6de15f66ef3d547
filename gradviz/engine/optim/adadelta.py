"""Adadelta."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.optim.optimizer import Change, Group, Optimizer, Share, require, require_rate
from gradviz.engine.tensor import wrap


class Adadelta(Optimizer):
    """Steps whose size is the root of the mean square of earlier steps over that of the gradients.

    Source: Zeiler, ADADELTA: An Adaptive Learning Rate Method (2012);
    https://docs.pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        require_rate(lr)
        require(0 <= rho <= 1, f"Invalid rho value: {rho}")
        require(eps >= 0, f"Invalid epsilon value: {eps}")
        require(weight_decay >= 0, f"Invalid weight_decay value: {weight_decay}")
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _update(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> None:
        if not state:
            state["step"] = wrap(xp.zeros((), "float32"))
            state["square_avg"] = wrap(xp.zeros_like(value))
            state["acc_delta"] = wrap(xp.zeros_like(value))
        state["step"].array += 1
        rho, eps = group["rho"], group["eps"]
        square, deltas = state["square_avg"].array, state["acc_delta"].array
        square *= rho
        square += (1 - rho) * gradient * gradient
        delta = xp.sqrt(deltas + eps) / xp.sqrt(square + eps) * gradient
        deltas *= rho
        deltas += (1 - rho) * delta * delta
        value -= float(group["lr"]) * delta

    def _change(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> Change:
        lr, rho, eps = float(group["lr"]), group["rho"], group["eps"]
        square = rho * state.get("square_avg", 0.0) + (1 - rho) * gradient * gradient
        deltas = state.get("acc_delta", xp.zeros_like(value))
        formula = r"-\mathrm{lr} \frac{\sqrt{d + \epsilon}}{\sqrt{v + \epsilon}} g"
        symbols = {r"\mathrm{lr}": lr, "g": gradient, "d": deltas, "v": square, r"\epsilon": eps}
        return Change(
            [Share(-lr * xp.sqrt(deltas + eps) / xp.sqrt(square + eps), "gradient")], formula, symbols
        )
