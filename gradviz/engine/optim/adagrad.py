"""Adagrad."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.optim.optimizer import Change, Group, Optimizer, Share, require, require_rate
from gradviz.engine.tensor import wrap


class Adagrad(Optimizer):
    """Steps by the gradient over the root of the sum of all its squares so far.

    Source: Duchi, Hazan and Singer, Adaptive Subgradient Methods (2011);
    https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        require_rate(lr)
        require(lr_decay >= 0, f"Invalid lr_decay value: {lr_decay}")
        require(weight_decay >= 0, f"Invalid weight_decay value: {weight_decay}")
        require(
            initial_accumulator_value >= 0,
            f"Invalid initial_accumulator_value value: {initial_accumulator_value}",
        )
        require(eps >= 0, f"Invalid epsilon value: {eps}")
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for parameter in group["params"]:
                start = group["initial_accumulator_value"]
                self.state[parameter]["step"] = wrap(xp.zeros((), "float32"))
                self.state[parameter]["sum"] = wrap(xp.full_like(parameter.array, start))

    def _update(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> None:
        state["step"].array += 1
        lr = float(group["lr"]) / (1 + (state["step"].array.item() - 1) * group["lr_decay"])
        total = state["sum"].array
        total += gradient * gradient
        value -= lr * gradient / (xp.sqrt(total) + group["eps"])

    def _change(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> Change:
        lr = float(group["lr"]) / (1 + float(state["step"]) * group["lr_decay"])
        total = state["sum"] + gradient * gradient
        formula = r"-\frac{\mathrm{lr} \, g}{\sqrt{s} + \epsilon}"
        symbols = {r"\mathrm{lr}": lr, "g": gradient, "s": total, r"\epsilon": group["eps"]}
        return Change([Share(-lr / (xp.sqrt(total) + group["eps"]), "gradient")], formula, symbols)
