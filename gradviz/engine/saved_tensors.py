"""torch.autograd.graph.saved_tensors_hooks: the user decides how to keep what is saved for backward."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gradviz.engine.backend import is_array
from gradviz.engine.grad_mode import no_grad
from gradviz.engine.tape import Op, recording_witnesses
from gradviz.engine.tensor import Tensor, wrap

_hooks: list[saved_tensors_hooks] = []  # those inside come last; only the last one is asked
_forbidden: list[str] = []  # why there may be no hooks now


class saved_tensors_hooks:
    """Inside, `pack_hook(tensor)` says what is kept of a saved tensor; `unpack_hook` gives the tensor back.

    https://pytorch.org/docs/stable/autograd.html#torch.autograd.graph.saved_tensors_hooks
    """

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]) -> None:
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self) -> None:
        if _forbidden:
            raise RuntimeError(_forbidden[-1])
        if not _hooks:
            recording_witnesses.append(_pack)
        _hooks.append(self)

    def __exit__(self, *exception: object) -> None:
        _hooks.pop()
        if not _hooks:
            recording_witnesses.remove(_pack)


class save_on_cpu(saved_tensors_hooks):
    """Keeps what is saved in main memory until backward asks for it."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(lambda tensor: (tensor.device, tensor.cpu()), lambda kept: kept[1].to(kept[0]))


class disable_saved_tensors_hooks:
    """Inside, `saved_tensors_hooks` raises RuntimeError with this message."""

    def __init__(self, error_message: str) -> None:
        self.error_message = error_message

    def __enter__(self) -> None:
        _forbidden.append(self.error_message)

    def __exit__(self, *exception: object) -> None:
        _forbidden.pop()


def _pack(node: Op, inputs: tuple, outputs: tuple) -> None:
    if node.saved:
        tensors = {id(t.array): t for t in (*inputs, *outputs) if isinstance(t, Tensor)}
        node.saved = PackedValues(node.saved, _hooks[-1], tensors)
        node._versions = ()  # whoever packs a tensor answers for its being unchanged


class PackedValues(Mapping):
    """The values that a node saved, as the pack hook left them: every look at one unpacks it."""

    def __init__(
        self, saved: Mapping[str, Any], hooks: saved_tensors_hooks, tensors: dict[int, Tensor]
    ) -> None:
        self.hooks = hooks
        with no_grad():
            self.kept = {
                name: hooks.pack_hook(tensors[id(value)] if id(value) in tensors else wrap(value))
                if is_array(value)
                else value
                for name, value in saved.items()
            }
        self.packed = {name for name, value in saved.items() if is_array(value)}

    def __getitem__(self, name: str) -> Any:
        if name not in self.packed:
            return self.kept[name]
        tensor = self.hooks.unpack_hook(self.kept[name])
        if not isinstance(tensor, Tensor):
            raise TypeError(
                "Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
                f"{type(tensor).__name__}"
            )
        return tensor.array

    def __iter__(self) -> Iterator[str]:
        return iter(self.kept)

    def __len__(self) -> int:
        return len(self.kept)
