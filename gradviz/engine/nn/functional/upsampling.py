"""Resizing images and other signals.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from gradviz.engine.nn.functional.pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from gradviz.engine.ops.upsampling import UpsampleNearest, UpsampleSmooth
from gradviz.engine.tensor import Tensor

Factor = float | Sequence[float]
DIMS = {"linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2, "lanczos": 2}
AREA = {1: adaptive_avg_pool1d, 2: adaptive_avg_pool2d, 3: adaptive_avg_pool3d}


def interpolate(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: Factor | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """(N, C, *spatial) with the spatial dimensions resized to `size` or by `scale_factor`.

    Modes: "nearest", "nearest-exact", "area" for one to three dimensions, "linear" for one, "bilinear",
    "bicubic" and "lanczos" for two, "trilinear" for three.
    """
    if mode in ("nearest", "area", "nearest-exact") and align_corners is not None:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic "
            "| trilinear"
        )
    outputs, factors = _sizes(input, size, scale_factor)
    if recompute_scale_factor:
        if size is not None:
            raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
        factors = [None] * len(factors)
    if antialias and (mode not in ("bilinear", "bicubic", "lanczos") or input.ndim != 4):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D "
            "tensor as input"
        )
    _check_mode(input, mode, bool(align_corners), antialias)
    if mode == "area":
        return AREA[input.ndim - 2](input, outputs)
    _check_sizes(input, outputs)
    sizes = list(zip(input.shape[2:], outputs, factors, strict=True))
    if mode.startswith("nearest"):
        return UpsampleNearest(sizes, mode == "nearest-exact")(input)
    kind = input.array.dtype.type
    return UpsampleSmooth(sizes, mode, bool(align_corners), antialias, kind)(input)


def _sizes(
    input: Tensor, size: int | Sequence[int] | None, factor: Factor | None
) -> tuple[list[int], list[float | None]]:
    """The output size and the scale factor of every spatial dimension (None: what the sizes say)."""
    dims, spatial = input.ndim - 2, list(input.shape[2:])
    if size is not None and factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is not None:
        if isinstance(size, Sequence) and len(size) != dims:
            raise ValueError(
                "Input and output must have the same number of spatial dimensions, but got input with "
                f"spatial dimensions of {spatial} and output size of {size}. Please provide input tensor in "
                "(N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format."
            )
        outputs = list(size) if isinstance(size, Sequence) else [size] * dims
        return outputs, [None] * dims
    if factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if isinstance(factor, Sequence) and len(factor) != dims:
        raise ValueError(
            "Input and scale_factor must have the same number of spatial dimensions, but got input with "
            f"spatial dimensions of {spatial} and scale_factor of shape {factor}. Please provide input "
            "tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format."
        )
    factors = [float(each) for each in (factor if isinstance(factor, Sequence) else [factor] * dims)]
    return [int(n * each) for n, each in zip(spatial, factors, strict=True)], factors  # type: ignore[return-value]


def _check_mode(input: Tensor, mode: str, align_corners: bool, antialias: bool) -> None:
    if mode == "lanczos" and align_corners:
        raise ValueError("Lanczos mode does not support align_corners=True")
    if mode == "lanczos" and not antialias:
        raise ValueError("Lanczos mode requires antialias=True")
    known = mode in ("nearest", "nearest-exact", "area") or mode in DIMS
    if not known or input.ndim not in (3, 4, 5) or (mode in ("bicubic", "lanczos") and input.ndim != 4):
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {input.ndim}D) for the modes: "
            "nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact "
            f"(got {mode})"
        )
    if DIMS.get(mode, input.ndim - 2) != input.ndim - 2:
        raise NotImplementedError(f"Got {input.ndim}D input, but {mode} mode needs {DIMS[mode] + 2}D input")


def _check_sizes(input: Tensor, outputs: list[int]) -> None:
    names = ("D", "H", "W")[-len(outputs) :]
    if min(outputs) <= 0 or min(input.shape[2:]) <= 0:
        before, after = (
            ", ".join(f"{name}: {n}" for name, n in zip(names, values, strict=True))
            for values in (input.shape[2:], outputs)
        )
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input ({before}) output ({after})"
        )
    if not input.shape[1]:
        raise RuntimeError(
            f"Non-empty {input.ndim}D data tensor expected but got a tensor with sizes {list(input.shape)}"
        )


def upsample(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: Factor | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """The old name of `interpolate`."""
    warnings.warn(
        "`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=2
    )
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(
    input: Tensor, size: int | Sequence[int] | None = None, scale_factor: Factor | None = None
) -> Tensor:
    """`interpolate` in the mode "nearest"."""
    return interpolate(input, size, scale_factor)


def upsample_bilinear(
    input: Tensor, size: int | Sequence[int] | None = None, scale_factor: Factor | None = None
) -> Tensor:
    """`interpolate` in the mode "bilinear", with aligned corners."""
    return interpolate(input, size, scale_factor, "bilinear", align_corners=True)
