"""torch.einsum."""

from __future__ import annotations

from gradviz.engine.backend import xp
from gradviz.engine.polymorphic import plain
from gradviz.engine.registry import torch_function
from gradviz.engine.tape import Op, plan_of
from gradviz.engine.tensor import Tensor


class Einsum(Op):
    """A sum of products over named indices. Every gradient is an einsum of the other operands and g."""

    args = ("operands",)
    formula = r"\textstyle\sum \prod_{i} x_{i}"
    vjp = (r"\textstyle\sum\ g \prod_{j \ne i} x_{j}",)

    def __init__(self, inputs: list[str], output: str) -> None:
        self.inputs, self.output = inputs, output
        self.args = self.saves = tuple(f"x{i + 1}" for i in range(len(inputs)))
        self.terms = (" ".join(self.args),)
        self.vjp = type(self).vjp * len(inputs)
        self._plan = plan_of(self.args, self.saves, {})

    def forward(self, *arrays):
        return xp.einsum(f"{','.join(self.inputs)}->{self.output}", *arrays)

    def backward(self, g, **operands):
        arrays = list(operands.values())
        return tuple(self.gradient(i, g, arrays) if needed else None for i, needed in enumerate(self.needs))

    def gradient(self, i, g, arrays):
        others = [(s, a) for j, (s, a) in enumerate(zip(self.inputs, arrays, strict=True)) if j != i]
        wanted = self.inputs[i]
        have = set(self.output).union(*[s for s, _ in others])
        sizes = dict(zip(wanted, arrays[i].shape, strict=True))
        # Indices that appear nowhere else were summed: their gradient is the same all along.
        others += [(c, xp.ones(sizes[c], plain(g).dtype)) for c in wanted if c not in have]
        return Einsum([self.output, *[s for s, _ in others]], wanted)(g, *[a for _, a in others])


@torch_function
def einsum(equation: str, *operands: Tensor) -> Tensor:
    """Sums of products over named indices, such as "ij,jk->ik" (https://pytorch.org/docs/stable/generated/torch.einsum.html)."""
    tensors = (
        list(operands[0]) if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else list(operands)
    )
    left, arrow, output = equation.replace(" ", "").partition("->")
    inputs = left.split(",")
    if len(inputs) != len(tensors):
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({len(inputs)}) does not match the number "
            f"of operands ({len(tensors)})"
        )
    spare = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" if c not in equation]
    longest = 0
    for i, (names, x) in enumerate(zip(inputs, tensors, strict=True)):
        if "..." in names:
            n = x.ndim - (len(names) - 3)
            longest = max(longest, n)
            inputs[i] = names.replace("...", "".join(spare[:n][::-1]))
    broadcast = "".join(spare[:longest][::-1])
    for i, (names, x) in enumerate(zip(inputs, tensors, strict=True)):
        if len(names) != x.ndim:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({len(names)}) does not match the "
                f"number of dimensions ({x.ndim}) for operand {i} and no ellipsis was given"
            )
        inputs[i], tensors[i] = _without_repeats(names, x)
    _check_sizes(inputs, tensors)
    if not arrow:
        letters = "".join(left.replace("...", "").split(","))
        output = broadcast + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    return Einsum(inputs, output.replace("...", broadcast))(*tensors)


def _check_sizes(inputs: list[str], tensors: list[Tensor]) -> None:
    """Raises RuntimeError when an index has two sizes, of which neither is 1."""
    seen: dict[str, int] = {}
    for i, (names, x) in enumerate(zip(inputs, tensors, strict=True)):
        for name, size in zip(names, x.shape, strict=True):
            if 1 not in (size, seen.get(name, size)) and size != seen.get(name, size):
                raise RuntimeError(
                    f"einsum(): subscript {name} has size {size} for operand {i} which does not broadcast "
                    f"with previously seen size {seen[name]}"
                )
            seen[name] = max(size, seen.get(name, 1))


def _without_repeats(names: str, x: Tensor) -> tuple[str, Tensor]:
    """An operand whose repeated index ("ii") is replaced by the diagonal."""
    for letter in names:
        while names.count(letter) > 1:
            first, second = names.index(letter), names.rindex(letter)
            x = x.diagonal(0, first, second)
            names = "".join(c for i, c in enumerate(names) if i not in (first, second)) + letter
    return names, x
