"""Whether operations are recorded: a switch per thread (torch.no_grad and its relatives)."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any


class _Mode(threading.local):
    enabled = True


mode = _Mode()


def is_grad_enabled() -> bool:
    """Whether operations on tensors that require grad are being recorded in this thread."""
    return mode.enabled


class _Switch:
    """A context manager that is a decorator, too."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled
        self.previous: list[bool] = []

    def __enter__(self) -> None:
        self.previous.append(mode.enabled)
        mode.enabled = self.enabled

    def __exit__(self, *exception: object) -> None:
        mode.enabled = self.previous.pop()

    def __call__(self, function: Callable) -> Callable:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with _Switch(self.enabled):
                return function(*args, **kwargs)

        return wrapper


class no_grad(_Switch):
    """Nothing is recorded inside. `with torch.no_grad():`, `@torch.no_grad()` or `@torch.no_grad`."""

    enabled_inside = False

    def __new__(cls, function: Callable | None = None) -> Any:
        switch = super().__new__(cls)
        if function is None:
            return switch
        _Switch.__init__(switch, cls.enabled_inside)
        return _Switch.__call__(switch, function)

    def __init__(self) -> None:
        super().__init__(self.enabled_inside)


class enable_grad(no_grad):
    """Operations are recorded inside, even within `no_grad`."""

    enabled_inside = True


class inference_mode(_Switch):
    """Here the same as `no_grad`; with `mode=False` the same as `enable_grad`."""

    def __new__(cls, mode: bool | Callable = True) -> Any:
        return no_grad(mode) if callable(mode) else super().__new__(cls)

    def __init__(self, mode: bool = True) -> None:
        super().__init__(not mode)


class set_grad_enabled(_Switch):
    """Switches recording at once; as a context manager, back again at the end."""

    def __init__(self, mode_: bool) -> None:
        super().__init__(bool(mode_))
        self.before = mode.enabled
        mode.enabled = self.enabled

    def __enter__(self) -> None:
        self.previous.append(self.before)
        mode.enabled = self.enabled

    def __call__(self, function: Callable) -> Callable:
        mode.enabled = self.before
        return super().__call__(function)
