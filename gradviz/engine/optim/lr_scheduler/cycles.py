"""Schedulers that rise and fall.

Source: https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Sequence
from typing import Literal

from gradviz.engine.optim.lr_scheduler.scheduler import LRScheduler
from gradviz.engine.optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    """From the initial lr to `eta_min` in `T_max` epochs along half a cosine, and back again.

    Source: Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts (2016).
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        if self.last_epoch == 0:
            return self._current()

        def height(epoch: int) -> float:
            return 1 + math.cos(math.pi * epoch / self.T_max)

        before = height(self.last_epoch - 1)
        if math.isclose(before, 0, abs_tol=1e-12):  # at the bottom: rise again, from the initial rates
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            return [
                lr + (base - self.eta_min) * rise
                for lr, base in zip(self._current(), self.base_lrs, strict=True)
            ]
        ratio = height(self.last_epoch) / before
        return [self.eta_min + (lr - self.eta_min) * ratio for lr in self._current()]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine from the initial lr to `eta_min` in T_0 epochs, then in T_0 · T_mult, and so on.

    `step(epoch)` takes fractions of an epoch. Source: Loshchilov and Hutter, SGDR (2016).
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        self.T_0 = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        length, since = self.T_0, self.last_epoch
        while since >= length:
            since -= length
            length *= self.T_mult
        self.T_cur, self.T_i = since, length
        share = (1 + math.cos(math.pi * since / length)) / 2
        return [self.eta_min + (base - self.eta_min) * share for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Go on by one epoch, or to `epoch`, and set the learning rates."""
        if epoch is not None:
            self.last_epoch = epoch - 1
        super().step()


class OneCycleLR(LRScheduler):
    """Up from max_lr / div_factor to max_lr and down to a tiny rate, once, in `total_steps` steps.

    Momentum (or Adam's first beta) moves the other way. Source: Smith and Topin, Super-Convergence (2017).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float = 0.85,
        max_momentum: float = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
            total_steps = epochs * steps_per_epoch
        if total_steps <= 0:
            raise ValueError(f"Expected positive integer total_steps, but got {total_steps}")
        if not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self.total_steps = total_steps
        self.anneal_strategy = anneal_strategy
        self.cycle_momentum = cycle_momentum
        groups = optimizer.param_groups
        if cycle_momentum and not {"momentum", "betas"} & optimizer.defaults.keys():
            raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
        peaks = list(max_lr) if isinstance(max_lr, list | tuple) else [max_lr] * len(groups)
        for group, peak in zip(groups, peaks, strict=True):
            group["initial_lr"] = peak / div_factor
            group["max_lr"], group["min_lr"] = peak, group["initial_lr"] / final_div_factor
            group["base_momentum"], group["max_momentum"] = base_momentum, max_momentum
        # (last step, lr at its start, lr at its end, momentum at its start and end) of every phase
        up = pct_start * total_steps - 1
        low, high = "max_momentum", "base_momentum"
        self.phases = [(up, "initial_lr", "max_lr", low, high)]
        if three_phase:
            self.phases += [
                (2 * up, "max_lr", "initial_lr", high, low),
                (total_steps - 1, "initial_lr", "min_lr", low, low),
            ]
        else:
            self.phases.append((total_steps - 1, "max_lr", "min_lr", high, low))
        super().__init__(optimizer, last_epoch)

    def _between(self, start: float, end: float, share: float) -> float:
        if self.anneal_strategy == "cos":
            share = (1 - math.cos(math.pi * share)) / 2
        return start + (end - start) * share

    def get_lr(self) -> list[float]:
        if self.last_epoch > self.total_steps:
            raise ValueError(
                f"Tried to step {self.last_epoch} times. The specified number of total steps is "
                f"{self.total_steps}"
            )
        ends = [phase[0] for phase in self.phases]
        which = min(bisect.bisect_left(ends, self.last_epoch), len(ends) - 1)
        begin = ends[which - 1] if which else 0
        end, lr_from, lr_to, momentum_from, momentum_to = self.phases[which]
        share = (self.last_epoch - begin) / (end - begin)
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self._between(group[lr_from], group[lr_to], share))
            if self.cycle_momentum:
                momentum = self._between(group[momentum_from], group[momentum_to], share)
                if "betas" in group:
                    group["betas"] = (momentum, *group["betas"][1:])
                else:
                    group["momentum"] = momentum
        return rates


class CyclicLR(LRScheduler):
    """Up from base_lr to max_lr and down again, over and over; momentum moves the other way.

    The height of the peaks stays ("triangular"), halves with every cycle ("triangular2") or shrinks by
    `gamma` with every step ("exp_range"); or `scale_fn` gives it. Source: Smith, Cyclical Learning Rates
    (2015).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | Sequence[float],
        max_lr: float | Sequence[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: Literal["cycle", "iterations"] = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float = 0.8,
        max_momentum: float = 0.9,
        last_epoch: int = -1,
    ) -> None:
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError("mode is invalid and scale_fn is None")
        if cycle_momentum and not {"momentum", "betas"} & optimizer.defaults.keys():
            raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
        self.up = step_size_up
        self.down = step_size_up if step_size_down is None else step_size_down
        self.mode = mode
        self.gamma = gamma
        self.scale_fn = scale_fn
        self.scale_mode = scale_mode
        self.cycle_momentum = cycle_momentum
        self.base_momentum, self.max_momentum = base_momentum, max_momentum
        groups = optimizer.param_groups
        lows, self.max_lrs = (
            list(lr) if isinstance(lr, list | tuple) else [lr] * len(groups) for lr in (base_lr, max_lr)
        )
        if last_epoch == -1:
            for group, low in zip(groups, lows, strict=True):
                group["lr"] = group["initial_lr"] = low
        super().__init__(optimizer, last_epoch)

    def _peak(self, cycle: int) -> float:
        """How high this cycle's peak is, as a part of max_lr - base_lr."""
        if self.scale_fn is not None:
            return self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "exp_range":
            return self.gamma**self.last_epoch
        return 1.0 if self.mode == "triangular" else 0.5 ** (cycle - 1)

    def get_lr(self) -> list[float]:
        cycle, since = divmod(self.last_epoch, self.up + self.down)
        share = since / self.up if since <= self.up else (self.up + self.down - since) / self.down
        height = share * self._peak(cycle + 1)
        if self.cycle_momentum:
            momentum = self.max_momentum - (self.max_momentum - self.base_momentum) * height
            for group in self.optimizer.param_groups:
                if "betas" in group:
                    group["betas"] = (momentum, *group["betas"][1:])
                else:
                    group["momentum"] = momentum
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * height for low, high in pairs]
