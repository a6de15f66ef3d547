"""torch.utils.tensorboard, for programs that log to it: gradviz's window shows their curves instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class SummaryWriter:
    """Accepts whatever is added and writes no files.

    https://docs.pytorch.org/docs/stable/tensorboard.html
    """

    def __init__(self, log_dir: Any = None, comment: str = "", **settings: Any) -> None:
        self.log_dir = log_dir

    def __getattr__(self, name: str) -> Callable[..., None]:
        if not name.startswith("add_"):
            raise AttributeError(f"'SummaryWriter' object has no attribute '{name}'")
        return _write_nothing

    def get_logdir(self) -> Any:
        return self.log_dir

    def flush(self) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *error: object) -> None:
        return None


def _write_nothing(*args: Any, **kwargs: Any) -> None:
    """Stands for every `add_…` method."""
