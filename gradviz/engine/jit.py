"""torch.jit and torch.compile, for programs that ask: what is run here runs as it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def compile(model: Callable | None = None, **settings: Any) -> Any:
    """The function or module itself; without one, a decorator (torch.compile)."""
    return script if model is None else model


def script(obj: Any, *args: Any, **settings: Any) -> Any:
    """The function, module or class itself."""
    return obj


def trace(func: Any, example_inputs: Any = None, **settings: Any) -> Any:
    """The function or module itself."""
    return func


ignore = unused = export = script_method = script


def is_scripting() -> bool:
    return False


def is_tracing() -> bool:
    return False
