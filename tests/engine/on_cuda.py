"""`pytest tests/engine --device cuda`: the engine's tests on a GPU, or on the stand-in for one."""

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
        stand_in_cupy.install()
        backend.load_cupy.cache_clear()
    engine.set_default_device("cuda")
    engine.Tensor.numpy = copying_numpy
