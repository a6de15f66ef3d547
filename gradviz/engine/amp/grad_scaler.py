"""Losses multiplied by a large number, so that gradients in small dtypes do not vanish."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from gradviz.engine import cuda
from gradviz.engine.backend import xp
from gradviz.engine.optim.optimizer import Optimizer
from gradviz.engine.tensor import Tensor


class GradScaler:
    """Scales losses up and gradients back, and skips the steps in which a gradient was infinite or NaN.

    After a skipped step the scale falls by `backoff_factor`; after `growth_interval` good ones it grows.
    For "cuda" without a GPU it is disabled: then it leaves losses and gradients alone.
    https://docs.pytorch.org/docs/stable/amp.html#gradient-scaling
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        if enabled and device == "cuda" and not cuda.is_available():
            warnings.warn(
                "torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.", stacklevel=2
            )
            enabled = False
        self._enabled = enabled
        self._scale = init_scale
        self._growth_factor, self._backoff_factor = growth_factor, backoff_factor
        self._growth_interval, self._growth_tracker = growth_interval, 0
        self._finite: dict[int, bool] = {}  # optimizers whose gradients were unscaled: all finite?

    def is_enabled(self) -> bool:
        return self._enabled

    def get_scale(self) -> float:
        """The scale, 1.0 when disabled."""
        return self._scale if self._enabled else 1.0

    def scale(self, outputs: Tensor | Iterable[Any]) -> Any:
        """A loss, or losses in (nested) lists and tuples, times the scale."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, Tensor):
            return outputs * self._scale
        return type(outputs)(self.scale(output) for output in outputs)  # type: ignore[call-arg]

    def unscale_(self, optimizer: Optimizer) -> None:
        """Divides the gradients of the optimizer's parameters by the scale, say before they are clipped."""
        if not self._enabled:
            return
        if id(optimizer) in self._finite:
            raise RuntimeError(
                "unscale_() has already been called on this optimizer since the last update()."
            )
        gradients = [p.grad for g in optimizer.param_groups for p in g["params"] if p.grad is not None]
        for gradient in gradients:
            gradient.array *= 1 / self._scale
        self._finite[id(optimizer)] = all(bool(xp.isfinite(g.array).all()) for g in gradients)

    def step(self, optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
        """`optimizer.step()` with unscaled gradients, unless one of them is infinite or NaN."""
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if id(optimizer) not in self._finite:
            self.unscale_(optimizer)
        return optimizer.step(*args, **kwargs) if self._finite[id(optimizer)] else None

    def update(self, new_scale: float | Tensor | None = None) -> None:
        """Chooses the scale of the next iteration, or takes `new_scale`."""
        if not self._enabled:
            return
        if new_scale is not None:
            self._scale = float(new_scale)
        elif not all(self._finite.values()):
            self._scale *= self._backoff_factor
            self._growth_tracker = 0
        else:
            self._growth_tracker += 1
            if self._growth_tracker == self._growth_interval:
                self._scale *= self._growth_factor
                self._growth_tracker = 0
        self._finite = {}

    def state_dict(self) -> dict[str, Any]:
        """What to save for going on later; empty when disabled."""
        if not self._enabled:
            return {}
        return {
            "scale": self._scale,
            "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval,
            "_growth_tracker": self._growth_tracker,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over what another scaler's `state_dict` returned."""
        if not self._enabled:
            return
        self._scale, self._growth_tracker = state_dict["scale"], state_dict["_growth_tracker"]
        self._growth_factor, self._backoff_factor = state_dict["growth_factor"], state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]
