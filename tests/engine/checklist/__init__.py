"""What a program may count on in PyTorch, line by line.

Every function takes `torch` and holds for the engine (tests/engine/test_checklist.py) as for PyTorch itself
(tests/engine/parity/test_checklist.py). To add a line, add a function to the file of its subject.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable


def lines() -> dict[str, Callable]:
    """Every line of the checklist under "subject: what holds"."""
    found = {}
    for file in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{file.name}")
        for name, function in vars(module).items():
            if inspect.isfunction(function) and list(inspect.signature(function).parameters) == ["torch"]:
                found[f"{file.name}: {name.replace('_', ' ')}"] = function
    return found
