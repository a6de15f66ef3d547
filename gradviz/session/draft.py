"""The iteration that is being recorded, as far as it is no array: nodes, events, modules and their calls."""

from __future__ import annotations

from collections import Counter

from gradviz.engine.nn import Module
from gradviz.session.names import Names
from gradviz.trace import Call, Event, Iteration, Node, Scope
from gradviz.trace.iteration import EventKind

MAX_GRAPH = 400_000  # nodes and their inputs and outputs: the window takes in so many without a stutter
MAX_EVENTS = 300_000
MAX_TEXT = 24 << 20  # characters in names and places of nodes and events: with the rest they fit a message


class Draft:
    """Fills an `Iteration`, as long as there is room."""

    def __init__(self, iteration: Iteration, names: Names) -> None:
        self.iteration = iteration
        self.full = False
        """True once there was too much to keep: operations that come later are not recorded."""
        self._names = names
        self._size = 0  # of the graph, see MAX_GRAPH
        self._text = 0  # see MAX_TEXT
        self._scopes: list[str] = []  # paths of the modules that are running, innermost last
        self._calls: list[int] = []  # and their numbers, of those in which an operation has run
        self._known_scopes: set[str] = set()
        self._used_keys: Counter[str] = Counter()

    # ── modules ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def scope(self) -> str:
        """The path of the innermost module that is running; "" outside of all."""
        return self._scopes[-1] if self._scopes else ""

    @property
    def uncounted_calls(self) -> int:
        """Modules that are running and in which no operation has run yet."""
        return len(self._scopes) - len(self._calls)

    def enter(self, module: Module) -> None:
        scope = self._names.scope(module, self.scope)
        self._scopes.append(scope.path)
        self._know_scope(scope)

    def leave(self) -> None:
        if self._scopes:
            self._scopes.pop()
            del self._calls[len(self._scopes) :]

    def call(self) -> int:
        """The innermost call of a module that is running, or -1."""
        calls = self.iteration.calls
        for scope in self._scopes[len(self._calls) :]:
            calls.append(Call(scope, self._calls[-1] if self._calls else -1))
            self._calls.append(len(calls) - 1)
        return self._calls[-1] if self._calls else -1

    def know_scopes_around(self, path: str) -> None:
        """Of something that belongs to a module which may not have been entered yet."""
        parts = path.split(".") if path else []
        for length in range(1, len(parts) + 1):
            outer = ".".join(parts[:length])
            if outer not in self._known_scopes:
                self._know_scope(Scope(outer, ""))

    def _know_scope(self, scope: Scope) -> None:
        if scope.path in self._known_scopes:
            if scope.module:  # a parameter may have come before its module was entered
                scopes = self.iteration.scopes
                for index, known in enumerate(scopes):
                    if known.path == scope.path and not known.module:
                        scopes[index] = scope
            return
        self._known_scopes.add(scope.path)
        self.iteration.scopes.append(scope)

    # ── nodes and events ──────────────────────────────────────────────────────────────────────────────────

    def has_room(self, more_graph: int = 0, *, out_of_memory: bool = False) -> bool:
        """Whether an event can be kept, and that much more of a graph.

        A graph that is full stays as it is: an operation on a result of one that was left out would look
        like an operation on an input. But the gradients of what it holds are still kept.
        """
        self._size += more_graph
        out_of_room = out_of_memory or len(self.iteration.events) >= MAX_EVENTS or self._text > MAX_TEXT
        graph_is_full = self._size > MAX_GRAPH or self._text > MAX_TEXT // 2  # its gradients are to come
        self.full = self.full or out_of_room or graph_is_full
        return not (self.full if more_graph else out_of_room)

    def add_node(self, *, kind: str, name: str, scope: str, **rest: object) -> int:
        number = len(self.iteration.nodes)
        key = f"{scope}/{name.rstrip('/') or '?'}"
        self._used_keys[key] += 1
        if self._used_keys[key] > 1:
            key = f"{key}#{self._used_keys[key]}"
        source = self._names.source()
        node = Node(id=number, key=key, kind=kind, name=name, scope=scope, source=source, **rest)  # type: ignore[arg-type]
        self.iteration.nodes.append(node)
        self._text += sum(map(len, (key, name, scope, node.formula, node.grad_fn, *node.vjp)))
        self._text += len(source.file) if source else 0
        return number

    def add_event(self, kind: EventKind, node: int, of: Node | None = None, spent: int = 0) -> int:
        """`of`: the node whose source line the event belongs to; None means the line that runs now. `spent`:
        nanoseconds."""
        source = of.source if of is not None else self._names.source()
        self.iteration.events.append(Event(kind, node, source))
        self.iteration.nanoseconds.append(spent)
        self._text += len(source.file) if source else 0
        return len(self.iteration.events) - 1
