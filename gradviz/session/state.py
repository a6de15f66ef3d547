"""The complete state of a program, as a hash: what its next iterations depend on.

Found are all tensors, arrays and random streams that can be reached from the program's variables and its
loaders. Of modules, optimizers, schedulers, loaders, samplers and data sets the numbers and texts count, too;
of other objects they do not, for a program may well note when it began. The hash depends on what is found and
in which order, never on where in memory it lies: a program that is run anew comes to the same.
"""

from __future__ import annotations

import functools
import gc
import marshal
import operator
import random
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from types import CellType, FunctionType, GeneratorType, MethodType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from gradviz.engine import Tensor
from gradviz.engine.backend import is_array_class, owner_of, to_numpy
from gradviz.engine.random import Generator, default_generator
from gradviz.trace.statistics import without_repeats

HASH_BYTES = 16
MAX_COPIED = 256 << 20  # bytes up to which an expanded array is hashed like one that has its elements
MAX_OBJECTS = 20_000  # that are looked at behind one variable
MAX_DEPTH = 100
MAX_MEMBERS = 1_000  # of a set
_SMALL = 1 << 14  # bytes that are hashed as they are
_LARGE = 1 << 20
_SAMPLE = 1 << 10  # elements
_WIDTH = 512  # words in a row of those that are folded first
_PLAIN = frozenset({int, float, complex, bool, str, bytes, type(None)})
_SCRATCH = frozenset({"_scratches"})  # attributes whose content means nothing


class StateHash:
    """Hashes the state of one program, again and again. Large arrays, such as a data set, are read anew only
    when they have been written to."""

    def __init__(self) -> None:
        self._known: dict[int, dict[int, _Known]] = {}  # by the ids of the memory's owner and of the array

    def of(self, variables: Iterable[Mapping[str, Any]], loaders: Iterable[Any]) -> bytes:
        """The hash now; empty when what is found cannot be looked at.

        `variables` are the program's, scope by scope, `loaders` those that gave batches.
        """
        try:
            return self._hash(variables, loaders)
        except Exception:  # a program may be deep in a recursion, or change in another thread meanwhile
            return b""

    def _hash(self, variables: Iterable[Mapping[str, Any]], loaders: Iterable[Any]) -> bytes:
        walk = Walk(self._words)
        for stream in (default_generator, random.getstate(), np.random.get_state(legacy=False)):
            walk.begin(stream, True)
        for loader in loaders:
            walk.begin(loader, True)
        for scope in variables:
            for name in sorted(scope):
                if not name.startswith("__"):
                    walk.begin(scope[name], False)
        return walk.hash.digest()

    def changed(self, array: Any) -> None:
        """The program has written to the array, or to one that shares its memory."""
        if self._known:
            self._known.pop(id(owner_of(array)), None)

    def _words(self, array: Any) -> list[Any]:
        if array.nbytes < _LARGE or type(array) is not np.ndarray or not array.flags.c_contiguous:
            return array_words(array)
        # NumPy may write to it unheard: a sample shows that, unless only a few elements are meant
        flat = array.reshape(-1)
        sample = flat[:: flat.size // _SAMPLE].tobytes()
        views = self._known.setdefault(id(owner_of(array)), {})
        known = views.get(id(array))
        if known is None or known.array() is not array or known.sample != sample:
            known = views[id(array)] = _Known(weakref.ref(array), sample, array_words(array))
        return known.words


class _Known(NamedTuple):
    """What a large array was like when it was read."""

    array: weakref.ref[Any]
    sample: bytes
    words: list[Any]


def array_words(array: Any) -> list[Any]:
    """What to hash in place of an array, all of whose bits it depends on; large ones are folded up first, for
    adding is twenty times as fast as hashing."""
    array = np.atleast_1d(to_numpy(array))
    head = f"{array.dtype.str}{array.shape}".encode()
    if array.nbytes > MAX_COPIED:  # of an expanded array, whose elements may not fit into memory one by one
        array = without_repeats(array)
    array = np.ascontiguousarray(array)
    if array.dtype.hasobject:
        return [head]
    if array.nbytes <= _SMALL:
        return [head, array.tobytes()]
    data = array.reshape(-1).view(np.uint8)
    whole = len(data) - len(data) % (8 * _WIDTH)
    rows = data[:whole].view(np.uint64).reshape(-1, _WIDTH)
    return [head, np.add.reduce(rows, 0), np.add.reduce(rows, 1), data[whole:]]


def digest_of(text: str, arrays: Iterable[Any]) -> int:
    """64 bits that depend on a text and on arrays."""
    found = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)
    for array in arrays:
        for words in array_words(array):
            found.update(words)
    return int.from_bytes(found.digest(), "little")


