"""Which tensors a program has: those that can be reached from its variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gradviz.engine import Tensor
from gradviz.engine.backend import Array, is_array
from gradviz.engine.nn import Module
from gradviz.engine.optim import Optimizer
from gradviz.engine.optim.optimizer import living
from gradviz.session.names import MAX_NAME, Names
from gradviz.session.state import Walk
from gradviz.trace.memory import StorageKind


def reachable(variables: Iterable[Mapping[str, Any]]) -> list[tuple[str, Tensor]]:
    """Each tensor once, with the first variable that leads to it; the graph behind it is not walked."""
    found: list[tuple[str, Tensor]] = []
    walk = _TensorWalk()
    try:
        for scope in variables:
            for name, value in list(scope.items()):
                if not name.startswith("__"):
                    walk.begin(value, False)
                    found += [(name[:MAX_NAME], tensor) for tensor in walk.take()]
    except Exception:  # a program may be deep in a recursion, or change in another thread meanwhile
        pass
    return found


def there_before(names: Names) -> Iterator[tuple[Tensor, StorageKind]]:
    """The tensors that a program has, and what it has them for."""
    for parameter in names.parameters():
        yield parameter, "parameter"
    for buffer in names.buffers():
        yield buffer, "buffer"
    for optimizer in list(living):
        for tensor in state_of(optimizer):
            yield tensor, "optimizer"
    for _, tensor in reachable(names.variables()):
        yield tensor, "parameter" if tensor._requires_grad and tensor._edge is None else "input"


def state_of(optimizer: Optimizer) -> list[Tensor]:
    """The tensors in which it remembers something of its parameters."""
    walk = _TensorWalk()
    for kept in list(optimizer.state.values()):
        walk.begin(kept, False)
    return walk.take()


def arrays_in(value: Any) -> Iterator[Array]:
    """The arrays among an operation's settings."""
    if is_array(value):
        yield value
    elif type(value) in (tuple, list):
        for each in value:
            yield from arrays_in(each)
    elif type(value) is dict:
        yield from arrays_in(list(value.values()))


class _TensorWalk(Walk):
    """Collects tensors."""

    def __init__(self) -> None:
        super().__init__(lambda _array: [])
        self._tensors: list[Tensor] = []

    def take(self) -> list[Tensor]:
        """Those that were found since it was called last."""
        found, self._tensors = self._tensors, []
        return found

    def tensor(self, tensor: Tensor, exact: bool) -> None:
        if "array" in vars(tensor):  # else it is still being made
            self._tensors.append(tensor)
            self.visit(tensor._grad, exact)

    def instance(self, value: Any, exact: bool) -> None:
        """Optimizers, parameters and buffers are asked by themselves."""
        if issubclass(type(value), Module):
            attributes = vars(value)
            own = {name: kept for name, kept in attributes.items() if not name.startswith("_")}
            self.mapping({**own, "_modules": attributes.get("_modules")}, exact)
        elif not issubclass(type(value), Optimizer):
            super().instance(value, exact)

    def array(self, array: Any, exact: bool) -> None:
        """What no tensor has is nobody's business here."""
