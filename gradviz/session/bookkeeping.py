"""Keeps account of every gradient: when it came, whether an update has used it, whether it was cleared.

Nothing is computed with: which tensor `.grad` is, and its version, tell what has happened to it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from gradviz.engine import Tensor
from gradviz.engine.backend import Array
from gradviz.engine.optim import optimizer as optimizers
from gradviz.trace import Source
from gradviz.trace.lint.evidence import Step, Unused

Line = Callable[[], Source | None]
NAMED = 10  # parameters of an optimizer, at most
FIRST = 100  # updates that accounts are kept for: by then every mistake in their order has been made


class _Version:
    """A gradient at a moment."""

    __slots__ = ("number", "tensor")

    def __init__(self, gradient: Tensor) -> None:
        self.tensor = weakref.ref(gradient)
        self.number = gradient.version_counter[0]

    def changes(self, gradient: Tensor | None) -> int | None:
        """How often the gradient was written to since; None if it is another one now."""
        if gradient is None or self.tensor() is not gradient:
            return None
        return gradient.version_counter[0] - self.number


class _Leaf:
    """The account of one leaf."""

    __slots__ = (
        "array",
        "backward",
        "came",
        "passes",
        "stale",
        "tensor",
        "thrown",
        "total",
        "updates",
        "used",
    )

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = weakref.ref(tensor)
        self.array = id(tensor.array)
        self.total = 0  # backward passes that brought a gradient …
        self.passes = 0  # … since the last update
        self.updates = 0
        self.thrown = 0  # how often one was cleared without a use, since then
        self.came: _Version | None = None  # the gradient as it last came, while it is unused
        self.used: _Version | None = None  # the gradient as the last update used it
        self.stale = False  # the gradient that came last was added to one that was used before
        self.backward: Source | None = None

    def accumulate(self, gradient: Tensor, added: Array, line: Line) -> None:
        """`added` has come to the gradient."""
        if self.used is not None:
            if self.used.changes(gradient) == 1 and not np.array_equal(gradient.array, added):
                self.stale, self.backward = True, line()
            self.used = None
        if self.came is not None and self._was_cleared(gradient, added):
            self.thrown, self.stale = self.thrown + 1, False
            self.backward = line()
        if not self.total:
            self.backward = line()
        self.came = _Version(gradient)
        self.total += 1
        self.passes += 1

    def _was_cleared(self, gradient: Tensor, added: Array) -> bool:
        """Whether nothing was left of what had come when `added` came to the gradient."""
        assert self.came is not None
        changes = self.came.changes(gradient)
        return changes is None or (changes > 1 and np.array_equal(gradient.array, added))

    def update(self, gradient: Tensor | None) -> None:
        """An update has used the gradient."""
        self.used = None if gradient is None else _Version(gradient)
        self.came, self.stale, self.passes, self.thrown = None, False, 0, 0
        self.updates += 1


class _Stepper:
    """The account of one optimizer."""

    def __init__(self) -> None:
        self.steps = 0
        self.idle = 0  # steps in a row without a new gradient
        # what the step that has begun found
        self.fresh = self.cleared = self.empty = False
        self.came = 0  # how many gradients had come until then, to whatever leaf
        self.stale: dict[int, _Leaf] = {}


class Bookkeeping:
    """Hears of gradients and updates. `name` says what the program calls a leaf, `name_of` an optimizer."""

    def __init__(self, name: Callable[[Tensor], str], name_of: Callable[[Any], str], line: Line) -> None:
        self._name, self._name_of, self._line = name, name_of, line
        # By id of the leaf, and of its array: tensors themselves are not equal or unequal.
        self._leaves: dict[int, _Leaf] = {}
        self._by_array: dict[int, _Leaf] = {}
        self._steppers: weakref.WeakKeyDictionary[Any, _Stepper] = weakref.WeakKeyDictionary()
        self._stepping = False
        self._came = 0  # gradients, to whatever leaf
        self._backwards = 0  # backward passes since the last step of any optimizer
        self._moved = False  # something has changed since the step began
        self.steps: list[Step] = []
        """Those of the present iteration."""

    # ── what happens ──────────────────────────────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """An iteration begins."""
        self.steps.clear()

    def backward_begin(self) -> None:
        self._backwards += 1

    def accumulate(self, tensor: Tensor, added: Array) -> None:
        leaf = self._leaf(tensor)
        if leaf is None:
            leaf = self._open(tensor)
        if leaf.array != id(tensor.array):
            self._by_array.pop(leaf.array, None)
            leaf.array = id(tensor.array)
            self._by_array[leaf.array] = leaf
        self._came += 1
        if tensor.grad is not None and leaf.updates < FIRST:
            leaf.accumulate(tensor.grad, added, self._line)

    def changed(self, tensor: Tensor) -> None:
        """A tensor was changed: an update by hand, if it is a leaf with a gradient, or shares the numbers of
        one, and no optimizer has it."""
        self._moved = True
        if self._stepping:
            return
        leaf = self._leaf(tensor) or self._by_array.get(id(tensor.array))
        own = None if leaf is None else leaf.tensor()
        if leaf is None or own is None or own.array is not tensor.array or leaf.updates >= FIRST:
            return
        if id(own) in _owned():
            return
        if leaf.stale:
            self.steps.append(Step("", 0, self._line(), (self._name(own),), leaf.backward))
        leaf.update(own.grad)

    def step_begin(self, optimizer: Any) -> None:
        self._stepping, self._moved = True, False
        stepper = self._steppers.setdefault(optimizer, _Stepper())
        if stepper.steps >= FIRST:
            return
        stepper.fresh = stepper.cleared = False
        stepper.came, stepper.stale, stepper.empty = self._came, {}, True
        for parameter in parameters_of(optimizer):
            leaf = self._leaf(parameter)
            if leaf is not None and leaf.stale:
                stepper.stale[id(parameter)] = leaf
            stepper.empty = stepper.empty and parameter.grad is None
            if _is_new(parameter.grad, leaf):
                stepper.fresh = True
            elif leaf is not None and leaf.passes:
                stepper.cleared = True

    def step_end(self, optimizer: Any) -> None:
        self._stepping = False
        stepper = self._steppers.setdefault(optimizer, _Stepper())
        stepper.steps += 1
        if stepper.steps > FIRST:
            return
        new = stepper.fresh or self._came > stepper.came or (self._moved and stepper.empty)
        went_back, self._backwards = self._backwards > 0 and not stepper.cleared, 0
        stepper.idle = 0 if new or went_back else stepper.idle + 1
        without = []
        for parameter in parameters_of(optimizer):
            leaf = self._leaf(parameter)
            if leaf is not None:
                if leaf.stale:  # in a closure
                    stepper.stale[id(parameter)] = leaf
                leaf.update(parameter.grad)
            if parameter.requires_grad and parameter.grad is None and (leaf is None or not leaf.total):
                without.append(parameter)
        self.steps.append(self._step(optimizer, stepper, [] if stepper.idle else without))

    # ── what can be said ──────────────────────────────────────────────────────────────────────────────────

    def _step(self, optimizer: Any, stepper: _Stepper, without: list[Tensor]) -> Step:
        leaves = [(leaf.tensor(), leaf) for leaf in stepper.stale.values()]
        return Step(
            self._name_of(optimizer),
            stepper.steps,
            self._line(),
            tuple(self._name(tensor) for tensor, _ in leaves if tensor is not None),
            next((leaf.backward for _, leaf in leaves), None),
            tuple(map(self._name, without)),
            stepper.idle,
            stepper.cleared,
            rates_of(optimizer),
            self._first_names(parameters_of(optimizer)) if stepper.idle else (),
        )

    def _first_names(self, parameters: Iterable[Tensor]) -> tuple[str, ...]:
        return tuple(map(self._name, islice(parameters, NAMED)))

    def blocked(self) -> Step | None:
        """As if the optimizers had stepped: none of their parameters got a gradient, for backward failed."""
        wanting = [p for opt in list(optimizers.living) for p in parameters_of(opt) if p.requires_grad]
        without = [p for p in wanting if (leaf := self._leaf(p)) is None or not leaf.total]
        return Step("", 0, None, without=tuple(map(self._name, without)), blocked=True) if without else None

    def unused(self) -> tuple[Unused, ...]:
        """The optimizers that have never stepped, although gradients came to their parameters."""
        found = []
        for optimizer in list(optimizers.living):
            stepper = self._steppers.get(optimizer)
            leaves = [self._leaf(parameter) for parameter in parameters_of(optimizer)]
            known = [leaf for leaf in leaves if leaf is not None and leaf.passes]
            if known and (stepper is None or not stepper.steps):
                passes, thrown = max(leaf.passes for leaf in known), min(leaf.thrown for leaf in known)
                place = next((leaf.backward for leaf in known if leaf.backward is not None), None)
                names = self._first_names(parameters_of(optimizer))
                found.append(Unused(self._name_of(optimizer), passes, thrown, place, names))
        return tuple(found)

    def forgotten(self) -> list[Tensor]:
        """Leaves with gradients that neither an optimizer has nor anything else updates, while an optimizer
        has stepped several times."""
        if max((stepper.steps for stepper in self._steppers.values()), default=0) < 2:
            return []
        owned = _owned()
        kept = ((leaf, leaf.tensor()) for leaf in list(self._leaves.values()))
        return [
            tensor
            for leaf, tensor in kept
            if tensor is not None and 1 < leaf.passes == leaf.total and id(tensor) not in owned
        ]

    def _leaf(self, tensor: Tensor) -> _Leaf | None:
        leaf = self._leaves.get(id(tensor))
        return leaf if leaf is not None and leaf.tensor() is tensor else None

    def _open(self, tensor: Tensor) -> _Leaf:
        leaf, number = _Leaf(tensor), id(tensor)

        def close(gone: weakref.ref[Tensor]) -> None:
            if (known := self._leaves.get(number)) is not None and known.tensor is gone:
                del self._leaves[number]
                self._by_array.pop(known.array, None)

        leaf.tensor = weakref.ref(tensor, close)
        self._leaves[number] = self._by_array[leaf.array] = leaf
        return leaf


def _is_new(gradient: Tensor | None, leaf: _Leaf | None) -> bool:
    """Whether an optimizer has something to do with this gradient, and has not done so yet."""
    if gradient is None:
        return False
    known = None if leaf is None else (leaf.came or leaf.used)
    if leaf is None or known is None or known.changes(gradient) != 0:  # put there, clipped, or cleared
        return bool(np.any(gradient.array))
    return leaf.came is not None


def _owned() -> set[int]:
    """Ids of the parameters that optimizers have."""
    return {id(parameter) for opt in list(optimizers.living) for parameter in parameters_of(opt)}


def parameters_of(optimizer: Any) -> Iterator[Tensor]:
    """Those of all groups."""
    for group in _groups(optimizer):
        given = group.get("params")
        if isinstance(given, (list, tuple)):
            yield from (parameter for parameter in given if isinstance(parameter, Tensor))


def rates_of(optimizer: Any) -> tuple[float, ...]:
    rates = (group.get("lr") for group in _groups(optimizer))
    return tuple(float(rate) for rate in rates if isinstance(rate, (int, float)))


def _groups(optimizer: Any) -> list[dict]:
    """A program may have changed these in odd ways."""
    groups = getattr(optimizer, "param_groups", ())
    return [group for group in groups if isinstance(group, dict)] if isinstance(groups, (list, tuple)) else []