class Walk:
    """Goes through objects, each once. `exact`: plain numbers and texts count, too."""

    def __init__(self, words: Callable[[Any], list[Any]]) -> None:
        self.hash = blake2b(digest_size=HASH_BYTES)
        self._words = words  # what to hash in place of an array
        self._seen: dict[int, Any] = {}  # by id; keeps them alive, so that no id is used again
        self._numbers: dict[int, int] = {}  # of the tensors, arrays and streams among them, by id
        self._depth = 0
        self._most = MAX_OBJECTS

    def begin(self, value: Any, exact: bool) -> None:
        """Visits what a variable holds. Very much behind one does not keep the others from counting."""
        self._most = len(self._seen) + MAX_OBJECTS
        self.visit(value, exact)

    def visit(self, value: Any, exact: bool) -> None:
        kind: Any = type(value)
        if kind in _PLAIN or issubclass(kind, np.generic):
            if exact:
                self._put(kind.__name__, repr(value))
        elif id(value) in self._seen:
            if id(value) in self._numbers:
                self._put("again", self._numbers[id(value)])
        elif len(self._seen) < self._most and self._depth < MAX_DEPTH:
            self._seen[id(value)] = value
            self._depth += 1
            getattr(self, _method(kind))(value, exact)
            self._depth -= 1

    def _put(self, *words: object) -> None:
        self.hash.update(f"{words};".encode("utf-8", "surrogatepass"))

    def _number(self, value: Any, kind: str) -> None:
        self._numbers[id(value)] = len(self._numbers)
        self._put(kind)

    # ── what counts ───────────────────────────────────────────────────────────────────────────────────────

    def tensor(self, tensor: Tensor, exact: bool) -> None:
        self._number(tensor, "tensor")
        self._put(tensor.requires_grad)
        self.visit(tensor.array, exact)
        if tensor.is_leaf:
            self.visit(tensor.grad, exact)

    def array(self, array: Any, exact: bool) -> None:
        self._number(array, "array")
        for words in self._words(array):
            self.hash.update(words)

    def torch_stream(self, generator: Generator, exact: bool) -> None:
        self._number(generator, "generator")
        self.visit(generator.get_state().array, True)

    def numpy_stream(self, generator: np.random.Generator, exact: bool) -> None:
        self._number(generator, "generator")
        self.visit(generator.bit_generator.state, True)

    def numpy_legacy_stream(self, generator: np.random.RandomState, exact: bool) -> None:
        self._number(generator, "generator")
        self.visit(generator.get_state(legacy=False), True)

    def python_stream(self, generator: random.Random, exact: bool) -> None:
        if not isinstance(generator, random.SystemRandom):  # which has no state
            self._number(generator, "generator")
            self.visit(generator.getstate(), True)

    # ── where it may be ───────────────────────────────────────────────────────────────────────────────────

    def sequence(self, values: Any, exact: bool) -> None:
        base = next((base for base in (list, tuple, deque) if isinstance(values, base)), type(values))
        values = list(base.__iter__(values))  # a program's class may have a method of its own
        if _PLAIN.issuperset(map(type, values)):
            if exact:
                self.hash.update(marshal.dumps(values, 2))  # in which equal values are equal bytes
            return
        for value in values:
            if len(self._seen) >= self._most:
                return
            self.visit(value, exact)

    def mapping(self, values: dict[Any, Any], exact: bool) -> None:
        self.sequence(dict.keys(values), exact)
        self.sequence(dict.values(values), exact)

    def collection(self, values: set[Any] | frozenset[Any], exact: bool) -> None:
        """A set: its order means nothing."""
        if _PLAIN.issuperset(map(type, values)):
            if exact:
                self.sequence(sorted(map(repr, values)), exact)
            return
        found = []
        for value in list(values)[:MAX_MEMBERS]:
            walk = Walk(self._words)
            walk._seen, walk._depth, walk._most = self._seen.copy(), self._depth, self._most
            walk.visit(value, exact)
            found.append(walk.hash.digest())
        self.sequence(sorted(found), True)

    def generator(self, generator: GeneratorType, exact: bool) -> None:
        """A generator that waits: where it does, its variables, and the loops that it is in."""
        if generator.gi_frame is not None and not generator.gi_running:
            self._put("at", generator.gi_frame.f_lasti)
            self.referents(generator, exact)

    def iterator(self, iterator: Any, exact: bool) -> None:
        """One of Python's own: how much is to come, and of what."""
        if exact:
            self._put("left", operator.length_hint(iterator, -1))
        self.referents(iterator, exact)

    def referents(self, holder: Any, exact: bool) -> None:
        for value in gc.get_referents(holder):
            self.visit(value, exact)

    def function(self, function: FunctionType, exact: bool) -> None:
        for cell in function.__closure__ or ():
            self.visit(cell, False)

    def reference(self, reference: weakref.ref, exact: bool) -> None:
        self.visit(reference(), exact)

    def own_class(self, kind: type, exact: bool) -> None:
        if kind.__module__ == "__main__":
            self.sequence([value for name, value in vars(kind).items() if not name.startswith("__")], False)

    def instance(self, value: Any, exact: bool) -> None:
        exact = exact or _is_ours(type(value))
        attributes = _attribute(value, "__dict__") or {}
        self.mapping({name: kept for name, kept in attributes.items() if name not in _SCRATCH}, exact)
        for kind in type(value).__mro__:
            names = kind.__dict__.get("__slots__", ())
            for name in (names,) if isinstance(names, str) else names:
                if name not in ("__dict__", "__weakref__"):
                    self.visit(_attribute(value, name), exact)

    def nothing(self, value: Any, exact: bool) -> None:
        """A thing of Python's own library, such as a lock or a file."""


