"""From PyTorch to the engine: arguments translated, results compared."""

from __future__ import annotations

from typing import Any

import torch

import gradviz.engine as engine


class Translation:
    """torch's values as the engine's; a tensor that comes twice is the same tensor twice."""

    def __init__(self) -> None:
        self.tensors: dict[int, tuple[torch.Tensor, engine.Tensor]] = {}

    def __call__(self, value: Any) -> Any:
        match value:
            case torch.Tensor():
                if id(value) not in self.tensors:
                    self.tensors[id(value)] = (value, translated_tensor(value))
                return self.tensors[id(value)][1]
            case torch.Size():
                return engine.Size(value)
            case tuple() | list():
                return type(value)(self(v) for v in value)
            case dict():
                return {k: self(v) for k, v in value.items()}
            case slice():
                return slice(self(value.start), self(value.stop), self(value.step))
            case torch.dtype() | torch.layout() | torch.memory_format():
                return getattr(engine, str(value).removeprefix("torch."))
            case torch.device():
                return engine.device(str(value))
            case torch.nn.PairwiseDistance():
                return engine.nn.PairwiseDistance(value.norm, value.eps, value.keepdim)
            case torch.nn.TransformerEncoderLayer():
                return translated_layer(value)
        return of_the_same_name(value) if callable(value) else value

    def leaves(self) -> tuple[list[torch.Tensor], list[engine.Tensor]]:
        """The tensors that require grad, torch's and the engine's."""
        pairs = [pair for pair in self.tensors.values() if pair[0].requires_grad]
        return [theirs for theirs, _ in pairs], [ours for _, ours in pairs]


def translated_tensor(tensor: torch.Tensor) -> engine.Tensor:
    translated = engine.as_tensor(tensor.numpy(force=True).copy(order="K"))
    if isinstance(tensor, torch.nn.Parameter):
        return engine.nn.Parameter(translated, tensor.requires_grad)
    return translated.requires_grad_() if tensor.requires_grad else translated


def translated_layer(layer: torch.nn.TransformerEncoderLayer) -> engine.nn.TransformerEncoderLayer:
    attention = layer.self_attn
    translated = engine.nn.TransformerEncoderLayer(
        attention.embed_dim,
        attention.num_heads,
        layer.linear1.out_features,
        layer.dropout.p,
        of_the_same_name(layer.activation),
        batch_first=attention.batch_first,
        norm_first=layer.norm_first,
        bias=layer.linear1.bias is not None,
        dtype=Translation()(layer.linear1.weight.dtype),
    )
    translated.load_state_dict(Translation()(dict(layer.state_dict())))
    return translated


def of_the_same_name(function: Any) -> Any:
    """The engine's function for one of torch's; a test's own is returned as it is."""
    name = getattr(function, "__name__", "")
    for theirs, ours in ((torch, engine), (torch.nn.functional, engine.nn.functional)):
        if getattr(theirs, name, None) is function:
            return getattr(ours, name)
    return function


def results(value: Any) -> list:
    """The tensors and other values of a result, in order."""
    if isinstance(value, (tuple, list)) and not isinstance(value, (torch.Size, engine.Size)):
        return [leaf for v in value for leaf in results(v)]
    return [value]
