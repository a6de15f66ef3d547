"""torchvision: what MNIST programs use of it. In a worker, `import torchvision` gives this package."""

from typing import Any

from gradviz.engine.missing import missing
from gradviz.session.torchvision import datasets, transforms, utils

__version__ = "0.28.0+gradviz"  # the one that goes with the engine's torch
__all__ = ["datasets", "transforms", "utils"]


def __getattr__(name: str) -> Any:
    raise missing("torchvision", name, __all__)
