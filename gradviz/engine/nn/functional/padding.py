"""A border around a tensor.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
"""

from __future__ import annotations

from collections.abc import Sequence

from gradviz.engine.ops.padding import BorderPadNd, ConstantPadNd, Widths
from gradviz.engine.tensor import Tensor

MODES = {"reflect": "reflect", "replicate": "edge"}  # torch's name: the array library's


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """A border: `pad` holds (before, after) for the last dimension, then for the one before it, and so on.

    Modes: "constant" (filled with `value`, 0 if None), "reflect", "replicate", "circular"; all but the first
    take the last one, two or three dimensions of an input with channels. Negative widths cut off.
    """
    if len(pad) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(pad) > 2 * input.ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding "
            f"length {len(pad)} and input of dimension {input.ndim}"
        )
    pairs = [(int(pad[i]), int(pad[i + 1])) for i in range(0, len(pad), 2)]
    widths = tuple(reversed(pairs))
    if mode == "constant":
        return ConstantPadNd(((0, 0),) * (input.ndim - len(pairs)) + widths, value or 0.0)(input)
    if mode != "circular" and mode not in MODES:
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if value is not None and value != 0:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    _check_border(input, widths, mode)
    if mode == "circular":
        return _circular(input, widths)
    return BorderPadNd(tuple(input.shape[-len(widths) :]), widths, MODES[mode])(input)


def _circular(input: Tensor, widths: Widths) -> Tensor:
    """The input in the middle of a new tensor, whose borders are then copied from its other ends."""
    axes = list(range(input.ndim - len(widths), input.ndim))
    shape = list(input.shape)
    for axis, (before, after) in zip(axes, widths, strict=True):
        shape[axis] += before + after
    out = input.new_empty(shape)
    middle, kept = out, input
    for axis, (before, after) in reversed(list(zip(axes, widths, strict=True))):
        inner = shape[axis] - max(before, 0) - max(after, 0)
        middle = middle.narrow(axis, max(before, 0), inner)
        kept = kept.narrow(axis, max(-before, 0), inner)
    middle.copy_(kept)
    for axis, (before, after) in reversed(list(zip(axes, widths, strict=True))):
        end = shape[axis] - max(after, 0)
        if before > 0:
            out.narrow(axis, 0, before).copy_(out.narrow(axis, end - before, before))
        if after > 0:
            out.narrow(axis, end, after).copy_(out.narrow(axis, max(before, 0), after))
    return out


def _check_border(input: Tensor, widths: Widths, mode: str) -> None:
    dims = len(widths)
    if dims not in (1, 2, 3) or input.ndim not in (dims + 1, dims + 2):
        raise NotImplementedError(
            f"Padding size {2 * dims} is not supported for {input.ndim}D input tensor.\n"
            "Supported combinations for non-constant padding:\n"
            "  - 2D or 3D input: padding size = 2 (pads last dimension)\n"
            "  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
            "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
        )
    for dim, width in enumerate(widths, input.ndim - dims):
        n = input.shape[dim]
        if mode == "circular" and max(width) > n:
            raise RuntimeError("Padding value causes wrapping around more than once.")
        if not n:
            raise RuntimeError(
                f"Expected {dims + 1}D or {dims + 2}D (batch mode) tensor with possibly 0 batch size and "
                f"other non-zero dimensions for input, but got: {list(input.shape)}"
            )
        if mode == "reflect" and max(width) >= n:
            raise RuntimeError(
                "Argument #4: Padding size should be less than the corresponding input dimension, but got: "
                f"padding {width} at dimension {dim} of input {list(input.shape)}"
            )
