"""Activation functions as modules."""

from __future__ import annotations

from gradviz.engine.nn import functional as F
from gradviz.engine.nn.module import Module
from gradviz.engine.tensor import Tensor


class ReLU(Module):
    """max(0, x)."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.relu(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""
