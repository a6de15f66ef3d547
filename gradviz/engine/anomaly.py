"""torch.autograd.set_detect_anomaly: stop at the first operation whose gradient is not a number."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import xp

enabled = False


class set_detect_anomaly:
    """Switches the check on or off at once; as a context manager, back again at the end."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        global enabled
        self.previous = enabled
        enabled = mode and check_nan

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        global enabled
        enabled = self.previous


class detect_anomaly(set_detect_anomaly):
    """`with torch.autograd.detect_anomaly():`"""

    def __init__(self, check_nan: bool = True) -> None:
        super().__init__(True, check_nan)


def check(node: Any, grads: list) -> None:
    """Raises RuntimeError when a gradient that `node` returned holds a NaN."""
    for nr, g in enumerate(grads):
        if g is not None and xp.isnan(getattr(g, "array", g)).any():
            raise RuntimeError(f"Function '{node.name()}' returned nan values in its {nr}th output.")
