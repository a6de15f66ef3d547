"""Makes `import torch` give the engine, so that a program written for PyTorch runs as it stands."""

from __future__ import annotations

import importlib
import pkgutil
import sys

from gradviz import engine


def install() -> None:
    """Enters the engine and all its modules into `sys.modules` under torch's names. Idempotent.

    All of them at once: a name that is missing here must not be looked up in a PyTorch that happens to be
    installed, nor be loaded a second time from the engine's folder.
    """
    sys.modules["torch"] = engine
    for module in pkgutil.walk_packages(engine.__path__, "gradviz.engine."):
        alias = "torch" + module.name.removeprefix("gradviz.engine")
        sys.modules[alias] = loaded = importlib.import_module(module.name)
        for value in vars(loaded).values():
            if isinstance(value, type) and value.__module__ == module.name:
                value.__module__ = alias  # a program that prints a type sees torch's name for it
