"""torch.accelerator, for programs that ask: there is none here."""

from __future__ import annotations

from gradviz.engine.device import device


def is_available() -> bool:
    return False


def current_accelerator(check_available: bool = False) -> device | None:
    """None: computations run on the CPU."""
    return None


def device_count() -> int:
    return 0
