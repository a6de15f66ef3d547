"""The arrays of a recording, each as it was at each event."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from gradviz.engine.backend import Array, beside, owner_of, to_numpy
from gradviz.session.aside import set_aside
from gradviz.trace import ArrayRef, Node

ALWAYS = -1  # versions with this event existed before the iteration began
MAX_ASIDE = 64 << 20  # bytes: to copy more would take the program longer than to do without


class _Slot:
    """Holds an array as it was. Replaced by a copy when the program is about to overwrite the array."""

    __slots__ = ("array",)

    def __init__(self, array: Array) -> None:
        self.array = array


class Versions:
    """Arrays by node, role and output (or the name under which they are saved), ascending in their events.

    They are kept by reference and copied only when the program is about to change them in place. The
    program's thread keeps them while another thread looks at them, hence the lock.
    """

    def __init__(self) -> None:
        self.nbytes = 0
        """Of what is kept, as far as it is not a part of another array."""
        self._lock = threading.Lock()
        self._of: dict[tuple[int, str, int | str], tuple[list[int], list[_Slot]]] = {}
        self._slots_by_base: dict[int, list[_Slot]] = {}

    def keep(self, node: int, role: str, which: int | str, event: int, array: Array) -> None:
        """From that event on, this array is the one."""
        slot = _Slot(array)
        with self._lock:
            events, slots = self._of.setdefault((node, role, which), ([], []))
            events.append(event)
            slots.append(slot)
            self._slots_by_base.setdefault(id(owner_of(array)), []).append(slot)
            self.nbytes += array.nbytes if array.base is None else 0

    def copy(self, array: Array) -> None:
        """The program is about to overwrite the array: what was kept of it is copied."""
        base = owner_of(array)
        with self._lock:
            copies: dict[int, Array] = {}
            for slot in self._slots_by_base.pop(id(base), ()):
                if id(slot.array) not in copies:
                    copies[id(slot.array)] = slot.array.copy()
                    self.nbytes += slot.array.nbytes
                slot.array = copies[id(slot.array)]

    def set_aside(self) -> None:
        """Moves what is kept out of the program's memory, see aside.py."""
        with self._lock:
            slots = [slot for _, slots in self._of.values() for slot in slots]
            arrays = {id(slot.array): slot.array for slot in slots}
            if self.nbytes > MAX_ASIDE or not all(isinstance(array, np.ndarray) for array in arrays.values()):
                return
            copies = dict(zip(arrays, set_aside(list(arrays.values())), strict=True))
            for slot in slots:
                slot.array = copies[id(slot.array)]
            self._slots_by_base.clear()

    # ── what is asked about them ──────────────────────────────────────────────────────────────────────────

    def find(self, ref: ArrayRef, copy: bool = True) -> np.ndarray | None:
        """The array that `ref` names, as a NumPy array that will not change any more; or None.

        Without `copy` the program may overwrite it when it runs on.
        """
        key = (ref.node, ref.role, ref.name if ref.role == "saved" else ref.output)
        with self._lock:
            events, slots = self._of.get(key, ((), ()))
            position = bisect_right(events, ref.event)
            if not position:
                return None
            array = slots[position - 1].array
            if copy and id(owner_of(array)) in self._slots_by_base:
                array = array.copy()  # the program may overwrite it while the caller reads
        return to_numpy(array)

    def events(self, node: int, role: str, output: int) -> Sequence[int]:
        """From when on there was an array, and another, and another."""
        return self._of.get((node, role, output), ((), ()))[0]

    def made_at(self, count: int) -> list[list[Array]]:
        """For each of the first `count` events the arrays that it made; what it saved is not counted."""
        made: list[list[Array]] = [[] for _ in range(count)]
        for (_, role, _), (events, slots) in self._of.items():
            for event, slot in zip(events, slots, strict=True):
                if event != ALWAYS and role != "saved":
                    made[event].append(slot.array)
        return made

    def refs(self, iteration: int) -> list[ArrayRef]:
        """What arrays there are, each by the event that it is true from."""
        refs = []
        with self._lock:
            for (node, role, which), (events, _) in self._of.items():
                output, name = (0, which) if isinstance(which, str) else (which, "")
                refs += [
                    ArrayRef(iteration, event, node, role, output, name)  # type: ignore[arg-type]
                    for event in events
                ]
        return refs

    def norms(self, parameter: Node) -> dict[str, float]:
        """‖gradient‖ and ‖change‖ / ‖value‖ of a parameter, named like the run's curves."""
        found: dict[str, float] = {}
        _, gradients = self._of.get((parameter.id, "grad", 0), ([], []))
        if gradients:
            found[f"grad_norm/{parameter.qualified_name}"] = _norm(gradients[-1].array)
        _, values = self._of.get((parameter.id, "value", 0), ([], []))
        if len(values) > 1 and values[0].array.shape == values[-1].array.shape:
            before, after = values[0].array, values[-1].array
            size, change = _norm(before), _norm(after - beside(before, after))
            found[f"update_ratio/{parameter.qualified_name}"] = change / size if size else 0.0
        return found

    # ── whose memory they are ─────────────────────────────────────────────────────────────────────────────

    @property
    def hold_any(self) -> bool:
        """Whether any of the program's own arrays is among them."""
        return bool(self._slots_by_base)

    def references(self, owner: int) -> list[Array]:
        """All references to arrays on the memory of an owner's id."""
        return [slot.array for slot in self._slots_by_base.get(owner, ())]


def _norm(array: Array) -> float:
    flat = array.reshape(-1)
    return float(np.sqrt(to_numpy(flat @ flat)))
