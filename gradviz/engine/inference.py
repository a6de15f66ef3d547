"""Inference tensors: made under torch.inference_mode(), without a version, and never part of a graph.

https://pytorch.org/docs/stable/notes/autograd.html#inference-mode
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradviz.engine.grad_mode import mode


class _NoVersion(list):
    """Stands where an ordinary tensor counts its versions, so that only those who ask for one pay for it."""

    def __getitem__(self, index: Any) -> int:
        if mode.inference:
            return 0
        raise RuntimeError(
            "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference "
            "mode in computation tracked by autograd. To work around this, you can make a clone to get a "
            "normal tensor and use it in autograd, or use `torch.no_grad()` instead of "
            "`torch.inference_mode()`."
        )

    def __setitem__(self, index: Any, version: Any) -> None:
        pass


NO_VERSION = _NoVersion()


def mark(tensors: Iterable[Any]) -> None:
    """Makes inference tensors of new tensors, unless they are views of ordinary ones."""
    for tensor in tensors:
        if tensor._counter is None:
            tensor._counter = NO_VERSION


def is_inference(tensor: Any) -> bool:
    return tensor._counter is NO_VERSION


def check_change(tensor: Any) -> None:
    """Raises RuntimeError for an inference tensor that is changed outside inference mode."""
    if tensor._counter is NO_VERSION and not mode.inference:
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to "
            "get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for "
            "more details."
        )
