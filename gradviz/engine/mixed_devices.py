"""What happens to an operation on tensors of different devices: as in torch, only a number may be apart."""

from __future__ import annotations

from gradviz.engine.errors import in_torchs_words, require_one_device
from gradviz.engine.tensor import Tensor


def on_one_device(inputs: tuple, companions: dict[str, Tensor], error: Exception) -> tuple:
    """The `inputs` of an operation that failed with `error`, CPU tensors of one number moved to the GPU.

    Raises RuntimeError when other tensors are on different devices, and the error, in torch's words, when
    devices were not the reason. Asked only after a failure: on one device the check would cost every call.
    """
    tensors = [x for x in (*inputs, *companions.values()) if isinstance(x, Tensor)]
    require_one_device(*[x.array for x in tensors if x.ndim or x.is_cuda])
    gpu = next((x.device for x in tensors if x.is_cuda), None)
    moved = tuple(x.to(gpu) if gpu and isinstance(x, Tensor) and not x.is_cuda else x for x in inputs)
    if all(a is b for a, b in zip(moved, inputs, strict=True)):
        raise in_torchs_words(error) from None
    return moved
