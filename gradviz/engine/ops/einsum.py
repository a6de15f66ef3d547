"""torch.einsum, made of torch's steps: dimensions put in one order, then products of stacks of matrices."""

from __future__ import annotations

import math

from gradviz.engine.ops.diagonals import diagonal
from gradviz.engine.ops.linalg import bmm
from gradviz.engine.ops.shape import movedim, permute, reshape, unsqueeze, view
from gradviz.engine.registry import torch_function
from gradviz.engine.tensor import Tensor


@torch_function
def einsum(equation: str, *operands: Tensor) -> Tensor:
    """Sums of products over named indices, such as "ij,jk->ik" (https://pytorch.org/docs/stable/generated/torch.einsum.html)."""
    tensors = (
        list(operands[0]) if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else list(operands)
    )
    left, arrow, output = equation.replace(" ", "").partition("->")
    _check_letters(equation)
    inputs = left.split(",")
    if len(inputs) != len(tensors):
        count = "more" if len(inputs) < len(tensors) else "fewer"
        raise RuntimeError(f"einsum(): {count} operands were provided than specified in the equation")
    dots, broadcast = _ellipses(inputs, tensors)
    inputs = [names.replace("...", d) for names, d in zip(inputs, dots, strict=True)]
    for i, (names, x) in enumerate(zip(inputs, tensors, strict=True)):
        if len(names) != x.ndim:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({len(names)}) does not match the "
                f"number of dimensions ({x.ndim}) for operand {i} and no ellipsis was given"
            )
    _check_sizes(inputs, tensors)
    letters = "".join(left.replace("...", "").split(","))
    for name in output.replace("...", ""):
        if output.count(name) > 1:
            raise RuntimeError(f"einsum(): output subscript {name} appears more than once in the output")
        if name not in letters:
            raise RuntimeError(
                f"einsum(): output subscript {name} does not appear in the equation for any input operand"
            )
    if not arrow:
        output = "..." + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    summed = "" if "..." in output else broadcast
    output = output.replace("...", broadcast)
    summed += "".join(sorted(set(letters) - set(output)))
    aligned = [
        _aligned(x, names, d, broadcast, output + summed)
        for x, names, d in zip(tensors, inputs, dots, strict=True)
    ]
    return _contracted(aligned, len(output))


def _check_letters(equation: str) -> None:
    for i, c in enumerate(equation):
        if not (c in " ,.->" or (c.isascii() and c.isalpha())):
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {i} in the equation string, subscripts must be "
                "in [a-zA-Z]"
            )


def _ellipses(inputs: list[str], tensors: list[Tensor]) -> tuple[list[str], str]:
    """Which names the dots stand for, in every operand (all or the last of them) and in the output."""
    counts = [
        x.ndim - (len(names) - 3) if "..." in names else 0 for names, x in zip(inputs, tensors, strict=True)
    ]
    # Digits are no letters of an equation, nor is anything beyond them.
    broadcast = "".join(chr(ord("0") + i) for i in range(max(counts)))
    return [broadcast[len(broadcast) - n :] for n in counts], broadcast


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


def _aligned(x: Tensor, names: str, dots: str, broadcast: str, order: str) -> Tensor:
    """An operand with its dimensions in `order`: repeated ones as their diagonal, missing ones of size 1."""
    if dots:  # here all dots are spelled out, the first ones as dimensions of size 1
        place = names.index(dots)
        for _ in range(len(broadcast) - len(dots)):
            x = unsqueeze(x, place)
        names = names.replace(dots, broadcast)
    places: dict[str, int] = {}
    for name in names:
        if name in places:
            x = movedim(diagonal(x, 0, places[name], len(places)), -1, places[name])
        else:
            places[name] = len(places)
    for name in order:
        if name not in places:
            x = unsqueeze(x, len(places))
            places[name] = len(places)
    return permute(x, [places[name] for name in order])


def _contracted(operands: list[Tensor], kept: int) -> Tensor:
    """The product of all operands, two at a time, summed over all but the first `kept` dimensions."""
    x = operands[0]
    sums = range(kept, x.ndim)
    if len(operands) == 1:
        return x.sum(list(sums)) if sums else x
    left = {dim: sum(operand.shape[dim] != 1 for operand in operands) for dim in sums}
    for y in operands[1:]:
        both = [dim for dim in sums if x.shape[dim] != 1 and y.shape[dim] != 1]
        alone = [dim for dim in sums if dim not in both and left[dim] == 1]
        x_alone = [dim for dim in alone if x.shape[dim] != 1]
        y_alone = [dim for dim in alone if y.shape[dim] != 1]
        for dim in both:
            left[dim] -= 1
        done = [dim for dim in both if left[dim] == 1]
        left.update(dict.fromkeys([*done, *x_alone, *y_alone], 0))
        x = x.sum(x_alone, keepdim=True) if x_alone else x
        y = y.sum(y_alone, keepdim=True) if y_alone else y
        x = _summed_product(x, y, done)
    return view(x, x.shape[:kept]) if sums else x


def _summed_product(x: Tensor, y: Tensor, summed: list[int]) -> Tensor:
    """`x * y` summed over dimensions that both have, which stay with size 1: one product of stacks of
    matrices, whose rows are the dimensions of x alone and whose columns are those of y alone."""
    if not summed:
        return x * y
    others = [dim for dim in range(x.ndim) if dim not in summed]
    shared = [dim for dim in others if x.shape[dim] != 1 and y.shape[dim] != 1]
    rows = [dim for dim in others if x.shape[dim] != 1 and y.shape[dim] == 1]
    columns = [dim for dim in others if x.shape[dim] == 1]
    if rows and columns and columns[-1] < rows[-1]:  # so that the product lies in the order of the output
        x, y, rows, columns = y, x, columns, rows
    stack, n, m, p = (
        math.prod(z.shape[dim] for dim in dims)
        for z, dims in ((x, shared), (x, rows), (x, summed), (y, columns))
    )
    a = reshape(permute(x, shared + rows + summed + columns), stack, n, m)
    b = reshape(permute(y, shared + summed + columns + rows), stack, m, p)
    order = shared + rows + summed + columns
    sizes = [1 if dim in summed else y.shape[dim] if dim in columns else x.shape[dim] for dim in order]
    return permute(view(bmm(a, b), sizes), sorted(range(len(order)), key=order.__getitem__))
