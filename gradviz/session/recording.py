"""One iteration in full detail: graph and events as trace data, and every array as it was at each event."""

from __future__ import annotations

import threading
import weakref
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from gradviz.engine import Tensor
from gradviz.engine.autograd.function import FunctionNode
from gradviz.engine.backend import Array, beside, gpu_in_use, is_array, owner_of, to_numpy
from gradviz.engine.explain import apart
from gradviz.engine.explain.updates import Step
from gradviz.engine.nn import Module
from gradviz.engine.optim.optimizer import Optimizer
from gradviz.engine.tape import AccumulateGrad, Op
from gradviz.session.arithmetic import Arithmetic, Origin
from gradviz.session.aside import set_aside
from gradviz.session.identity import ByIdentity
from gradviz.session.interventions import Interventions
from gradviz.session.memory import MemoryLog
from gradviz.session.names import MAX_NAME, Names
from gradviz.session.passes import NOBODY, Passes
from gradviz.session.reach import arrays_in, reachable, state_of, there_before
from gradviz.session.state import digest_of
from gradviz.session.stopwatch import Stopwatch
from gradviz.trace import ArrayRef, Call, Event, Input, Iteration, Node, Saved, Scope, TensorInfo
from gradviz.trace.iteration import EventKind, Spoiled
from gradviz.trace.values import Role

MAX_GRAPH = 400_000  # nodes and their inputs and outputs: the window takes in so many without a stutter
MAX_EVENTS = 300_000
MAX_TEXT = 24 << 20  # characters in names and places of nodes and events: with the rest they fit a message
MAX_BYTES = 2 << 30
MAX_ASIDE = 64 << 20  # bytes: to copy more would take the program longer than to do without
ALWAYS = -1  # versions with this event existed before the iteration began


class _Slot:
    """Holds an array as it was. Replaced by a copy when the program is about to overwrite the array."""

    __slots__ = ("array",)

    def __init__(self, array: Array) -> None:
        self.array = array


