"""Schedulers made of schedulers.

Source: https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from typing import Any

from gradviz.engine.optim.lr_scheduler.scheduler import LRScheduler
from gradviz.engine.optim.optimizer import Optimizer


class SequentialLR(LRScheduler):
    """One scheduler after the other; the next one takes over at each epoch in `milestones`."""

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        if not schedulers:
            raise ValueError("SequentialLR expects at least one scheduler to be chained, but got none.")
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "Sequential Schedulers expects number of schedulers provided to be one more than the number "
                f"of milestone points, but got number of schedulers {len(schedulers)} and the number of "
                f"milestones to be equal to {len(milestones)}"
            )
        self._schedulers = list(schedulers)
        self._milestones = list(milestones)
        for scheduler in schedulers:  # each has set the rates for its epoch 0 when it was made
            scheduler.last_epoch -= 1
        super().__init__(optimizer, last_epoch)

    def _advance(self) -> None:
        self.last_epoch += 1
        which = bisect.bisect_right(self._milestones, self.last_epoch)
        if self.last_epoch in (0, *self._milestones):  # the next one starts from the initial rates
            for group in self.optimizer.param_groups:
                group["lr"] = group["initial_lr"]
        self._schedulers[which]._advance()
        self._last_lr = self._current()

    def state_dict(self) -> dict[str, Any]:
        return _state(self)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        _load(self, state_dict)


class ChainedScheduler(LRScheduler):
    """Several schedulers that all change the rates at every step."""

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        if not schedulers:
            raise ValueError("ChainedScheduler expects at least one scheduler to be chained, but got none.")
        self._schedulers = list(schedulers)
        self.optimizer = schedulers[0].optimizer if optimizer is None else optimizer
        if any(scheduler.optimizer is not self.optimizer for scheduler in schedulers):
            raise ValueError("ChainedScheduler expects all schedulers to belong to the same optimizer")
        self._last_lr = self._current()

    def step(self, epoch: int | None = None) -> None:
        """Let every scheduler go on by one epoch."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = self._current()

    def state_dict(self) -> dict[str, Any]:
        return _state(self)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        _load(self, state_dict)


def _state(combined: SequentialLR | ChainedScheduler) -> dict[str, Any]:
    """A combination's own state with its schedulers' states in it."""
    state = LRScheduler.state_dict(combined)
    return {**state, "_schedulers": [scheduler.state_dict() for scheduler in combined._schedulers]}


def _load(combined: SequentialLR | ChainedScheduler, state_dict: dict[str, Any]) -> None:
    own = dict(state_dict)
    for scheduler, state in zip(combined._schedulers, own.pop("_schedulers"), strict=True):
        scheduler.load_state_dict(state)
    LRScheduler.load_state_dict(combined, own)
