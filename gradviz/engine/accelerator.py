"""torch.accelerator: the GPU under its general name."""

from __future__ import annotations

from gradviz.engine import cuda
from gradviz.engine.cuda import device_count, is_available, synchronize
from gradviz.engine.device import device

__all__ = ["current_accelerator", "current_device_index", "device_count", "is_available", "synchronize"]


def current_accelerator(check_available: bool = False) -> device | None:
    """`device("cuda")` when there is a GPU, else None."""
    return device("cuda") if is_available() else None


def current_device_index() -> int:
    """The number of the GPU that computes."""
    return cuda.current_device()
