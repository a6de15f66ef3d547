"""The windows of pooling, from the arguments of torch.nn.functional."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradviz.engine.nn.functional.convolution import Size, sizes
from gradviz.engine.ops.windows import Sizes, Window
from gradviz.engine.tensor import Tensor

Wanted = int | Sequence[int | None] | None  # an output size; None keeps that dimension's
Pooled = Tensor | tuple[Tensor, Tensor]  # with return_indices also the places in the flattened plane, int64


def as_image(pool: Callable[[Tensor], Pooled], input: Tensor, name: str) -> Pooled:
    """Pools (N, C, L) as images of height 1, as torch does."""
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {input.ndim}-dimensional tensor for argument #1 'self' "
            f"(while checking arguments for {name})"
        )
    pooled = pool(input.unsqueeze(-2))
    return tuple(p.squeeze(-2) for p in pooled) if isinstance(pooled, tuple) else pooled.squeeze(-2)


def row(values: Size, across: int) -> Sizes:
    """The settings of a dimension as those of an image of height 1."""
    return (across, *sizes(values, 1))


def single(output_size: Size, name: str) -> Sizes:
    """The output size of a row as that of an image of height 1."""
    if not isinstance(output_size, int) and len(output_size) != 1:
        raise RuntimeError(f"{name}() argument 'output_size' should contain one int (got {len(output_size)})")
    return row(output_size, 1)


def window(
    input: Tensor, kernel: Sizes, stride: Size | None, padding: Size, dilation: Size, ceil_mode: bool
) -> Window:
    """How the window moves over the input. Raises RuntimeError for what does not fit."""
    dims = len(kernel)
    steps = kernel if stride in (None, (), []) else sizes(stride, dims, "stride")  # type: ignore[arg-type]
    if 0 in steps:
        raise RuntimeError("stride should not be zero")
    moving = Window(kernel, steps, sizes(padding, dims, "padding"), sizes(dilation, dims, "dilation"))
    for pad, size, reach, spread in zip(moving.padding, kernel, moving.reach, moving.dilation, strict=True):
        if pad < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {pad}")
        if pad > reach // 2:
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={pad}, "
                f"kernel_size={size} and dilation={spread}"
            )
    if input.ndim not in (dims + 1, dims + 2):
        raise RuntimeError(f"non-empty {dims + 1}D or {dims + 2}D (batch mode) tensor expected for input")
    if 0 in input.shape[-dims - 1 :] and dims == 3:
        raise RuntimeError(
            f"Expected input's non-batch dimensions to have positive length, but input has a shape of "
            f"{list(input.shape)}"
        )
    if 0 in input.shape[-dims - 1 :]:
        raise RuntimeError(
            f"Expected {dims + 1}D or {dims + 2}D (batch mode) tensor with optional 0 dim batch size for "
            f"input, but got:{list(input.shape)}"
        )
    spatial = tuple(input.shape[-dims:])
    moving = moving.rounded_up(spatial) if ceil_mode else moving
    moving.check_fits((1, *input.shape[-dims - 1 :]))
    return moving


def grid(input: Tensor, output_size: Wanted, dims: int, name: str) -> Sizes:
    """The wanted sizes, with the input's where None stands. Raises RuntimeError for a wrong input."""
    wanted = tuple(output_size) if isinstance(output_size, Sequence) else (output_size,) * dims
    if input.ndim <= len(wanted):
        raise ValueError(f"Input dimension should be at least {len(wanted) + 1}")
    if len(wanted) != dims:
        raise RuntimeError(f"{name}: output_size must be {dims}")
    if input.ndim not in (dims + 1, dims + 2):
        colon = ":" if "max" in name else ""
        raise RuntimeError(
            f"{name}(): Expected {dims + 1}D or {dims + 2}D tensor, but got{colon} {list(input.shape)}"
        )
    for dim, n in enumerate(input.shape):
        if not n and (dim or input.ndim == dims + 1):
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has "
                f"sizes {list(input.shape)} with dimension {dim} being empty"
            )
    size = [n if each is None else each for n, each in zip(input.shape[-dims:], wanted, strict=True)]
    if any(n < 0 for n in size):
        if "max" in name:
            shown = ", ".join(map(str, (*input.shape[:-dims], *size)))
            raise RuntimeError(f"Trying to create tensor with negative dimension {min(size)}: [{shown}]")
        raise RuntimeError(
            f"{name}: elements of output_size must be greater than or equal to 0 but received "
            f"{{{', '.join(map(str, size))}}}"
        )
    return tuple(size)
