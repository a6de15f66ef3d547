"""Rows of a table by index."""

from __future__ import annotations

from gradviz.engine.backend import Array, add_at, xp
from gradviz.engine.errors import require_one_device
from gradviz.engine.tape import Op


class Embedding(Op):
    """The rows of `weight` (n, d) at `indices` (…): (…, d). The row `padding_idx` gets no gradient."""

    args = terms = ("weight",)
    formula = r"\mathrm{weight}[\mathrm{indices}]"
    vjp = (r"\textstyle\sum_{i:\,\mathrm{indices}_{i} = r} g_{i}",)

    def __init__(self, indices: Array, padding_idx: int | None, shares: Array | None = None) -> None:
        self.indices = indices
        self.padding_idx = padding_idx
        self.shares = shares  # what a row's gradient is multiplied by, for rows that come often

    def forward(self, weight):
        require_one_device(weight, self.indices)
        self.rows = weight.shape[0]
        if self.indices.size and (self.indices.min() < 0 or self.indices.max() >= self.rows):
            raise IndexError(
                f"index out of range in self: the table has {self.rows} rows, the indices reach from "
                f"{self.indices.min()} to {self.indices.max()}"
            )
        return weight[self.indices]

    def backward(self, g):
        if self.shares is not None:
            g = g * self.shares[..., None]
        return EmbeddingDenseBackward(self.indices, self.rows, self.padding_idx)(g)


class EmbeddingDenseBackward(Op):
    """The transpose of `Embedding`: adds the vectors (…, d) up in the rows that `indices` name, (n, d)."""

    args = terms = ("g",)
    formula = r"\textstyle\sum_{i:\,\mathrm{indices}_{i} = r} g_{i}"
    vjp = (r"g[\mathrm{indices}]",)

    def __init__(self, indices: Array, rows: int, padding_idx: int | None) -> None:
        self.indices = indices
        self.rows = rows
        self.padding_idx = padding_idx

    def forward(self, g):
        table = xp.zeros((self.rows, g.shape[-1]), g.dtype, like=g)
        add_at(table, (self.indices,), g)
        if self.padding_idx is not None:
            table[self.padding_idx] = 0
        return table

    def backward(self, g):
        if self.padding_idx is not None:
            g = g * (xp.arange(self.rows, like=self.indices) != self.padding_idx)[:, None]
        return Embedding(self.indices, None)(g)
