"""The region in which PyTorch would choose smaller dtypes."""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import Any


class autocast(ContextDecorator):
    """Accepts what torch.autocast does, as a context and as a decorator, and keeps all dtypes as they are."""

    def __init__(
        self, device_type: str, dtype: Any = None, enabled: bool = True, cache_enabled: bool | None = None
    ) -> None:
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")

    def __enter__(self) -> autocast:
        return self

    def __exit__(self, *error: object) -> None:
        return None


def is_autocast_enabled(device_type: str | None = None) -> bool:
    """False: dtypes stay as they are, inside `autocast`, too."""
    return False
