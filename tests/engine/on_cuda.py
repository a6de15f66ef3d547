"""`pytest tests/engine --device cuda`: the engine's tests on a GPU, or on the stand-in for one."""

from gradviz import engine
from gradviz.engine import backend
from tests.engine import stand_in_cupy


def set_up() -> None:
    """Makes every new tensor on the GPU."""
    if backend.load_cupy() is None:
        stand_in_cupy.install()
        backend.load_cupy.cache_clear()
    engine.set_default_device("cuda")
