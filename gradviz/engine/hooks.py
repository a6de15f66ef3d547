"""Handles of hooks, as torch.utils.hooks.RemovableHandle."""

from __future__ import annotations

import itertools
from collections.abc import Callable

_ids = itertools.count()


class RemovableHandle:
    """Adds a hook to a dict of hooks; `remove()` takes it out again."""

    def __init__(self, hooks: dict[int, Callable], hook: Callable) -> None:
        self.hooks = hooks
        self.id = next(_ids)
        hooks[self.id] = hook

    def remove(self) -> None:
        self.hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()
