"""The base of all schedulers.

Source: https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
"""

from __future__ import annotations

import warnings
from typing import Any

from gradviz.engine.optim.optimizer import Optimizer


class LRScheduler:
    """Sets `lr` of every parameter group at each `step()` to what `get_lr()` of the subclass returns.

    `last_epoch` counts the steps from 0. Most rules go on from the present rate, so that schedulers may be
    combined.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming an optimizer"
                )
        self.base_lrs = [float(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._steps_before = optimizer.step_count
        self._advance()

    def get_lr(self) -> list[float]:
        """The learning rate of every group at `last_epoch`."""
        raise NotImplementedError(f"{type(self).__name__} must define get_lr(self)")

    def get_last_lr(self) -> list[float]:
        """The learning rates that the last `step` set."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Go on by one epoch (or forward to `epoch`) and set the learning rates."""
        if self.last_epoch == 0 and self.optimizer.step_count == self._steps_before:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. You should call them in "
                "the opposite order; otherwise the first value of the learning rate schedule is skipped.",
                UserWarning,
                stacklevel=2,
            )
        for _ in range(1 if epoch is None else epoch - self.last_epoch):
            self._advance()

    def _advance(self) -> None:
        self.last_epoch += 1
        for group, lr in zip(self.optimizer.param_groups, self.get_lr(), strict=True):
            group["lr"] = lr
        self._last_lr = self._current()

    def _current(self) -> list[float]:
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    def _scaled(self, factor: float) -> list[float]:
        """The present rates, multiplied."""
        return [lr * factor for lr in self._current()]

    def state_dict(self) -> dict[str, Any]:
        """All that the scheduler remembers, without the optimizer and without functions."""
        return {
            name: value
            for name, value in self.__dict__.items()
            if name != "optimizer" and not callable(value)
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from another scheduler's `state_dict()`."""
        self.__dict__.update(state_dict)
