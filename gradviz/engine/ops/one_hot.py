"""Classes as vectors."""

from __future__ import annotations

import numpy as np

from gradviz.engine.backend import xp
from gradviz.engine.tape import Op


class OneHot(Op):
    """Classes (…) int64 → (…, num_classes) int64 with a 1 at the class."""

    args = ("labels",)
    formula = r"\mathbf{1}[\mathrm{labels} = \mathrm{class}]"
    vjp = ("0",)
    differentiable = False

    def __init__(self, num_classes: int) -> None:
        self.num_classes = num_classes

    def forward(self, labels):
        return (labels[..., None] == xp.arange(self.num_classes)).astype(np.int64)
