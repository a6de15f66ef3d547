"""Rprop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.optim.optimizer import Change, Group, Optimizer, Share, require, require_rate
from gradviz.engine.tensor import wrap


class Rprop(Optimizer):
    """Steps by the sign of the gradient only; their sizes grow while it stays, and shrink when it changes.

    Source: Riedmiller and Braun, A Direct Adaptive Method for Faster Backpropagation Learning (1993);
    https://docs.pytorch.org/docs/stable/generated/torch.optim.Rprop.html
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        require_rate(lr)
        require(0 < etas[0] < 1 < etas[1], f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _update(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> None:
        if not state:
            state["step"] = wrap(xp.zeros((), "float32"))
            state["prev"] = wrap(xp.zeros_like(value))
            state["step_size"] = wrap(xp.full_like(value, float(group["lr"])))
        state["step"].array += 1
        before, sizes = state["prev"].array, state["step_size"].array
        shrink, grow = group["etas"]
        agreement = xp.sign(gradient * before)
        sizes *= xp.where(agreement > 0, grow, xp.where(agreement < 0, shrink, 1)).astype(sizes.dtype)
        xp.clip(sizes, *group["step_sizes"], out=sizes)
        gradient = xp.where(agreement < 0, 0, gradient)  # after a change of sign one step is left out
        value -= xp.sign(gradient) * sizes
        before[...] = gradient

    def _change(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> Change:
        shrink, grow = group["etas"]
        agreement = xp.sign(gradient * state.get("prev", 0.0))
        sizes = state.get("step_size", xp.full_like(value, float(group["lr"])))
        sizes = sizes * xp.where(agreement > 0, grow, xp.where(agreement < 0, shrink, 1))
        sizes = xp.clip(sizes, *group["step_sizes"])
        direction = xp.sign(xp.where(agreement < 0, 0, gradient))
        symbols = {"g": gradient, r"\eta": sizes, "s": direction}
        return Change([Share(-direction * sizes, "")], r"-s \eta", symbols)
