"""Activation functions with the extras that torch.nn.functional adds to the operations themselves."""

from __future__ import annotations

from gradviz.engine.ops import activation
from gradviz.engine.tensor import Tensor


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(0, input)."""
    return activation.relu_(input) if inplace else activation.relu(input)
