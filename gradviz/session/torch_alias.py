"""Makes `import torch` give the engine, so that a program written for PyTorch runs as it stands."""

from __future__ import annotations

import importlib
import importlib.abc
import pkgutil
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from gradviz import engine
from gradviz.engine.missing import missing, words
from gradviz.session import torch_layout, torchvision

ALIASES = {"torch": engine, "torchvision": torchvision}


def install() -> None:
    """Enters the engine and all its modules into `sys.modules` under torch's names, likewise torchvision.

    All of them at once: a name that is missing here must not be looked up in a PyTorch that happens to be
    installed, nor be loaded a second time from the engine's folder. Idempotent.
    """
    for alias, package in ALIASES.items():
        _enter(package, alias)
    torch_layout.enter()
    if not any(isinstance(finder, _NothingElse) for finder in sys.meta_path):
        sys.meta_path.insert(0, _NothingElse())


def _enter(package: ModuleType, alias: str) -> None:
    assert package.__spec__ is not None
    own_name = package.__spec__.name
    below = [module.name for module in pkgutil.walk_packages(package.__path__, own_name + ".")]
    for module_name in [own_name, *below]:
        name = alias + module_name.removeprefix(own_name)
        sys.modules[name] = loaded = importlib.import_module(module_name)
        loaded.__name__ = name  # a program that prints a module or a type sees torch's name for it
        # A module without modules below counts as a package, too: `from it import x` then asks the finder.
        loaded.__path__ = getattr(loaded, "__path__", [])
        if "__getattr__" not in vars(loaded):
            vars(loaded)["__getattr__"] = _missing_in(loaded)
        for value in vars(loaded).values():
            if isinstance(value, type) and value.__module__ == module_name:
                value.__module__ = name


def _missing_in(module: ModuleType) -> Callable[[str], Any]:
    def get_missing(name: str) -> Any:
        raise missing(module.__name__, name, _offered(module))

    return get_missing


def _offered(module: ModuleType) -> list[str]:
    return vars(module).get("__all__") or [name for name in vars(module) if not name.startswith("_")]


class _NothingElse(importlib.abc.MetaPathFinder):
    """Says of every other module of torch's, and of every other name in `from torch.x import name`, that it
    is missing. Everything that there is has been entered into `sys.modules` and is never looked for."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        owner, _, missing_name = name.rpartition(".")
        alias = owner.partition(".")[0]
        if alias in ALIASES and sys.modules.get(alias) is ALIASES[alias]:
            raise ModuleNotFoundError(words(owner, missing_name, _offered(sys.modules[owner])))
