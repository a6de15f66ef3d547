"""Makes `import torch` give the engine, so that a program written for PyTorch runs as it stands."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from types import ModuleType

from gradviz import engine
from gradviz.session import torchvision


def install() -> None:
    """Enters the engine and all its modules into `sys.modules` under torch's names, likewise torchvision.

    All of them at once: a name that is missing here must not be looked up in a PyTorch that happens to be
    installed, nor be loaded a second time from the engine's folder. Idempotent.
    """
    _enter(engine, "torch")
    _enter(torchvision, "torchvision")


def _enter(package: ModuleType, alias: str) -> None:
    sys.modules[alias] = package
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        name = alias + module.name.removeprefix(package.__name__)
        sys.modules[name] = loaded = importlib.import_module(module.name)
        for value in vars(loaded).values():
            if isinstance(value, type) and value.__module__ == module.name:
                value.__module__ = name  # a program that prints a type sees torch's name for it
