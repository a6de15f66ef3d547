"""Adafactor."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from gradviz.engine.backend import Array, beside, xp
from gradviz.engine.optim.optimizer import Change, Group, Optimizer, Share, require, require_rate
from gradviz.engine.tensor import wrap


class Adafactor(Optimizer):
    """Steps by the gradient over the root of its mean square, of which only rows and columns are kept.

    Source: Shazeer and Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost (2018);
    https://docs.pytorch.org/docs/stable/generated/torch.optim.Adafactor.html
    """

    decouples_weight_decay = True
    elementwise = False

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        require_rate(lr, "Learning rate should be >= 0 but is")
        require(beta2_decay <= 0, f"beta2_decay should be <= 0 but is: {beta2_decay}")
        require(eps[0] is None or eps[0] >= 0, f"epsilon1 should be >= 0 but is: {eps[0]}")
        require(eps[1] >= 0, f"epsilon2 should be >= 0 but is: {eps[1]}")
        require(d >= 1, f"Clipping threshold d should be >= 1 but is: {d}")
        require(weight_decay >= 0, f"weight_decay should be >= 0 but is: {weight_decay}")
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _update(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> None:
        if not state:
            state["step"] = wrap(xp.zeros((), "float32"))
            for name, shape in _kept(value.shape).items():
                state[name] = wrap(beside(xp.zeros(shape, value.dtype), value))
        state["step"].array += 1
        steps, lr = state["step"].array.item(), float(group["lr"])
        tiny = self.settings(group, value)["eps"][0]
        size = max(group["eps"][1], float(xp.linalg.norm(value)) / math.sqrt(value.size))
        rate = size * min(lr, 1 / math.sqrt(steps))
        value *= 1 - lr * group["weight_decay"]
        variance = self._variance(gradient, state, steps ** group["beta2_decay"], tiny)
        change = gradient / xp.sqrt(xp.maximum(variance, tiny * tiny))
        clipped = max(1.0, float(xp.linalg.norm(change)) / (math.sqrt(change.size) * group["d"]))
        value -= rate / clipped * change

    def _variance(self, gradient: Array, state: dict[str, Any], share: float, tiny: float) -> Array:
        """The running mean of the gradient's square, of a matrix as an outer product."""
        square = gradient * gradient
        if gradient.ndim < 2:
            variance = state["variance"].array
            variance += (square - variance) * share
            return variance
        rows, columns = state["row_var"].array, state["col_var"].array
        rows += (square.mean(-1, keepdims=True) - rows) * share
        columns += (square.mean(-2, keepdims=True) - columns) * share
        return rows @ columns / xp.maximum(rows.mean(-2, keepdims=True), tiny)

    def _change(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> Change:
        steps, lr = float(state.get("step", 0)) + 1, float(group["lr"])
        tiny = group["eps"][0]
        size = max(group["eps"][1], float(xp.linalg.norm(value)) / math.sqrt(value.size))
        rate = size * min(lr, 1 / math.sqrt(steps))
        kept = {
            name: wrap(xp.array(state[name]) if name in state else beside(xp.zeros(shape), value))
            for name, shape in _kept(value.shape).items()
        }
        variance = self._variance(gradient, kept, steps ** group["beta2_decay"], tiny)
        scale = 1 / xp.sqrt(xp.maximum(variance, tiny * tiny))
        clipped = max(1.0, float(xp.linalg.norm(gradient * scale)) / (math.sqrt(value.size) * group["d"]))
        shares = [Share(-rate / clipped * scale, "gradient")]
        if group["weight_decay"]:
            shares.append(Share(-lr * group["weight_decay"], "value"))
        symbols = {r"\rho": rate / clipped, "g": gradient, "v": variance}
        return Change(shares, r"-\frac{\rho \, g}{\sqrt{v}}", symbols)

    def settings(self, group: Group, value: Array) -> Group:
        first, second = group["eps"]
        tiny = float(xp.finfo(value.dtype).eps) if first is None else first
        return {**super().settings(group, value), "eps": (tiny, second)}


def _kept(shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """The arrays that are remembered of a parameter's squared gradient, with their shapes."""
    if len(shape) < 2:
        return {"variance": shape}
    return {"row_var": (*shape[:-1], 1), "col_var": (*shape[:-2], 1, shape[-1])}
