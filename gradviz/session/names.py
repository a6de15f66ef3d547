"""Finds the names that a program itself gives to its tensors and modules, and the line that is running.

A person recognises `net.fc1.weight` and `images`; the engine only knows objects. The names are looked up in
the program's variables: its globals first, then the local variables of its functions, outermost call first.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping
from types import FrameType
from typing import Any, Literal, NamedTuple, TypeVar

from gradviz.engine import Tensor
from gradviz.engine.nn import Module
from gradviz.trace import Scope, Source

MAX_MODULES = 10_000
MAX_NAME = 1000  # characters: names are for people

T = TypeVar("T")


LeafKind = Literal["parameter", "buffer", "input"]


class LeafName(NamedTuple):
    """What to call a tensor that no operation made: `scope` "net.fc1", `name` "weight"."""

    kind: LeafKind
    scope: str
    name: str


class Names:
    """Names of one program. `namespace` gives its globals, `sources` are the files that count as its own."""

    def __init__(self, namespace: Callable[[], Mapping[str, Any]], sources: tuple[str, ...]) -> None:
        self._namespace = namespace
        self._sources = set(sources)
        self._paths: dict[int, str] = {}
        self._leaves: dict[int, LeafName] = {}
        # of the plain attributes among them, which come and go: a dead one's id may be another tensor's
        self._attributes: dict[int, weakref.ref[Tensor]] = {}
        self._modules: list[Module] = []  # keeps the ids above from being reused

    def refresh(self) -> None:
        """Looks the modules up anew: call it when a recording starts, for programs make and drop modules."""
        self._paths.clear()
        self._leaves.clear()
        self._attributes.clear()
        self._modules.clear()
        for variables in self.variables():
            for name, value in list(variables.items()):
                if isinstance(value, Module) and name != "self" and not name.startswith("__"):
                    self._add(name, value)

    def parameters(self) -> list[Tensor]:
        """The parameters of all modules that have a name."""
        seen: dict[int, Tensor] = {}
        for module in self._modules:
            for parameter in module.parameters():
                seen.setdefault(id(parameter), parameter)
        return list(seen.values())

    def buffers(self) -> list[Tensor]:
        """The buffers of all modules that have a name."""
        buffers = [buffer for module in self._modules for buffer in module._buffers.values()]
        return [buffer for buffer in buffers if buffer is not None]

    def modules(self) -> Iterator[tuple[str, Module]]:
        """The modules that have a name, by their paths ("net.fc1")."""
        self.refresh()
        yield from [(self._paths[id(module)], module) for module in self._modules]

    def tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Parameters, buffers and other tensors that have a name, by their qualified names."""
        for path, module in self.modules():
            for own, tensor in {**vars(module), **module._parameters, **module._buffers}.items():
                if isinstance(tensor, Tensor):
                    yield f"{path}.{own}", tensor
        yield from self.of_kind(Tensor).items()

    def of_kind(self, kind: type[T]) -> dict[str, T]:
        """The variables that hold an object of that class; of a name that occurs twice the outermost."""
        found: dict[str, T] = {}
        for variables in self.variables():
            for name, value in list(variables.items()):
                if isinstance(value, kind) and not name.startswith("_"):
                    found.setdefault(name, value)
        return found

    def add_source(self, path: str) -> None:
        """The lines of one more file count as the program's own."""
        self._sources.add(path)

    def scope(self, module: Module, inside: str) -> Scope:
        """The module's path: by its variable, or below the scope it is called in, by its class."""
        path = self._paths.get(id(module))
        if path is None:
            self.refresh()
            path = self._paths.get(id(module))
        if path is None:
            own = type(module).__name__
            path = f"{inside}.{own}" if inside else own
        return Scope(path[:MAX_NAME], type(module).__name__[:MAX_NAME], _detail(module))

    def leaf(self, tensor: Tensor) -> LeafName:
        """What the program calls a tensor that no recorded operation made."""
        found = self._leaves.get(id(tensor))
        if found is not None and self._attributes.get(id(tensor), lambda: tensor)() is tensor:
            return found
        # One that is no leaf was computed in an earlier iteration, such as the state of a recurrent network.
        kind: LeafKind = "parameter" if tensor.requires_grad and tensor.is_leaf else "input"
        for variables in self.variables():
            for name, value in list(variables.items()):
                # `.data` of a variable's tensor is another tensor around its very array.
                same = value is tensor or (isinstance(value, Tensor) and value.array is tensor.array)
                if same and not name.startswith("_"):
                    return LeafName(kind, "", name[:MAX_NAME])
        if tensor.numel() == 1 and tensor.dim() == 0:
            return LeafName(kind, "", f"{tensor.item():.4g}")
        return LeafName(kind, "", "tensor")

    def path(self, tensor: Tensor) -> str:
        """A leaf's name with its module's: "net.fc1.weight". Modules are looked up anew."""
        self.refresh()
        leaf = self.leaf(tensor)
        return f"{leaf.scope}.{leaf.name}" if leaf.scope else leaf.name

    def variable(self, tensor: Tensor, otherwise: str) -> str:
        """The variable that holds a tensor just now."""
        name = self.leaf(tensor).name
        return otherwise if name == "tensor" or not name.isidentifier() else name

    def source(self) -> Source | None:
        """The innermost line of the program that is running."""
        return running_line(self._sources)

    def place(self) -> frozenset[Source]:
        """All lines of the program that are running: the innermost, and the calls that led to it."""
        lines = set()
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename in self._sources:
                lines.add(Source(frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back
        return frozenset(lines)

    def variables(self) -> Iterator[Mapping[str, Any]]:
        """The program's variables, scope by scope, outermost first."""
        frames = []
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename in self._sources and frame.f_code.co_name != "<module>":
                frames.append(frame)
            frame = frame.f_back
        yield self._namespace()
        for frame in reversed(frames):
            yield frame.f_locals

    def _add(self, name: str, root: Module) -> None:
        for path, module in root.named_modules(prefix=name):
            if id(module) in self._paths or len(self._modules) >= MAX_MODULES:
                continue
            path = path[:MAX_NAME]
            self._paths[id(module)] = path
            self._modules.append(module)
            for own, parameter in module._parameters.items():
                if parameter is not None:
                    self._leaves.setdefault(id(parameter), LeafName("parameter", path, own[:MAX_NAME]))
            for own, buffer in module._buffers.items():
                if buffer is not None:
                    self._leaves.setdefault(id(buffer), LeafName("buffer", path, own[:MAX_NAME]))
            for own, value in vars(module).items():  # a plain attribute, such as a loss's class weights
                if isinstance(value, Tensor) and id(value) not in self._leaves:
                    self._attributes[id(value)] = weakref.ref(value)
                    kind: LeafKind = "parameter" if value.requires_grad and value.is_leaf else "input"
                    self._leaves[id(value)] = LeafName(kind, path, own[:MAX_NAME])


def running_line(sources: Collection[str]) -> Source | None:
    """The innermost line that is running in one of the files `sources`."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename in sources:
            return Source(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return None


def _detail(module: Module) -> str:
    """A few words on a module: "784 → 128" for a layer with in and out, else what its repr says."""
    try:
        for before, after in (
            ("in_features", "out_features"),
            ("in_channels", "out_channels"),
            ("num_embeddings", "embedding_dim"),
        ):
            if hasattr(module, before) and hasattr(module, after):
                return f"{getattr(module, before)} → {getattr(module, after)}"[:60]
        return str(module.extra_repr())[:60]
    except Exception:  # a user's class may raise anything; this is decoration
        return ""
