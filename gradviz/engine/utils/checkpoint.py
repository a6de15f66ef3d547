"""torch.utils.checkpoint, for programs that trade time for memory: here nothing is computed twice.

Source: https://docs.pytorch.org/docs/stable/checkpoint.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradviz.engine.nn.modules.container import Sequential


def checkpoint(
    function: Callable,
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """`function(*args, **kwargs)`, whose graph is kept."""
    return function(*args, **kwargs)


def checkpoint_sequential(
    functions: Sequential | list[Callable], segments: int, input: Any, **settings: Any
) -> Any:
    """The functions, one after the other."""
    for function in functions:
        input = function(input)
    return input
