"""Averaged SGD."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.optim.optimizer import Change, Group, Optimizer, Share, require, require_rate
from gradviz.engine.tensor import wrap


class ASGD(Optimizer):
    """SGD whose rate falls, with the mean of the parameters since step `t0` kept in the state as "ax".

    Source: Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging (1992);
    https://docs.pytorch.org/docs/stable/generated/torch.optim.ASGD.html
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        require_rate(lr)
        require(weight_decay >= 0, f"Invalid weight_decay value: {weight_decay}")
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _update(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> None:
        lr = float(group["lr"])
        if not state:
            state["step"] = wrap(xp.zeros((), "float32"))
            state["eta"] = wrap(xp.full((), lr, "float32"))
            state["mu"] = wrap(xp.ones((), "float32"))
            state["ax"] = wrap(xp.zeros_like(value))
        state["step"].array += 1
        steps, eta, mu = (state[name].array.item() for name in ("step", "eta", "mu"))
        mean = state["ax"].array
        value *= 1 - group["lambd"] * eta
        value -= eta * gradient
        mean += (value - mean) * mu
        state["eta"].array[...] = lr / (1 + group["lambd"] * lr * steps) ** group["alpha"]
        state["mu"].array[...] = 1 / max(1, steps - group["t0"])

    def _change(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> Change:
        eta = float(state.get("eta", xp.full((), float(group["lr"]), "float32")))
        shares = [Share(-group["lambd"] * eta, "value"), Share(-eta, "gradient")]
        symbols = {r"\lambda": group["lambd"], r"\eta": eta, "w": value, "g": gradient}
        return Change(shares, r"-\lambda \eta w - \eta g", symbols)
