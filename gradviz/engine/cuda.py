"""torch.cuda, for programs that ask: there is no GPU here."""

from __future__ import annotations

from typing import Any


def is_available() -> bool:
    return False


def device_count() -> int:
    return 0


def manual_seed(seed: int) -> None:
    """Does nothing: there is no GPU whose random numbers could be seeded."""


def manual_seed_all(seed: int) -> None:
    """Does nothing: there is no GPU whose random numbers could be seeded."""


def synchronize(device: Any = None) -> None:
    """Does nothing: computations on the CPU are done when they return."""


def empty_cache() -> None:
    """Does nothing: there is no GPU memory."""


def is_initialized() -> bool:
    return False
