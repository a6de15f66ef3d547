"""A GPU for tests, or the stand-in: for all (`--device cuda`) or for one (the fixture `cuda`)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import numpy

from gradviz import engine
from gradviz.engine import backend
from tests.engine import stand_in_cupy

refusing_numpy = engine.Tensor.numpy


def copying_numpy(self: engine.Tensor, *, force: bool = False) -> numpy.ndarray:
    return refusing_numpy(self.detach().cpu() if force else self.cpu())


def set_up() -> None:
    """Makes every new tensor on the GPU. What a test then looks at by `numpy()` is copied from there."""
    if backend.load_cupy() is None:
        sys.modules.update(stand_in_cupy.modules())
        backend.load_cupy.cache_clear()
    engine.set_default_device("cuda")
    engine.Tensor.numpy = copying_numpy


@contextmanager
def available() -> Iterator[None]:
    """A GPU within the block, where new tensors are made on the CPU as long as nothing else is said."""
    engine.set_default_device("cpu")
    modules = {} if backend.load_cupy() else stand_in_cupy.modules()
    with (
        patch.object(engine.Tensor, "numpy", refusing_numpy),
        patch.object(backend, "_gpu_array", backend._gpu_array),
        patch.dict(sys.modules, modules),
    ):
        if modules:
            backend.load_cupy.cache_clear()
        yield
    if modules:
        backend.load_cupy.cache_clear()
    engine.set_default_device("cpu")
