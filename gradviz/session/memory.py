"""Follows the memory of a program while an iteration is recorded: what is there, since when, until when.

It keeps nothing alive. An array is there as long as the program holds it: by a tensor, a node of the graph,
or any other reference that is not the session's own. Tensors and nodes tell when they die. Only storages of
which no living tensor is known are looked at before every event, and there are seldom many.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from sys import getrefcount
from typing import Any

from gradviz.engine import Tensor
from gradviz.engine.backend import Array, is_array, owner_of
from gradviz.engine.tape import Op
from gradviz.session.identity import ByIdentity
from gradviz.session.references import others_hold
from gradviz.trace import Source
from gradviz.trace.memory import Kept, Memory, Storage, StorageKind, Write

MAX_STORAGES = 300_000  # more are not followed; with the graph of an iteration they fit a message
MAX_WRITES = 300_000
MAX_EARLIER = 100_000  # nodes of graphs that were there before
LASTING = ("parameter", "buffer", "optimizer", "input")


class _Followed:
    """A storage whose end is still to come."""

    __slots__ = (
        "graph_only",
        "holder",
        "keeps",
        "kind",
        "nbytes",
        "node",
        "number",
        "owner",
        "references",
        "since",
        "tensors",
        "until",
    )

    def __init__(
        self, number: int, owner: weakref.ref[Array], nbytes: int, kind: StorageKind, since: int, node: int
    ) -> None:
        self.number, self.owner, self.nbytes = number, owner, nbytes
        self.kind, self.since, self.node = kind, since, node
        self.until: int | None = None
        self.graph_only: int | None = None
        self.references = 0  # to its owner when it was last found to be held; 0: look again
        self.tensors = 0  # living ones that are known to have it
        self.keeps: list[_Keep] = []  # of living nodes of the graph
        self.holder = ""


class _Keep:
    """That a node of the graph keeps an array for its backward pass."""

    __slots__ = ("name", "node", "op", "since", "storage", "until")

    def __init__(self, op: Op, node: int, name: str, storage: _Followed, since: int) -> None:
        self.op, self.node, self.name, self.storage = weakref.ref(op), node, name, storage
        self.since = since
        self.until: int | None = None

    def array(self) -> Array | None:
        """What is kept, as long as it is."""
        op = self.op()
        saved = op.saved if op is not None else None
        return saved.get(self.name) if type(saved) is dict else None


class MemoryLog:
    """Each of `references` gives references that the session has to arrays on the memory of an owner's id."""

    def __init__(self, references: Sequence[Callable[[int], list[Array]]]) -> None:
        self._references = references
        self._now = -1  # the event that happens, or has just happened
        self._storages: list[_Followed] = []
        self._of_owner: ByIdentity[_Followed] = ByIdentity()
        self._of_tensor: ByIdentity[_Followed] = ByIdentity()
        self._keeps: list[_Keep] = []
        self._keeps_of_op: ByIdentity[list[_Keep]] = ByIdentity()
        self._writes: list[Write] = []
        # what dies adds its reference here, from whichever thread: nothing is done about it until an event
        self._dead: list[weakref.ref[Any]] = []
        self._living: dict[
            int, tuple[weakref.ref[Any], _Followed | list[_Keep]]
        ] = {}  # by the references' ids
        self._loose: dict[int, _Followed] = {}  # those with no known tensor, by number

    # ── what is there ─────────────────────────────────────────────────────────────────────────────────────

    def array(self, array: Array, kind: StorageKind, node: int = -1) -> _Followed | None:
        """An array is met, whoever has it; None when there are too many."""
        if not is_array(array):
            return None
        owner = owner_of(array)
        found = self._of_owner.get(owner, None)
        if found is None and len(self._storages) < MAX_STORAGES:
            reference = weakref.ref(owner, self._dead.append)
            found = _Followed(len(self._storages), reference, owner.nbytes, kind, self._now, node)
            self._living[id(reference)] = reference, found
            self._storages.append(found)
            self._of_owner[owner] = found
        if found is not None:
            self._loosen(found)  # the session may come to hold it
            if found.node < 0:
                found.node = node
        return found

    def tensor(self, tensor: Tensor, kind: StorageKind, node: int = -1) -> None:
        """A tensor is met: its storage is there as long as it is, or as long as it has that storage."""
        storage = self.array(tensor.array, kind, node)
        before = self._of_tensor.get(tensor, None)
        if storage is None or storage is before:
            return
        if before is not None:
            self._one_tensor_less(before)
        else:
            reference = weakref.ref(tensor, self._dead.append)
            self._living[id(reference)] = reference, storage
        self._of_tensor[tensor] = storage
        storage.tensors += 1
        self._loose.pop(storage.number, None)

    def gradient(self, tensor: Tensor, node: int) -> None:
        """A gradient now stands in `.grad`."""
        self.tensor(tensor, "gradient", node)
        storage = self._of_tensor.get(tensor, None)
        if storage is not None and storage.kind not in LASTING:
            storage.kind = "gradient"

    def operation(self, op: Op, node: int, outputs: tuple[Tensor, ...], in_place: bool) -> None:
        """An operation has run."""
        for tensor in outputs:
            self.tensor(tensor, "activation" if tensor._requires_grad else "temporary", node)
        if in_place:
            self.explain_change(outputs[0].array, node, moved=op.is_view)
        self.keeps(op, node)

    def backward(
        self, node: int, grads_out: tuple[Array | None, ...], grads_in: tuple[Array | None, ...]
    ) -> None:
        """A node of the graph has turned its outputs' gradients into its inputs'."""
        for gradient in grads_out:
            if gradient is not None:
                self.array(gradient, "gradient", node)
        for gradient in grads_in:
            if gradient is not None:
                self.array(gradient, "gradient")

    def keeps(self, op: Op, node: int, kind: StorageKind = "saved") -> None:
        """A node of the graph keeps arrays, some of which nobody has met before."""
        if type(op.saved) is not dict or op in self._keeps_of_op:
            return  # a pack hook of the program's own has put something else into its place
        keeps = []
        for name, array in op.saved.items():
            storage = self.array(array, kind, node) if is_array(array) else None
            if storage is not None:
                if storage.kind == "temporary":  # it has a part in a gradient after all
                    storage.kind = "activation"
                keeps.append(_Keep(op, node, name, storage, self._now))
                storage.keeps.append(keeps[-1])
        if keeps:
            reference = weakref.ref(op, self._dead.append)
            self._living[id(reference)] = reference, keeps
            self._keeps_of_op[op] = keeps
            if node >= 0:
                self._keeps += keeps

    def freed(self, op: Op) -> None:
        """A node of the graph has let go of what it kept."""
        self._let_go(self._keeps_of_op.get(op, []), self._now)

    def changed(self, tensor: Tensor, source: Source | None) -> None:
        """A tensor was overwritten in place, or has got another storage; an event that tells of it may
        follow."""
        before = self._of_tensor.get(tensor, None)
        storage = self._of_owner.get(owner_of(tensor.array), None)
        if before is not None and storage is not before:
            self.tensor(tensor, before.kind, before.node)
        elif storage is not None and len(self._writes) < MAX_WRITES:
            write = Write(storage.number, self._now, -1, source)
            if write not in self._writes[-1:]:  # a view and its base are told of one after the other
                self._writes.append(write)

    def explain_change(self, array: Array, node: int, moved: bool = False) -> None:
        """The present event is the change that was told of before it; one that only `moved` the numbers to
        other places of the array's shape has overwritten nothing."""
        storage = self._of_owner.get(owner_of(array), None)
        last = self._writes[-1] if self._writes else None
        if storage is None or last is None or (last.storage, last.node) != (storage.number, -1):
            return
        self._writes.pop()
        if not moved:
            self._writes.append(Write(storage.number, self._now, node, last.source))

    # ── time ──────────────────────────────────────────────────────────────────────────────────────────────

    def event(self) -> None:
        """Another event happens. What is gone by now was there until the one before."""
        self._bury()
        for storage in list(self._loose.values()):
            self._examine(storage)
        self._now += 1

    def begin(self, tensors: Iterable[tuple[Tensor, StorageKind]]) -> None:
        """These are there before the first event, with the graphs that they hold."""
        roots = []
        for tensor, kind in tensors:
            self.tensor(tensor, "earlier" if tensor._edge is not None and kind == "input" else kind)
            if tensor._grad is not None:
                self.gradient(tensor._grad, -1)
            if tensor._edge is not None:
                roots.append(tensor)
        for op in operations_behind(roots):
            self.keeps(op, -1, "earlier")

    def end(self) -> None:
        """Nothing is followed any more."""
        self._bury()
        for storage in list(self._loose.values()):
            self._examine(storage)
        self._living.clear()
        self._references = []

    def name_holders(self, held: Iterable[tuple[str, Tensor]]) -> None:
        """`held` are the tensors that can be reached now, each with the variable that leads to it."""
        held = list(held)
        for name, tensor in held:
            self._name(tensor.array, name)
        for name, tensor in held:
            for op in operations_behind([tensor]):
                for array in op.saved.values() if type(op.saved) is dict else ():
                    if is_array(array):
                        self._name(array, name)

    def known(self) -> Memory:
        """What is known so far."""
        storages = [
            Storage(s.nbytes, s.kind, s.since, s.until, s.graph_only, s.node, s.holder)
            for s in self._storages
        ]
        kept = [Kept(k.node, k.name, k.storage.number, k.since, k.until) for k in self._keeps]
        return Memory(storages, kept, list(self._writes))

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _bury(self) -> None:
        """Takes in which tensors and nodes have died since it was called last."""
        while self._dead:
            reference = self._dead.pop()
            _, had = self._living.pop(id(reference), (None, []))
            if not isinstance(had, _Followed):
                self._let_go(had, self._now)
            elif had.owner is reference:
                self._end(had)
            else:
                self._one_tensor_less(had)

    def _one_tensor_less(self, storage: _Followed) -> None:
        storage.tensors -= 1
        self._loosen(storage)

    def _loosen(self, storage: _Followed) -> None:
        if not storage.tensors and storage.until is None:
            storage.references = 0
            self._loose[storage.number] = storage

    def _end(self, storage: _Followed) -> None:
        """It is not there any more."""
        storage.until = max(self._now, storage.since)
        self._loose.pop(storage.number, None)

    def _let_go(self, keeps: list[_Keep], until: int) -> None:
        for keep in keeps:
            if keep.until is None:
                keep.until = max(until, keep.since)
                keep.storage.keeps.remove(keep)
                self._loosen(keep.storage)

    def _examine(self, storage: _Followed) -> None:
        """Whether a storage that no known tensor has is still there, and for the graph alone."""
        owner = storage.owner()
        if owner is None or getrefcount(owner) == storage.references:
            return  # it tells by itself that it is gone; or nothing has changed
        held = [array for references in self._references for array in references(id(owner))]
        our_own, owner = len(held), None
        held.extend(array for array in map(_Keep.array, storage.keeps) if array is not None)
        if not held:
            del self._loose[storage.number]  # it will tell
        elif others_hold(held):
            viewed = any(array.base is not None for array in held)
            storage.references = 0 if viewed else getrefcount(held[0]) - len(held) + 1  # as a variable has it
        elif len(held) == our_own:
            self._end(storage)
        else:
            del self._loose[storage.number]
            if storage.graph_only is None:
                storage.graph_only = self._now + 1

    def _name(self, array: Array, name: str) -> None:
        storage = self._of_owner.get(owner_of(array), None)
        if storage is not None and not storage.holder and storage.until is None:
            storage.holder = name


def operations_behind(tensors: Iterable[Tensor]) -> Iterator[Op]:
    """The graph that these tensors hold, as much of it as is looked at."""
    pending = [tensor._edge[0] for tensor in tensors if tensor._edge is not None]
    seen = set(pending)
    for op in pending:  # which grows meanwhile
        yield op
        for target, _ in op.edges:
            if isinstance(target, Op) and target not in seen:
                if len(seen) >= MAX_EARLIER:
                    return
                seen.add(target)
                pending.append(target)