class Recording:
    """Fills an `Iteration` from the engine's events and keeps the arrays behind it.

    Arrays are kept by reference and copied only when the program is about to change them in place; tensors
    and nodes of the graph are not kept at all. The program's thread records while another thread looks at
    arrays, hence the lock.

    `others` are the recordings that are still kept.
    """

    def __init__(
        self,
        iteration: Iteration,
        names: Names,
        whole: bool = True,
        interventions: Interventions | None = None,
        others: Iterable[Recording] = (),
    ) -> None:
        self.iteration = iteration
        self.whole = whole
        """False when the iteration had begun before the recording did."""
        self.full = False
        """True once there was too much to keep: operations that come later are not recorded."""
        self.nbytes = 0
        self._events_known = 0
        self._size = 0  # of the graph, see MAX_GRAPH
        self._text = 0  # see MAX_TEXT
        self.stopwatch = Stopwatch()
        self.passes = Passes()
        self._names = names
        self._interventions = interventions
        self._lock = threading.Lock()
        self._scopes: list[str] = []  # paths of the modules that are running, innermost last
        self._calls: list[int] = []  # and their numbers, of those in which an operation has run
        self._known_scopes: set[str] = set()
        self._needs: dict[int, tuple[bool, ...]] = {}  # by operation, of its inputs
        self._given: dict[int, tuple[Array | None, ...]] = {}  # by custom Functions to their inputs
        self.arithmetic = Arithmetic(self._origin)
        """Of updates by hand, and of optimizers that are the program's own."""
        self._gradient_of: dict[int, int] = {}  # by id(array) of a leaf's gradient, the leaf
        self._steps: dict[int, Step] = {}  # by id(parameter): what the optimizer that is running knew
        self._step_at: dict[int, Step] = {}  # by the event of the update
        self._places: ByIdentity[tuple[int, int]] = ByIdentity()  # of a tensor: its node and output
        self._node_of_op: ByIdentity[int] = ByIdentity()
        self._operations: dict[int, Op] = {}  # by node, apart from the program's graph
        self._arrays_of_operations: dict[int, list[Array]] = {}  # that those hold, by the ids of their owners
        self._output_of_array: ByIdentity[tuple[int, int]] = ByIdentity()  # as for `.data`
        self._leaf_of_array: ByIdentity[int] = ByIdentity()  # a leaf's node: finds it behind `.data`
        self._gradients: ByIdentity[bool] = ByIdentity()  # arrays of gradients, and computed from them
        holding = [self.references, *[other.references for other in others if other.holds_arrays]]
        self._memory = MemoryLog(holding) if whole else None
        self._carried: list[tuple[int, weakref.ref[Op]]] = []  # leaves that were computed earlier, by what
        self._versions: dict[tuple[int, str, int | str], tuple[list[int], list[_Slot]]] = {}
        self._slots_by_base: dict[int, list[_Slot]] = {}
        self._used_keys: Counter[str] = Counter()
        names.refresh()
        for parameter in names.parameters():
            if parameter.grad is not None:
                self._note_gradient(parameter.grad)

    # ── what happens in the program ───────────────────────────────────────────────────────────────────────

    def enter(self, module: Module) -> None:
        scope = self._names.scope(module, self._scopes[-1] if self._scopes else "")
        self._scopes.append(scope.path)
        self._know_scope(scope)

    def leave(self) -> None:
        if self._scopes:
            self._scopes.pop()
            del self._calls[len(self._scopes) :]

    def will_run(self, op: Op, inputs: tuple[Any, ...]) -> None:
        """Leaves are met before anything is computed from them, while one of their numbers is to be set."""
        if self.full or not self._intervening:
            return
        tensors = [x for x in (*inputs, *op.companions.values()) if isinstance(x, Tensor)]
        if not any(tensor.array in self._gradients for tensor in tensors):  # else it is an update by hand
            for tensor in tensors:
                self._locate(tensor)

    def forward(self, op: Op, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> None:
        spent = self.stopwatch.stop(op)
        if self._is_update_arithmetic(op, inputs, outputs):
            self.arithmetic.add(op, inputs, outputs)
        elif not self.full:
            self._add_operation(op, inputs, outputs, spent)
        self.stopwatch.resume()

    def _add_operation(
        self, op: Op, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...], spent: int
    ) -> None:
        uncounted = len(self._scopes) - len(self._calls)
        if not self._has_room(1 + 2 * len(inputs) + len(outputs) + uncounted):
            return
        self._remember_memory()
        edges = tuple(
            Input(*self._locate(tensor), argument)
            for tensor, argument in zip(inputs, op.input_names, strict=False)
        )
        in_place = any(tensor is outputs[0] for tensor in inputs)
        node = self._add_node(
            kind="operation",
            name=op.op_name[:MAX_NAME] + ("_" if in_place else ""),
            scope=self._scopes[-1] if self._scopes else "",
            call=self._call(),
            in_backward=self.passes.now,
            inputs=edges,
            outputs=tuple(_info(tensor, tensor.grad_fn is not None) for tensor in outputs),
            grad_fn=op.backward_name[: 2 * MAX_NAME] if any(tensor.grad_fn for tensor in outputs) else "",
            saved=tuple(
                _saved(name, array) for name, array in (op.saved or {}).items() if isinstance(array, Array)
            ),
            is_view=op.is_view,
            formula=op.formula,
            vjp=tuple(op.vjp),
            arguments=tuple(op.args),
        )
        event = self._add_event("forward", node, spent=spent)
        self._node_of_op[op] = node
        self._keep_operation(node, op)
        for number, tensor in enumerate(outputs):
            if self._intervening:
                self._set_output(node, number, tensor, in_place=any(tensor is given for given in inputs))
            self._places[tensor] = (node, number)
            if not op.is_view:  # a detached tensor has the very array of what it was detached from
                self._output_of_array[tensor.array] = (node, number)
            self._keep(node, "value", number, event, tensor.array)
        for name, array in (op.saved or {}).items():
            if is_array(array):
                self._keep(node, "saved", name, event, array)
        if self._memory is not None:
            self._memory.operation(op, node, outputs, in_place)

    def backward(
        self, op: Op, grads_out: tuple[Array | None, ...], grads_in: tuple[Array | None, ...]
    ) -> None:
        spent = self.stopwatch.stop(op)
        self.passes.compute(NOBODY)
        node = self._node_of_op.get(op, None)
        if node is not None and self._has_room():
            self._add_backward(node, op, grads_out, grads_in, spent)
        self.stopwatch.resume()

    def will_backward(self, op: Op) -> None:
        """The backward of an operation begins to compute."""
        self.stopwatch.start(op)
        self.passes.compute(self._node_of_op.get(op, NOBODY))

    def _add_backward(
        self,
        node: int,
        op: Op,
        grads_out: tuple[Array | None, ...],
        grads_in: tuple[Array | None, ...],
        spent: int,
    ) -> None:
        self._remember_memory()
        event = self._add_event("backward", node, self.iteration.nodes[node], spent)
        if isinstance(op, FunctionNode):
            self._given[node] = tuple([None if g is None else g.copy() for g in grads_in])
        for number, gradient in enumerate(grads_out):
            if gradient is not None:
                self._keep(node, "grad", number, event, gradient)
        for (target, output), gradient in zip(op.edges, grads_in, strict=True):
            if gradient is not None and not _is_finite(gradient):
                self._note_spoiled(event, target, output)
        if self._memory is not None:
            self._memory.backward(node, grads_out, grads_in)

    def accumulate(self, tensor: Tensor) -> None:
        if tensor.grad is None or not self._has_room():
            return
        if self.full and tensor not in self._places:
            return
        self._remember_memory()
        self._note_gradient(tensor.grad)
        node, _ = self._locate(tensor)
        event = self._add_event("accumulate", node, self.iteration.nodes[node])
        self._overwrite(node, "grad", tensor.grad)
        self._keep(node, "grad", 0, event, tensor.grad.array)
        self._gradient_of[id(tensor.grad.array)] = node
        if self._memory is not None:
            self._memory.gradient(tensor.grad, node)
            self._memory.explain_change(tensor.grad.array, node)

    def freed(self, op: Op) -> None:
        """A node of the graph has let go of what it saved."""
        if self._memory is not None:
            self._memory.freed(op)

    def stepped(self, optimizer: Optimizer) -> None:
        """An optimizer's step is over: it may have begun to remember something."""
        if self._memory is not None:
            for tensor in state_of(optimizer):
                self._memory.tensor(tensor, "optimizer")

    def will_change(self, tensor: Tensor) -> None:
        """Copies what was kept of the array that the program is about to overwrite."""
        base = owner_of(tensor.array)
        with self._lock:
            copies: dict[int, Array] = {}
            for slot in self._slots_by_base.pop(id(base), ()):
                if id(slot.array) not in copies:
                    copies[id(slot.array)] = slot.array.copy()
                    self.nbytes += slot.array.nbytes
                slot.array = copies[id(slot.array)]

    def will_update(self, tensor: Tensor) -> None:
        """A tensor is about to be overwritten after a backward pass; what torch's optimizers do is known."""
        if not self._steps:
            self.arithmetic.will_change(tensor)

    def changed(self, tensor: Tensor) -> None:
        """A tensor's numbers were changed in place, or replaced."""
        if self._memory is not None:
            self._memory.changed(tensor, self._names.source())

    def updated(self, tensor: Tensor) -> None:
        """A leaf's numbers were, for a gradient that it has got: an update."""
        node = self._leaf_node(tensor)
        if node is None or not self._has_room():
            return
        self._remember_memory()
        event = self._add_event("update", node)
        self._overwrite(node, "value", tensor)
        self.arithmetic.updated(tensor, event)
        if (step := self._steps.pop(id(tensor), None)) is not None:
            self._step_at[event] = step
        self._keep(node, "value", 0, event, tensor.array)
        self._leaf_of_array[tensor.array] = node
        if self._memory is not None:
            self._memory.explain_change(tensor.array, node)

    def end(self) -> None:
        """The iteration is over: what is still there has outlived it."""
        if self._memory is not None:
            self._memory.end()

    def step_begins(self, optimizer: Optimizer) -> None:
        """The optimizer is about to change its parameters: notes what it knows of them, to say why."""
        if not self.full and not gpu_in_use():
            self._steps = {id(parameter): step for parameter, step in Step.all_of(optimizer)}

    def set_aside(self) -> None:
        """The iteration has ended, and what is kept of it moves out of the program's memory, see aside.py."""
        with self._lock:
            slots = [slot for _, slots in self._versions.values() for slot in slots]
            arrays = {id(slot.array): slot.array for slot in slots}
            if self.nbytes > MAX_ASIDE or not all(isinstance(array, np.ndarray) for array in arrays.values()):
                return
            copies = dict(zip(arrays, set_aside(list(arrays.values())), strict=True))
            for slot in slots:
                slot.array = copies[id(slot.array)]
            self._slots_by_base.clear()

    def made_by(self, tensor: Tensor) -> int | None:
        """The event at which a tensor got its present numbers; None when no recorded event made it."""
        node, output = self._places.get(tensor, (-1, 0))
        events, _ = self._versions.get((node, "value", output), ([], []))
        return events[-1] if events and events[-1] != ALWAYS else None

    def has_news(self) -> bool:
        """Whether events came in since this was asked last."""
        known, self._events_known = self._events_known, len(self.iteration.events)
        return self._events_known > known

    def finish(self) -> None:
        """Says what is known of the memory; once the iteration is complete, hashes every event with the
        numbers it made."""
        iteration = self.iteration
        if self._memory is not None and iteration.events:
            self._memory.name_holders(reachable(self._names.variables()) if iteration.complete else ())
            iteration.memory = self._memory.known()
        if not iteration.complete or iteration.digests:
            return
        made: list[list[Array]] = [[] for _ in iteration.events]
        for (_, role, _), (events, slots) in self._versions.items():
            for event, slot in zip(events, slots, strict=True):
                if event != ALWAYS and role != "saved":
                    made[event].append(slot.array)
        keys = (f"{event.kind} {iteration.nodes[event.node].key}" for event in iteration.events)
        iteration.digests = [digest_of(key, arrays) for key, arrays in zip(keys, made, strict=True)]

    # ── what is asked about it ────────────────────────────────────────────────────────────────────────────

    def find(self, ref: ArrayRef, copy: bool = True) -> np.ndarray | None:
        """The array that `ref` names, as a NumPy array that will not change any more; or None.

        Without `copy` the program may overwrite it when it runs on.
        """
        key = (ref.node, ref.role, ref.name if ref.role == "saved" else ref.output)
        with self._lock:
            events, slots = self._versions.get(key, ((), ()))
            position = bisect_right(events, ref.event)
            if not position:
                return None
            slot = slots[position - 1]
            array = slot.array
            if (
                copy and id(owner_of(array)) in self._slots_by_base
            ):  # the program may overwrite it while the caller reads
                array = array.copy()
        return to_numpy(array)

    def operation(self, node: int) -> Op | None:
        """The engine's operation behind a node, as `Use` wants it; None for a leaf."""
        return self._operations.get(node)

    def needs(self, node: int) -> tuple[bool, ...]:
        """Which inputs of an operation get a gradient from it; () where it is not recorded for that."""
        return self._needs.get(node, ())

    def given(self, node: int) -> tuple[Array | None, ...]:
        """The gradients that a custom Function gave to its inputs; () for any other node."""
        return self._given.get(node, ())

    def step(self, event: int) -> Step | None:
        """What the optimizer knew as it changed a parameter at that event; None if it was none of torch's."""
        return self._step_at.get(event)

    @property
    def holds_arrays(self) -> bool:
        """Whether it holds any of the program's own."""
        return bool(self._slots_by_base or self._arrays_of_operations)

    def references(self, owner: int) -> list[Array]:
        """All references to arrays on the memory of an owner's id."""
        found = [slot.array for slot in self._slots_by_base.get(owner, ())]
        if owner in self._arrays_of_operations:
            found += 2 * self._arrays_of_operations[owner]  # each is in an operation, and in this list
        return found

    def node_of(self, op: Op) -> int | None:
        """The node that stands for an operation of the engine."""
        return self._node_of_op.get(op, None)

    def carried(self) -> list[tuple[Node, Op]]:
        """The tensors that came into the iteration with a graph from before it, and what made them, if that
        graph still exists."""
        made = ((self.iteration.nodes[node], op()) for node, op in self._carried)
        return [(node, op) for node, op in made if op is not None]

    def refs(self) -> list[ArrayRef]:
        """What arrays there are, each by the event that it is true from."""
        refs = []
        with self._lock:
            for (node, role, which), (events, _) in self._versions.items():
                output, name = (0, which) if isinstance(which, str) else (which, "")
                refs += [
                    ArrayRef(self.iteration.index, event, node, role, output, name)  # type: ignore[arg-type]
                    for event in events
                ]
        return refs

    def norms(self) -> dict[str, float]:
        """‖gradient‖ and ‖change‖ / ‖value‖ of every parameter, named like the run's curves."""
        found: dict[str, float] = {}
        for node in self.iteration.nodes:
            if node.kind != "parameter":
                continue
            events, gradients = self._versions.get((node.id, "grad", 0), ([], []))
            if events:
                found[f"grad_norm/{node.qualified_name}"] = _norm(gradients[-1].array)
            events, values = self._versions.get((node.id, "value", 0), ([], []))
            if len(values) > 1 and values[0].array.shape == values[-1].array.shape:
                before, after = values[0].array, values[-1].array
                size, change = _norm(before), _norm(after - beside(before, after))
                found[f"update_ratio/{node.qualified_name}"] = change / size if size else 0.0
        return found

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _has_room(self, more_graph: int = 0) -> bool:
        """Whether an event can be kept, and that much more of a graph.

        A graph that is full stays as it is: an operation on a result of one that was left out would look
        like an operation on an input. But the gradients of what it holds are still kept.
        """
        self._size += more_graph
        out_of_room = (
            len(self.iteration.events) >= MAX_EVENTS or self.nbytes > MAX_BYTES or self._text > MAX_TEXT
        )
        graph_is_full = self._size > MAX_GRAPH or self._text > MAX_TEXT // 2  # its gradients are to come
        self.full = self.full or out_of_room or graph_is_full
        return not (self.full if more_graph else out_of_room)

    @property
    def _intervening(self) -> bool:
        return self._interventions is not None and self._interventions.any

    def _nth(self, node: int, role: str, output: int) -> int:
        """How many arrays the node has had in that role."""
        return len(self._versions.get((node, role, output), ((), ()))[0])

    def _overwrite(self, node: int, role: Role, tensor: Tensor) -> None:
        """Sets what is wanted of a number that was just made and is about to be kept."""
        if self._interventions is not None and self._interventions.any:
            key, nth = self.iteration.nodes[node].key, self._nth(node, role, 0)
            self._interventions.overwrite(key, role, nth, tensor)

    def _set_output(self, node: int, number: int, tensor: Tensor, in_place: bool) -> None:
        """The same for an operation's output, and later for the gradients that come to it."""
        key, interventions = self.iteration.nodes[node].key, self._interventions
        assert interventions is not None
        deed = interventions.overwrite if in_place else interventions.replace
        deed(key, "value", 0, tensor, number)
        if tensor.grad_fn is not None and interventions.wanted(key, "grad", number):
            tensor.register_hook(
                lambda g: interventions.replaced(key, self._nth(node, "grad", number), g, number)
            )

    def _is_update_arithmetic(self, op: Op, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> bool:
        """Whether an operation only serves an update by hand, such as `w -= lr * w.grad`.

        It works on gradients, or writes into a leaf. The update itself is recorded; drawn as nodes, its
        arithmetic would only clutter the graph of the loss.
        """
        from_gradient = not any(tensor.grad_fn for tensor in outputs) and any(
            tensor.array in self._gradients for tensor in inputs
        )
        if from_gradient:
            for tensor in outputs:
                self._note_gradient(tensor)
        into_leaf = any(
            tensor is output for tensor in inputs for output in outputs if self._leaf_node(output) is not None
        )
        return from_gradient or into_leaf

    def _note_spoiled(self, event: int, target: Op | AccumulateGrad | None, output: int) -> None:
        """A backward event sent a number that is not finite to an output of an operation, or to a leaf."""
        if isinstance(target, AccumulateGrad):
            node, output = self._locate(target.variable)
        else:
            node = self._node_of_op.get(target, -1)
        if node >= 0:
            self.iteration.spoiled.append(Spoiled(event, node, output))

    def _origin(self, tensor: Tensor) -> Origin:
        """What a tensor of an update is: a parameter, a gradient, or something that only has a name."""
        if (node := self._leaf_node(tensor)) is not None:
            return Origin(node, "value")
        if (node := self._gradient_of.get(id(tensor.array))) is not None:
            return Origin(node, "grad")
        return Origin(name=self._names.variable(tensor, ""))

    def _note_gradient(self, tensor: Tensor) -> None:
        self._gradients[tensor.array] = True

    def _leaf_node(self, tensor: Tensor) -> int | None:
        """The parameter that a tensor is, or whose numbers it shares (`.data`)."""
        node, _ = self._places.get(tensor, (None, 0))
        if node is None:
            node = self._leaf_of_array.get(tensor.array, None)
        if node is None or self.iteration.nodes[node].kind != "parameter":
            return None
        return node

    def _locate(self, tensor: Tensor) -> tuple[int, int]:
        """The node and output that made a tensor. One that nothing recorded has made becomes a leaf."""
        found = self._places.get(tensor, None)
        if found is not None:
            return found
        made = self._output_of_array.get(tensor.array, None)
        if made is not None:
            return made
        maker = self._node_of_op.get(tensor.grad_fn, None)  # backward wraps what was saved in new tensors
        if maker is not None:
            return maker, tensor.output_nr
        shared = self._leaf_of_array.get(tensor.array, None)
        if shared is not None:
            return shared, 0
        leaf = self._names.leaf(tensor)
        node = self._add_node(
            kind=leaf.kind,
            name=leaf.name,
            scope=leaf.scope,
            outputs=(_info(tensor, tensor.requires_grad),),
            arguments=(),
        )
        for path in _ancestors(leaf.scope):
            if path not in self._known_scopes:
                self._know_scope(Scope(path, ""))
        self._places[tensor] = (node, 0)
        self._leaf_of_array[tensor.array] = node
        self._overwrite(node, "value", tensor)
        if isinstance(tensor.grad_fn, Op) and not self.full:
            self._carried.append((node, weakref.ref(tensor.grad_fn)))
        self._keep(node, "value", 0, ALWAYS, tensor.array)
        if self._memory is not None:
            self._memory.tensor(tensor, leaf.kind, node)
        return node, 0

    def _remember_memory(self) -> None:
        """To be called before an event: what is there by now, and what is gone."""
        if self._memory is not None:
            if not self.iteration.events:
                self._memory.begin(there_before(self._names))
            self._memory.event()

    def _keep_operation(self, node: int, op: Op) -> None:
        self._operations[node] = kept = apart(op)
        self._needs[node] = op.needs
        for array in arrays_in(vars(kept)):
            self._arrays_of_operations.setdefault(id(owner_of(array)), []).append(array)

    def _call(self) -> int:
        """The innermost call of a module that is running, or -1."""
        calls = self.iteration.calls
        for scope in self._scopes[len(self._calls) :]:
            calls.append(Call(scope, self._calls[-1] if self._calls else -1))
            self._calls.append(len(calls) - 1)
        return self._calls[-1] if self._calls else -1

    def _add_node(self, *, kind: str, name: str, scope: str, **rest: object) -> int:
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

    def _add_event(self, kind: EventKind, node: int, of: Node | None = None, spent: int = 0) -> int:
        """`of`: the node whose source line the event belongs to; None means the line that runs now. `spent`:
        nanoseconds."""
        source = of.source if of is not None else self._names.source()
        self.iteration.events.append(Event(kind, node, source))
        self.iteration.nanoseconds.append(spent)
        self._text += len(source.file) if source else 0
        return len(self.iteration.events) - 1

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

    def _keep(self, node: int, role: str, which: int | str, event: int, array: Array) -> None:
        slot = _Slot(array)
        with self._lock:
            events, slots = self._versions.setdefault((node, role, which), ([], []))
            events.append(event)
            slots.append(slot)
            self._slots_by_base.setdefault(id(owner_of(array)), []).append(slot)
            self.nbytes += array.nbytes if array.base is None else 0


def _ancestors(path: str) -> list[str]:
    parts = path.split(".") if path else []
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _info(tensor: Tensor, needs_gradient: bool) -> TensorInfo:
    return TensorInfo(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), needs_gradient)


def _saved(name: str, array: Array) -> Saved:
    return Saved(name, tuple(array.shape), str(array.dtype), array.nbytes)


def _is_finite(array: Array) -> bool:
    """The sum tells it at once, unless large numbers add up to an infinite one."""
    return array.dtype.kind not in "fc" or bool(np.isfinite(array.sum())) or bool(np.isfinite(array).all())


def _norm(array: Array) -> float:
    flat = array.reshape(-1)
    return float(np.sqrt(to_numpy(flat @ flat)))
