"""Rows of a table by index, reduced in bags: one vector for every bag of indices."""

from __future__ import annotations

from gradviz.engine.backend import Array, add_at, xp
from gradviz.engine.explain.decomposition import Decomposition, Part, elements
from gradviz.engine.ops.embedding import EmbeddingDenseBackward
from gradviz.engine.ops.indexing import AddAt, Index
from gradviz.engine.tape import Op


class EmbeddingBag(Op):
    """The sum or mean of the rows of `weight` (n, d) in every bag, each times its factor if there are any.

    `indices` (m,) are the rows, `bags` (m,) the bag that each belongs to, of `count` bags.
    """

    args = ("weight", "factors")
    saves = ("weight", "factors")
    saved_for = {"weight": ("factors",)}
    formula = r"\textstyle\sum_{i \in \mathrm{bag}} f_{i}\, \mathrm{weight}_{i}"
    vjp = (r"\textstyle\sum_{i:\,\mathrm{indices}_{i} = r} f_{i}\, g", r"g \cdot \mathrm{weight}_{i}")
    symbols = {"w": "weight", "f": "factors"}

    def __init__(self, indices: Array, bags: Array, count: int, mean: bool, shares: Array | None) -> None:
        self.indices, self.bags, self.count = indices, bags, count
        self.shares = shares  # what a row's gradient is multiplied by, for rows that come often
        self.divisors = xp.maximum(xp.bincount(bags, minlength=count), 1)[:, None] if mean else None

    def forward(self, weight, factors):
        self.rows = weight.shape[0]
        picked = weight[self.indices]
        picked = picked if factors is None else picked * factors[:, None]
        out = xp.zeros((self.count, weight.shape[1]), weight.dtype, like=weight)
        add_at(out, (self.bags,), picked)
        return out if self.divisors is None else out / self.divisors.astype(weight.dtype)

    def backward(self, g, weight, factors):
        if self.divisors is not None:
            g = g / self.divisors
        spread = Index((self.bags,))(g)
        g_factors = (spread * Index((self.indices,))(weight)).sum(-1) if self.needs[1] else None
        if factors is not None:
            spread = spread * factors.reshape(-1, 1)
        if self.shares is not None:
            spread = spread * self.shares[:, None]
        return EmbeddingDenseBackward(self.indices, self.rows, None)(spread), g_factors

    def decompose(self, nr, index, weight, factors):
        bag, column = index
        members = xp.nonzero(self.bags == bag)[0]
        at = elements(weight).reshape(weight.shape)[self.indices[members], column]
        count = 1 if self.divisors is None else int(self.divisors[bag, 0])
        values, own = weight.reshape(-1)[at] / count, [("weight", at)]
        if factors is not None:
            values = values * factors[members]
            own.append(("factors", members))
        rule = ("w" if factors is None else r"w \cdot f") + ("" if count == 1 else " / n")
        return Decomposition((Part(values, rule, tuple(own)),), symbols={"n": count})


class EmbeddingBagMax(Op):
    """The largest number of every column among the rows of each bag; zeros for an empty bag."""

    args = terms = ("weight",)
    saves = ("winners",)
    formula = r"\max_{i \in \mathrm{bag}} \mathrm{weight}_{i}"
    vjp = (r"g\ \mathrm{at\ the\ maxima}",)
    op_name = "embedding_bag"
    backward_name = "EmbeddingBagBackward0"

    def __init__(self, indices: Array, bags: Array, count: int) -> None:
        self.indices, self.bags, self.count = indices, bags, count

    def forward(self, weight):
        self.shape = weight.shape
        out = xp.zeros((self.count, weight.shape[1]), weight.dtype, like=weight)
        self.winners = xp.full(out.shape, -1, xp.int64, like=self.indices)
        for bag in xp.unique(self.bags).tolist():
            members = self.indices[self.bags == bag]
            self.winners[bag] = members[weight[members].argmax(0)]
            out[bag] = xp.take_along_axis(weight, self.winners[bag][None], 0)[0]
        return out

    def backward(self, g, winners):
        bags, columns = xp.nonzero(winners >= 0)
        return AddAt(self.shape, (winners[bags, columns], columns))(Index((bags, columns))(g))
