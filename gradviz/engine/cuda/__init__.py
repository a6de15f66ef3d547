"""torch.cuda: the GPU that CuPy computes on, if there is one.

Source: https://docs.pytorch.org/docs/stable/cuda.html
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, NamedTuple

from gradviz.engine.backend import load_cupy
from gradviz.engine.device import device as device_type
from gradviz.engine.device import gpu_number


class DeviceProperties(NamedTuple):
    """What `get_device_properties` says of a GPU; `total_memory` in bytes."""

    name: str
    major: int
    minor: int
    total_memory: int
    multi_processor_count: int


def is_available() -> bool:
    """Whether CuPy is installed and finds a GPU."""
    return load_cupy() is not None


def is_initialized() -> bool:
    return is_available()


def device_count() -> int:
    cupy = load_cupy()
    return cupy.cuda.runtime.getDeviceCount() if cupy else 0


def current_device() -> int:
    """The number of the GPU that computes. Raises RuntimeError where there is none."""
    return _cupy().cuda.Device().id


def set_device(device: Any) -> None:
    """Computes on this GPU (a number, a string or a device) from now on."""
    number = device if isinstance(device, int) else device_type(device).index
    if number is not None and number >= 0:
        _cupy().cuda.Device(number).use()


def get_device_properties(device: Any = None) -> DeviceProperties:
    """Name, compute capability, memory and multiprocessors of a GPU (the current one by default)."""
    found = _cupy().cuda.runtime.getDeviceProperties(_number(device))
    return DeviceProperties(
        found["name"].decode(),
        found["major"],
        found["minor"],
        found["totalGlobalMem"],
        found["multiProcessorCount"],
    )


def get_device_name(device: Any = None) -> str:
    return get_device_properties(device).name


def get_device_capability(device: Any = None) -> tuple[int, int]:
    """The compute capability (major, minor)."""
    properties = get_device_properties(device)
    return properties.major, properties.minor


def manual_seed(seed: int) -> None:
    """Does nothing: random numbers are drawn on the CPU, from the stream that `torch.manual_seed` seeds."""


def manual_seed_all(seed: int) -> None:
    """Does nothing, as `manual_seed`."""


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """False: there are no arrays of bfloat16."""
    return False


def synchronize(device: Any = None) -> None:
    """Waits until the GPU has computed all that it was asked for; without a GPU, it has."""
    cupy = load_cupy()
    if cupy:
        cupy.cuda.Device().synchronize()


def empty_cache() -> None:
    """Gives memory that no tensor uses back to the GPU."""
    cupy = load_cupy()
    if cupy:
        cupy.get_default_memory_pool().free_all_blocks()


def memory_allocated(device: Any = None) -> int:
    """The bytes that tensors use on the GPU; 0 without one."""
    cupy = load_cupy()
    return cupy.get_default_memory_pool().used_bytes() if cupy else 0


def memory_reserved(device: Any = None) -> int:
    """The bytes that tensors use or used on the GPU, until `empty_cache`; 0 without one."""
    cupy = load_cupy()
    return cupy.get_default_memory_pool().total_bytes() if cupy else 0


max_memory_allocated = max_memory_reserved = memory_reserved  # the pool keeps what it once needed


def reset_peak_memory_stats(device: Any = None) -> None:
    """Starts `max_memory_allocated` anew."""
    empty_cache()


def mem_get_info(device: Any = None) -> tuple[int, int]:
    """The free and the total bytes of the GPU."""
    return _cupy().cuda.runtime.memGetInfo()


class Event:
    """A moment of the GPU's work, for timing it.

    https://docs.pytorch.org/docs/stable/generated/torch.cuda.Event.html
    """

    def __init__(
        self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False
    ) -> None:
        self._event = _cupy().cuda.Event(block=blocking, disable_timing=not enable_timing)

    def record(self, stream: Any = None) -> None:
        self._event.record()

    def synchronize(self) -> None:
        self._event.synchronize()

    def query(self) -> bool:
        """Whether the GPU has come past it."""
        return bool(self._event.done)

    def elapsed_time(self, end_event: Event) -> float:
        """Milliseconds from this event to the other."""
        return _cupy().cuda.get_elapsed_time(self._event, end_event._event)


def _number(device: Any) -> int | None:
    return gpu_number(device_type("cuda" if device is None else device))


def _cupy() -> ModuleType:
    _number(None)  # raises where there is no GPU
    cupy = load_cupy()
    assert cupy is not None
    return cupy
