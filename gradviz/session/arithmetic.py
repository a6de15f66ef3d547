"""What updates by hand, and optimizers of a program's own, have computed: operations that are no nodes.

They are kept while an iteration is recorded, so that a new number of a parameter can be led back through them
to the gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gradviz.engine import Tensor
from gradviz.engine.backend import Array
from gradviz.engine.explain import Element, Use, output
from gradviz.engine.explain.replay import Replay, in_main_memory
from gradviz.engine.tape import Op
from gradviz.trace.reasons import Place, Term

MAX_OPERATIONS = 2000  # of one iteration that are kept …
MAX_BYTES = 64 << 20  # … while their arrays are light
MAX_TERMS = 64  # of one number: what is made of more is left whole
EXACT = 1e-12  # relative: by which a product of slope and number may miss the result


@dataclass(frozen=True)
class Origin:
    """What a tensor is that no kept operation made: the value or the gradient of a node, or (-1) only what
    the program calls it."""

    node: int = -1
    role: Literal["value", "grad"] = "value"
    name: str = ""


Placed = Callable[[Origin, tuple[int, ...], float], Place]
"""The place of an element: what tensor it is of, its index, its number."""


@dataclass
class _Given:
    """A tensor that went into an operation, as it was; `maker` is the kept operation that made it."""

    argument: str
    array: Array
    maker: _Done | None
    origin: Origin


@dataclass
class _Done:
    op: Op
    inputs: list[_Given]
    result: Array


class Arithmetic:
    def __init__(self, origin: Callable[[Tensor], Origin]) -> None:
        self._origin = origin
        self._made: dict[int, _Done] = {}  # by id of the result's array: the latest
        self._before: dict[int, Array] = {}  # of the array that is being overwritten, what it was
        self._alive: list[Array] = []
        self._count = self._bytes = 0
        self._updated: tuple[int, int] | None = None  # an event, and the array that it is about
        self._updates: dict[int, _Done] = {}  # by event

    def will_change(self, tensor: Tensor) -> None:
        """A tensor is about to be overwritten."""
        if self._has_room:
            self._before = {id(tensor.array): tensor.array.copy()}

    def updated(self, tensor: Tensor, event: int) -> None:
        """A parameter has been overwritten by the operation that will be added next."""
        self._updated = event, id(tensor.array)

    def add(self, op: Op, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> None:
        """An operation of an update ran. Arrays are copied: the program may overwrite any of them."""
        if not self._has_room or len(outputs) != 1 or op.companions:
            self._before.clear()
            return
        result = outputs[0].array
        given = [self._given(name, tensor) for name, tensor in zip(op.input_names, inputs, strict=False)]
        done = _Done(op, given, result.copy())
        self._count += 1
        self._bytes += sum(each.array.nbytes for each in given if each.maker is None) + result.nbytes
        self._made[id(result)] = done
        self._alive.append(result)
        if self._updated is not None and self._updated[1] == id(result):
            self._updates[self._updated[0]] = done
            self._updated = None
        self._before.clear()

    def terms(self, event: int, index: tuple[int, ...], place: Placed) -> list[Term]:
        """What adds up to a parameter's number after the update at that event; [] where it is not known."""
        done = self._updates.get(event)
        if done is None:
            return []
        return list(_terms(done, index, 1.0, place))

    @property
    def _has_room(self) -> bool:
        return self._count < MAX_OPERATIONS and self._bytes < MAX_BYTES

    def _given(self, argument: str, tensor: Tensor) -> _Given:
        key = id(tensor.array)
        maker = self._made.get(key)
        if key in self._before:
            array = self._before[key]
        else:
            array = maker.result if maker is not None else tensor.array.copy()
        self._alive.append(tensor.array)
        return _Given(argument, array, maker, Origin() if maker else self._origin(tensor))


def _terms(done: _Done, index: tuple[int, ...], scale: float, place: Placed) -> Iterator[Term]:
    """The terms of one element of a result, times `scale`, each followed back as far as it is linear."""
    use = Use.heard(done.op, [(given.argument, given.array) for given in done.inputs], [done.result])
    origins = _origins(use, done)
    why = output(use, index)
    if len(why) > MAX_TERMS or why.outer != "S":
        yield Term(scale * why.value, 1.0)
        return
    for group in why.groups:
        for term in (group[i] for i in range(len(group))):
            arrays = [element for element in term.factors if origins.get(element.source.number) is not None]
            linear = next((each for each in arrays if _is_linear(use, index, each, term.value)), None)
            given = origins[linear.source.number] if linear is not None else None
            factor = scale * term.value / linear.value if linear is not None and linear.value else 0.0
            if given is None or linear is None or not factor:
                factors = [
                    place(origins[each.source.number].origin, each.index, each.value) for each in arrays
                ]
                yield Term(scale * term.value, None, tuple(factors), rule=group.rule)
            elif given.maker is not None:
                yield from _terms(given.maker, linear.index, factor, place)
            else:
                yield Term(scale * term.value, factor, (place(given.origin, linear.index, linear.value),))
    if why.rest:
        yield Term(scale * why.rest, 1.0)


def _origins(use: Use, done: _Done) -> dict[int, _Given]:
    """What tensor stands at each position of the call."""
    found: dict[int, _Given] = {}
    position = 0
    for name in done.op.args:
        tensors = [given for given in done.inputs if given.argument == name]
        for given in tensors:
            found[position] = given
            position += 1
        position += not tensors
    return found


def _is_linear(use: Use, index: tuple[int, ...], element: Element, value: float) -> bool:
    """Whether a term is the element times its slope, as in a product, a quotient, a negation."""
    wide = use.wide()
    slopes = Replay(wide.op, wide.inputs, element.source.number).slopes(0, index)
    if slopes is None:
        return False
    slope = float(np.asarray(in_main_memory(slopes))[element.index])
    return abs(slope * element.value - value) <= EXACT * abs(value)
