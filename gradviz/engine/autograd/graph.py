"""torch.autograd.graph: hooks on what is saved for backward, and on several tensors at once.

https://pytorch.org/docs/stable/autograd.html#autograd-graph
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

from gradviz.engine.grad_mode import mode
from gradviz.engine.saved_tensors import disable_saved_tensors_hooks, save_on_cpu, saved_tensors_hooks
from gradviz.engine.tape import AccumulateGrad, Op
from gradviz.engine.tensor import Tensor

__all__ = [
    "disable_saved_tensors_hooks",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
]

Node = Op | AccumulateGrad


def increment_version(tensor: Tensor | Sequence[Tensor]) -> None:
    """Counts a change that was made behind autograd's back."""
    for t in (tensor,) if isinstance(tensor, Tensor) else tensor:
        t.version_counter[0] += 1


class register_multi_grad_hook:
    """Calls `fn` once a backward pass: with all the tensors' gradients (None for those that it does not
    reach) when the last one is known, or with `mode="any"` with the first gradient alone.
    """

    def __init__(self, tensors: Sequence[Tensor], fn: Callable[[Any], None], *, mode: str = "all") -> None:
        if mode not in ("all", "any"):
            raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
        self.tensors = tuple(tensors)
        self.fn = fn
        self.mode = mode
        self.arrived: weakref.WeakKeyDictionary[Any, dict[int, Tensor]] = weakref.WeakKeyDictionary()
        self.handles = [t.register_hook(self._hook_of(i)) for i, t in enumerate(self.tensors)]

    def _hook_of(self, number: int) -> Callable[[Tensor], None]:
        def hook(grad: Tensor) -> None:
            found = self.arrived.setdefault(mode.walk, {})
            found[number] = grad
            if self.mode == "any":
                if len(found) == 1:
                    self.fn(grad)
            elif len(found) == sum(mode.walk.reaches(t) for t in self.tensors):
                self.fn([found.get(i) for i in range(len(self.tensors))])

        return hook

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()

    def __enter__(self) -> register_multi_grad_hook:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()
