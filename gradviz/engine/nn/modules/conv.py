"""Convolution layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gradviz.engine.creation import empty
from gradviz.engine.nn import functional as F
from gradviz.engine.nn import init
from gradviz.engine.nn.functional.convolution import Size, sizes
from gradviz.engine.nn.modules.module import Module
from gradviz.engine.nn.parameter import Parameter
from gradviz.engine.ops.transposed_convolution import transposed_convolution
from gradviz.engine.tensor import Tensor

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class _ConvNd(Module):
    """Weights and settings of a convolution; `dims` spatial dimensions."""

    dims: int

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
        *,
        output_padding: Size = 0,
    ) -> None:
        super().__init__()
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups:
            raise ValueError("out_channels must be divisible by groups")
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ValueError(f"Invalid padding string {padding!r}, should be one of {{'same', 'valid'}}")
            if padding == "same" and any(step != 1 for step in sizes(stride, self.dims)):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if padding_mode not in PADDING_MODES:
            raise ValueError(
                f"padding_mode must be one of {set(PADDING_MODES)}, but got padding_mode={padding_mode!r}"
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = sizes(kernel_size, self.dims)
        self.stride = sizes(stride, self.dims)
        self.padding = padding if isinstance(padding, str) else sizes(padding, self.dims)
        self.dilation = sizes(dilation, self.dims)
        self.output_padding = sizes(output_padding, self.dims)
        self.groups = groups
        self.padding_mode = padding_mode
        kind = {"dtype": dtype, "device": device}
        self.weight = Parameter(empty(*self._weight_shape(), **kind))
        self.register_parameter("bias", Parameter(empty(out_channels, **kind)) if bias else None)
        self.reset_parameters()

    def _weight_shape(self) -> tuple[int, ...]:
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_size)

    def reset_parameters(self) -> None:
        """Draw weight and bias anew, uniform in ±1/√(inputs of an output)."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(math.prod(self.weight.shape[1:]))
            init.uniform_(self.bias, -bound, bound)

    def _border(self) -> list[int]:
        """The padding as `F.pad` takes it: before and after the last dimension, then the one before it …"""
        if self.padding == "valid":
            return [0] * 2 * self.dims
        if self.padding == "same":
            reach = [step * (size - 1) for step, size in zip(self.dilation, self.kernel_size, strict=True)]
            widths = [(n // 2, n - n // 2) for n in reach]
        else:
            widths = [(n, n) for n in self.padding]
        return [width for pair in reversed(widths) for width in pair]

    def _padded(self, input: Tensor) -> tuple[Tensor, Size | str]:
        """The input and the padding that is left to the convolution, which knows only zeros."""
        if self.padding_mode == "zeros":
            return input, self.padding
        return F.pad(input, self._border(), mode=self.padding_mode), 0

    def extra_repr(self) -> str:
        text = (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        )
        if self.padding != (0,) * self.dims:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * self.dims:
            text += f", dilation={self.dilation}"
        if self.output_padding != (0,) * self.dims:
            text += f", output_padding={self.output_padding}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        return text if self.padding_mode == "zeros" else text + f", padding_mode={self.padding_mode}"


class Conv1d(_ConvNd):
    """(N, C, L) → (N, out_channels, L')."""

    dims = 1

    def forward(self, input: Tensor) -> Tensor:
        input, padding = self._padded(input)
        return F.conv1d(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv2d(_ConvNd):
    """(N, C, H, W) → (N, out_channels, H', W')."""

    dims = 2

    def forward(self, input: Tensor) -> Tensor:
        input, padding = self._padded(input)
        return F.conv2d(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv3d(_ConvNd):
    """(N, C, D, H, W) → (N, out_channels, D', H', W')."""

    dims = 3

    def forward(self, input: Tensor) -> Tensor:
        input, padding = self._padded(input)
        return F.conv3d(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class _ConvTransposeNd(_ConvNd):
    """Weights (in_channels, out_channels/groups, *kernel_size) and settings of a transposed convolution."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Size = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if isinstance(padding, str):
            raise ValueError(f"padding must be a number or one for every dimension, got {padding!r}")
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        settings = (kernel_size, stride, padding, dilation, groups, bias)
        super().__init__(
            in_channels, out_channels, *settings, device=device, dtype=dtype, output_padding=output_padding
        )

    def _weight_shape(self) -> tuple[int, ...]:
        return (self.in_channels, self.out_channels // self.groups, *self.kernel_size)

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """`output_size` chooses among the sizes that a stride leaves open, instead of output_padding."""
        extra = self.output_padding if output_size is None else self._padding_for(input, list(output_size))
        settings = (self.stride, self.padding, extra, self.dilation, self.groups)
        return transposed_convolution(input, self.weight, self.bias, *settings)

    def _padding_for(self, input: Tensor, wanted: list[int]) -> tuple[int, ...]:
        """The output_padding for an output of the wanted sizes. Raises ValueError where there is none."""
        leading = input.ndim - self.dims
        if len(wanted) == input.ndim:
            wanted = wanted[leading:]
        if len(wanted) != self.dims:
            raise ValueError(
                f"ConvTranspose{self.dims}D: for {input.ndim}D input, output_size must have {self.dims} or "
                f"{input.ndim} elements (got {len(wanted)})"
            )
        steps = zip(
            input.shape[leading:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
        )
        least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in steps]
        most = [n + s - 1 for n, s in zip(least, self.stride, strict=True)]
        if any(not low <= n <= high for low, n, high in zip(least, wanted, most, strict=True)):
            raise ValueError(
                f"requested an output size of {wanted}, but valid sizes range from {least} to {most} (for an "
                f"input of {input.shape[2:]})"
            )
        return tuple(n - low for n, low in zip(wanted, least, strict=True))


class ConvTranspose1d(_ConvTransposeNd):
    """(N, C, L) → (N, out_channels, (L - 1)·stride - 2·padding + dilation·(k - 1) + 1 + output_padding).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
    """

    dims = 1


class ConvTranspose2d(_ConvTransposeNd):
    """(N, C, H, W) → (N, out_channels, H', W'): larger images, as ConvTranspose1d says for each dimension.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
    """

    dims = 2


class ConvTranspose3d(_ConvTransposeNd):
    """(N, C, D, H, W) → (N, out_channels, D', H', W'): larger, as ConvTranspose1d says for each dimension.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html
    """

    dims = 3
