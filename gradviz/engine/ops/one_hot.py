"""Classes as vectors."""

from __future__ import annotations

import numpy as np

from gradviz.engine.backend import xp
from gradviz.engine.explain.decomposition import Decomposition, Part, elements
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
        return (labels[..., None] == xp.arange(self.num_classes, like=labels)).astype(np.int64)

    def decompose(self, nr, index, labels):
        label, at = labels[index[:-1]], elements(labels, index[:-1])
        return Decomposition((Part(xp.asarray(label == index[-1]), self.formula, (("labels", at),)),))
