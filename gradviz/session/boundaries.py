"""Finds in the stream of the engine's events where an iteration of training ends and the next one begins."""

from __future__ import annotations

import weakref
from typing import Any

from gradviz.engine import Tensor, is_grad_enabled
from gradviz.engine.backend import Array
from gradviz.engine.nn import Module


class Boundaries:
    """What the present iteration has done so far. The questions are asked before an event is told."""

    def __init__(self) -> None:
        self.computes = False  # the iteration has run an operation …
        self.trains = False  # … and one that needs a gradient
        self.updated = False  # … and changed a leaf that got a gradient
        self.modules: list[Module] = []  # the modules that are running, innermost last
        self.went_back = False  # it has begun a backward pass
        self._has_batch = False  # a DataLoader has given a batch, in this iteration or before
        # leaves that got a gradient, and their arrays, by id; not kept alive, for an update may never come
        self._leaves: dict[int, weakref.ref[Any]] = {}
        # its gradients and what was computed from them, likewise
        self._gradients: dict[int, weakref.ref[Any]] = {}
        self._stepping = 0  # depth of optimizer.step
        self._called: set[int] = set()  # ids of modules that the iteration has called by themselves
        self._model: weakref.ref[Module] | None = None
        self._epochs: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()

    def begin(self) -> None:
        """An iteration begins."""
        self.computes = self.trains = self.went_back = self.updated = False
        self._leaves.clear()
        self._gradients.clear()
        self._called.clear()
        self._model = None

    @property
    def model(self) -> Module | None:
        """The first module of the iteration that maps a batch to scores."""
        return self._model() if self._model is not None else None

    @property
    def loaders(self) -> list[Any]:
        """The loaders that have given batches, in that order, and still exist."""
        return list(self._epochs)

    # ── does the iteration end here? ──────────────────────────────────────────────────────────────────────

    def only_prepared(self) -> bool:
        """Before a batch: whether what came before the first one only prepared for it."""
        return self.computes and not self._has_batch and not self.went_back

    def ends_at_batch(self) -> bool:
        return self.updated or (self.computes and not self.went_back)

    def ends_at(self, module: Module) -> bool:
        """Before a module is called: after an update, or when it evaluates one batch after the other."""
        if self.modules or self._stepping:
            return False
        evaluated = not self.trains and is_grad_enabled() and id(module) in self._called
        return self.updated or evaluated

    def ends_before(self, inputs: tuple[Any, ...]) -> bool:
        """Before an operation is recorded: whether it uses a parameter anew after an update.

        Statistics on what was computed before the update still belong to the iteration that the update ended.
        """
        return self.updated and all(
            not tensor.requires_grad or tensor.is_leaf for tensor in inputs if isinstance(tensor, Tensor)
        )

    def is_update(self, inputs: tuple[Tensor, ...], output: Tensor) -> bool:
        """Whether an operation is arithmetic of an optimizer, or initialises or updates a leaf in place."""
        in_place = output.requires_grad and output.is_leaf and any(tensor is output for tensor in inputs)
        return bool(self._stepping or in_place)

    def is_update_arithmetic(self, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> bool:
        """Whether an operation only serves an update by hand, such as `w -= lr * w.grad`."""
        if not self.went_back or any(tensor.grad_fn is not None for tensor in outputs):
            return False
        if not any(_holds(self._gradients, tensor.array) for tensor in inputs):
            return False
        self._gradients |= {id(tensor.array): weakref.ref(tensor.array) for tensor in outputs}
        return True

    def got_gradient(self, tensor: Tensor) -> bool:
        """Whether the iteration gave a gradient to this leaf, or to one that shares its numbers."""
        return _holds(self._leaves, tensor) or _holds(self._leaves, tensor.array)

    # ── what happens in it ────────────────────────────────────────────────────────────────────────────────

    def batch(self, loader: Any, index: int) -> int:
        """A loader is about to yield a batch; the epoch, counted from 0."""
        self._has_batch = True
        if index == 0:
            self._epochs[loader] = self._epochs.get(loader, -1) + 1
        return self._epochs[loader]

    def enter(self, module: Module) -> None:
        if not self.modules and not self._stepping:
            self._called.add(id(module))
        self.modules.append(module)

    def leave(self, module: Module, output: Any) -> None:
        if self.modules:
            self.modules.pop()
        if self._model is None and not self.modules and isinstance(output, Tensor) and output.dim() == 2:
            self._model = weakref.ref(module)

    def forward(self, output: Tensor) -> None:
        self.computes = True
        self.trains = self.trains or output.grad_fn is not None

    def backward(self) -> None:
        self.went_back = True

    def accumulate(self, tensor: Tensor) -> None:
        self._leaves[id(tensor)] = weakref.ref(tensor)
        self._leaves[id(tensor.array)] = weakref.ref(tensor.array)
        if tensor.grad is not None:
            self._gradients[id(tensor.grad.array)] = weakref.ref(tensor.grad.array)

    def update(self) -> None:
        """A leaf that got a gradient was changed; by an optimizer only its whole step counts."""
        self.updated = self.updated or not self._stepping

    def step_begin(self) -> None:
        self._stepping += 1

    def step_end(self) -> None:
        self._stepping -= 1
        self.updated = True

    def closure_begin(self) -> None:
        self._stepping -= 1  # the program computes its loss

    def closure_end(self) -> None:
        self._stepping += 1


def _holds(known: dict[int, weakref.ref[Any]], thing: Tensor | Array) -> bool:
    """Whether this very object is among the known ones: a dead one's id may be another's."""
    found = known.get(id(thing))
    return found is not None and found() is thing
