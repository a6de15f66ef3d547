"""Adam and AdamW."""

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
from gradviz.engine.tensor import Tensor, wrap


class Adam(Optimizer):
    """Steps by the running mean of the gradient over the root of the running mean of its square.

    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization (2014);
    https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        require_rate(lr)
        _check_tensors(lr, betas, bool(foreach), capturable)
        require(eps >= 0, f"Invalid epsilon value: {eps}")
        for i, beta in enumerate(betas):
            require(0 <= beta < 1, f"Invalid beta parameter at index {i}: {beta}")
        require(weight_decay >= 0, f"Invalid weight_decay value: {weight_decay}")
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def _update(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> None:
        if not state:
            state["step"] = wrap(xp.zeros((), "float32"))
            for name in ("exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if group["amsgrad"] else [])):
                state[name] = wrap(xp.zeros_like(value))
        state["step"].array += 1
        steps, lr = state["step"].array.item(), float(group["lr"])
        beta1, beta2 = (float(beta) for beta in group["betas"])
        mean, square, scratch = state["exp_avg"].array, state["exp_avg_sq"].array, self._scratch(value)

        if group["decoupled_weight_decay"]:
            value *= 1 - lr * group["weight_decay"]
        mean += xp.multiply(xp.subtract(gradient, mean, out=scratch), 1 - beta1, out=scratch)
        square *= beta2
        xp.multiply(gradient, gradient, out=scratch)
        square += xp.multiply(scratch, 1 - beta2, out=scratch)
        if group["amsgrad"]:
            largest = state["max_exp_avg_sq"].array
            square = xp.maximum(largest, square, out=largest)

        # both means started at zero; dividing by 1 - beta^steps takes that out
        xp.sqrt(square, out=scratch)
        scratch /= math.sqrt(1 - beta2**steps)
        scratch += group["eps"]
        xp.divide(mean, scratch, out=scratch)
        scratch *= lr / (1 - beta1**steps)
        value -= scratch

    def _change(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> Change:
        steps, lr = float(state.get("step", 0)) + 1, float(group["lr"])
        beta1, beta2 = (float(beta) for beta in group["betas"])
        mean = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * gradient
        square = beta2 * state.get("exp_avg_sq", 0.0) + (1 - beta2) * gradient * gradient
        if group["amsgrad"]:
            square = xp.maximum(state.get("max_exp_avg_sq", 0.0), square)
        mean, square = mean / (1 - beta1**steps), square / (1 - beta2**steps)
        scale = -lr / (1 - beta1**steps) / (xp.sqrt(square) + group["eps"])
        shares = [Share(scale * (1 - beta1), "gradient"), Share(scale * beta1, "exp_avg")]
        formula = r"-\frac{\mathrm{lr} \, \hat{m}}{\sqrt{\hat{v}} + \epsilon}"
        symbols = {r"\mathrm{lr}": lr, r"\hat{m}": mean, r"\hat{v}": square, r"\epsilon": group["eps"]}
        return Change(decoupled_decay(group) + shares, formula, symbols)


def _check_tensors(lr: Any, betas: Any, foreach: bool, capturable: bool) -> None:
    """Refuse what torch cannot do with settings that are tensors."""
    foreach = foreach and not capturable
    require(
        not (isinstance(lr, Tensor) and foreach),
        "lr as a Tensor is not supported for capturable=False and foreach=True",
    )
    tensors = [isinstance(beta, Tensor) for beta in betas]
    require(tensors[0] == tensors[1], "betas must be either both floats or both Tensors")
    for i, beta in enumerate(betas):
        if tensors[i]:
            words = f"betas[{i}] as a Tensor is not supported for capturable=False and foreach=True"
            require(not foreach, words)
            require(beta.numel() == 1, f"Tensor betas[{i}] must be 1-element")


class AdamW(Adam):
    """Adam whose weight decay shrinks the weights themselves instead of joining the gradient.

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2017);
    https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )
