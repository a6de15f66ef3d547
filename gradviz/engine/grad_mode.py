"""Whether operations are recorded: a switch per thread (torch.no_grad and its relatives)."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Generator
from typing import Any


class _Mode(threading.local):
    enabled = True
    walk: Any = None  # the backward pass that is running
    inference = False  # tensors made now will never take part in autograd


mode = _Mode()


def is_grad_enabled() -> bool:
    """Whether operations on tensors that require grad are being recorded in this thread."""
    return mode.enabled


def is_inference_mode_enabled() -> bool:
    """Whether tensors that are made now will be inference tensors."""
    return mode.inference


class _Switch:
    """A context manager that is a decorator, too."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled
        self.previous: list[bool] = []

    def __enter__(self) -> None:
        self.previous.append(mode.enabled)
        mode.enabled = self.enabled and not mode.inference

    def __exit__(self, *exception: object) -> None:
        mode.enabled = self.previous.pop()

    def again(self) -> _Switch:
        """The same switch, for one more use."""
        return _Switch(self.enabled)

    def __call__(self, function: Callable) -> Callable:
        if inspect.isgeneratorfunction(function):
            return self._around_generator(function)

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self.again():
                return function(*args, **kwargs)

        return wrapper

    def _around_generator(self, function: Callable) -> Callable:
        """Switches while the generator runs, and back while it waits: the caller goes on unswitched."""

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Generator:
            generator = function(*args, **kwargs)
            resume, sent = generator.send, None
            while True:
                try:
                    with self.again():
                        value = resume(sent)
                except StopIteration as end:
                    return end.value
                try:
                    resume, sent = generator.send, (yield value)
                except GeneratorExit:
                    generator.close()
                    raise
                except BaseException as error:
                    resume, sent = generator.throw, error

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
    """Nothing is recorded inside, and tensors made inside can never be part of a graph (see inference.py).

    With `mode=False` the opposite. https://pytorch.org/docs/stable/generated/torch.autograd.grad_mode.inference_mode.html
    """

    def __new__(cls, mode: bool | Callable = True) -> Any:
        return inference_mode()(mode) if callable(mode) else super().__new__(cls)

    def __init__(self, mode: bool = True) -> None:
        super().__init__(not mode)

    def again(self) -> _Switch:
        return inference_mode(not self.enabled)

    def __enter__(self) -> None:
        self.outside = mode.inference
        mode.inference = not self.enabled
        super().__enter__()

    def __exit__(self, *exception: object) -> None:
        super().__exit__(*exception)
        mode.inference = self.outside


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
