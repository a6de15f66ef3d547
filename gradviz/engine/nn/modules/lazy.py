"""Lazy layers: the first input tells them how many features it has.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.modules.lazy.LazyModuleMixin.html
"""

from __future__ import annotations

from typing import Any, ClassVar

from gradviz.engine.nn.init import overwrite
from gradviz.engine.nn.modules.batchnorm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from gradviz.engine.nn.modules.conv import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
)
from gradviz.engine.nn.modules.instancenorm import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from gradviz.engine.nn.modules.linear import Linear
from gradviz.engine.nn.modules.module import Module
from gradviz.engine.nn.parameter import UninitializedParameter
from gradviz.engine.tensor import Tensor


class _Lazy(Module):
    """Takes the arguments of the layer that it becomes, without the first.

    Its parameters are there from the beginning, for an optimizer to hold, and get shape and values later.
    """

    becomes: ClassVar[type[Module]]
    size: ClassVar[str]  # the attribute that the first input sets

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(0, *args, **kwargs)
        self._arguments = args, kwargs
        for name, parameter in self._parameters.items():
            if parameter is not None:
                self._parameters[name] = UninitializedParameter(parameter[:0].detach().reshape(0))
        self._initialize_hook = self.register_forward_pre_hook(initialize)

    def reset_parameters(self) -> None:
        """Nothing to draw yet."""

    def _size_of(self, input: Tensor) -> int:
        """What the input says about the missing size."""
        return input.shape[1]


def initialize(layer: _Lazy, inputs: tuple[Tensor, ...]) -> None:
    """Make the lazy layer the one that it becomes, for inputs like these."""
    size = layer._size_of(inputs[0])
    args, kwargs = layer._arguments
    kinds = [
        parameter.dtype for parameter in layer.parameters() if isinstance(parameter, UninitializedParameter)
    ]
    # A layer of the right size draws the values, as torch draws them: here and now.
    ready = layer.becomes(size, *args, **{**kwargs, "dtype": kinds[0] if kinds else None})
    for name, parameter in layer._parameters.items():
        if isinstance(parameter, UninitializedParameter):
            parameter.materialize(ready._parameters[name].shape)
            overwrite(parameter, ready._parameters[name].array)
    for name, buffer in ready._buffers.items():
        layer._buffers[name] = None if buffer is None else buffer.to(layer._buffers[name].dtype)
    layer._initialize_hook.remove()
    del layer._initialize_hook, layer._arguments
    setattr(layer, layer.size, size)
    layer.__class__ = layer.becomes


class LazyLinear(_Lazy, Linear):
    """A Linear layer that finds out in_features."""

    becomes = Linear
    size = "in_features"

    def _size_of(self, input: Tensor) -> int:
        return input.shape[-1]


class _LazyConv(_Lazy):
    size = "in_channels"
    dims: int

    def _size_of(self, input: Tensor) -> int:
        if input.ndim not in (self.dims + 1, self.dims + 2):
            raise RuntimeError(
                f"Expected {self.dims + 1}D (unbatched) or {self.dims + 2}D (batched) input to "
                f"{type(self).__name__}, but got input of size: {input.shape}"
            )
        return input.shape[-1 - self.dims]


class _LazyNorm(_Lazy):
    size = "num_features"

    def _size_of(self, input: Tensor) -> int:
        self._check_input(input)
        return input.shape[1]


class LazyConv1d(_LazyConv, Conv1d):
    """A Conv1d that finds out in_channels."""

    becomes = Conv1d


class LazyConv2d(_LazyConv, Conv2d):
    """A Conv2d that finds out in_channels."""

    becomes = Conv2d


class LazyConv3d(_LazyConv, Conv3d):
    """A Conv3d that finds out in_channels."""

    becomes = Conv3d


class LazyConvTranspose1d(_LazyConv, ConvTranspose1d):
    """A ConvTranspose1d that finds out in_channels."""

    becomes = ConvTranspose1d


class LazyConvTranspose2d(_LazyConv, ConvTranspose2d):
    """A ConvTranspose2d that finds out in_channels."""

    becomes = ConvTranspose2d


class LazyConvTranspose3d(_LazyConv, ConvTranspose3d):
    """A ConvTranspose3d that finds out in_channels."""

    becomes = ConvTranspose3d


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):
    """A BatchNorm1d that finds out num_features."""

    becomes = BatchNorm1d


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):
    """A BatchNorm2d that finds out num_features."""

    becomes = BatchNorm2d


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):
    """A BatchNorm3d that finds out num_features."""

    becomes = BatchNorm3d


class _LazyInstanceNorm(_LazyNorm):
    """Unlike InstanceNorm, torch's lazy one has scale and shift and tracks statistics unless told not to."""

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        kind = {"device": device, "dtype": dtype}
        super().__init__(eps, momentum, affine, track_running_stats, bias=bias, **kind)


class LazyInstanceNorm1d(_LazyInstanceNorm, InstanceNorm1d):
    """An InstanceNorm1d that finds out num_features."""

    becomes = InstanceNorm1d


class LazyInstanceNorm2d(_LazyInstanceNorm, InstanceNorm2d):
    """An InstanceNorm2d that finds out num_features."""

    becomes = InstanceNorm2d


class LazyInstanceNorm3d(_LazyInstanceNorm, InstanceNorm3d):
    """An InstanceNorm3d that finds out num_features."""

    becomes = InstanceNorm3d
