"""torch.device: the CPU, or a GPU that CuPy computes on."""

from __future__ import annotations

from typing import Any

from gradviz.engine.backend import Array, gpu_of, load_cupy, to_gpu

KINDS = ("cpu", "cuda", "mps", "xpu", "meta")


class device:
    """Where a tensor lives, such as `device("cuda:0")`. As a context manager: where new tensors are made.

    https://docs.pytorch.org/docs/stable/tensor_attributes.html#torch.device
    """

    __module__ = "torch"

    def __init__(self, type: Any = "cpu", index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        elif isinstance(type, int):
            type, index = "cuda", type
        kind, _, number = str(type).partition(":")
        if kind not in KINDS:
            raise RuntimeError(
                f"Expected one of {', '.join(KINDS)} device type at start of device string: {kind}"
            )
        self.type = kind
        if number and not number.isdecimal():
            raise RuntimeError(f"Invalid device string: '{type}'")
        self.index = int(number) if number else index
        self._outer: list[device] = []

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __enter__(self) -> device:
        self._outer.append(get_default_device())
        set_default_device(self)
        return self

    def __exit__(self, *exception: object) -> None:
        set_default_device(self._outer.pop())


CPU = device("cpu")
_default = CPU


def get_default_device() -> device:
    """Where new tensors are made: the CPU unless `set_default_device` or `with device(…)` said otherwise."""
    return _default


def set_default_device(where: Any) -> None:
    """Sets where new tensors are made; None is the CPU. Raises for a device that is not there."""
    global _default
    _default = CPU if where is None else device(where)
    gpu_number(_default)


def device_of(array: Array) -> device:
    """The device that an array is on."""
    return CPU if type(array) is Array else device("cuda", gpu_of(array))


def placed(array: Array, where: Any = None) -> Array:
    """The array on the device `where` (a device, string or number), by default on the default device."""
    if where is None and _default is CPU:
        return array
    return to_gpu(array, gpu_number(device(_default if where is None else where)))


def gpu_number(where: device) -> int | None:
    """The number of the GPU that a device names, None for the CPU.

    Raises AssertionError, as torch does, where there is no GPU; RuntimeError for one that does not compute.
    """
    if where.type == "cpu":
        return None
    if where.type != "cuda":
        raise RuntimeError(f"gradviz computes on 'cpu' and 'cuda' and has no device '{where}'.")
    cupy = load_cupy()
    if cupy is None:
        raise AssertionError(
            "Torch not compiled with CUDA enabled: for device 'cuda' gradviz needs an NVIDIA GPU and CuPy "
            "(pip install 'gradviz-explorer[cuda]'). Use torch.device('cuda' if torch.cuda.is_available() "
            "else 'cpu')."
        )
    count, current = cupy.cuda.runtime.getDeviceCount(), cupy.cuda.Device().id
    number = current if where.index is None else where.index
    if not 0 <= number < count:
        raise RuntimeError(f"CUDA error: invalid device ordinal: there is no GPU {number}, of {count}")
    if number != current:
        raise RuntimeError(
            f"gradviz computes on one GPU at a time, now cuda:{current}: call torch.cuda.set_device({number})"
        )
    return number