def _attribute(value: Any, name: str) -> Any:
    """What an object keeps, without asking the program's code; None where there is nothing."""
    try:
        return object.__getattribute__(value, name)
    except AttributeError:
        return None


_METHODS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (Tensor, "tensor"),
    (Generator, "torch_stream"),
    (np.random.Generator, "numpy_stream"),
    (np.random.RandomState, "numpy_legacy_stream"),
    (random.Random, "python_stream"),
    (dict, "mapping"),
    ((list, tuple, deque), "sequence"),
    ((set, frozenset), "collection"),
    (GeneratorType, "generator"),
    ((CellType, MethodType, functools.partial), "referents"),
    (FunctionType, "function"),
    (weakref.ref, "reference"),
    (type, "own_class"),
    (SimpleNamespace, "instance"),
)


@functools.lru_cache(1024)
def _method(kind: type) -> str:
    """Which method of Walk visits the instances of a class.

    (An instance that is asked for its class may run code.)
    """
    if is_array_class(kind):
        return "array"
    for known, method in _METHODS:
        if issubclass(kind, known):
            return method
    if kind.__module__ in ("builtins", "itertools") and hasattr(kind, "__next__"):
        return "iterator"
    if kind.__module__.partition(".")[0] in sys.stdlib_module_names:
        return "nothing"
    return "instance"


def _is_ours(kind: type) -> bool:
    """Whether a class is torch's, by whichever name it goes, or derived from one of torch's."""
    return any(base.__module__.startswith(("gradviz.engine.", "torch.")) for base in kind.__mro__)
