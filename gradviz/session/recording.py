"""One iteration in full detail: graph and events as trace data, and every array as it was at each event."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

import numpy as np

from gradviz.engine import Tensor
from gradviz.engine.autograd.function import FunctionNode
from gradviz.engine.backend import Array, gpu_in_use, is_array, owner_of
from gradviz.engine.explain import apart
from gradviz.engine.explain.updates import Step
from gradviz.engine.nn import Module
from gradviz.engine.optim.optimizer import Optimizer
from gradviz.engine.tape import AccumulateGrad, Op
from gradviz.session.arithmetic import Arithmetic, Origin
from gradviz.session.draft import Draft
from gradviz.session.identity import ByIdentity
from gradviz.session.interventions import Interventions
from gradviz.session.memory import MemoryLog
from gradviz.session.names import MAX_NAME, Names
from gradviz.session.passes import NOBODY, Passes
from gradviz.session.reach import arrays_in, reachable, state_of, there_before
from gradviz.session.state import digest_of
from gradviz.session.stopwatch import Stopwatch
from gradviz.session.versions import ALWAYS, Versions
from gradviz.trace import ArrayRef, Input, Iteration, Node, Saved, TensorInfo
from gradviz.trace.iteration import Spoiled
from gradviz.trace.values import Role

MAX_BYTES = 2 << 30


class Recording:
    """Fills an `Iteration` from the engine's events and keeps the arrays behind it.

    Of the program it keeps only arrays, see `Versions`: tensors and nodes of the graph are not kept at all.

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
        self.draft = Draft(iteration, names)
        self.arrays = Versions()
        self._events_known = 0
        self.stopwatch = Stopwatch()
        self.passes = Passes()
        self._names = names
        self._interventions = interventions
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
        names.refresh()
        for parameter in names.parameters():
            if parameter.grad is not None:
                self._note_gradient(parameter.grad)

    # ── what happens in the program ───────────────────────────────────────────────────────────────────────

    def enter(self, module: Module) -> None:
        self.draft.enter(module)

    def leave(self) -> None:
        self.draft.leave()

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
        if not self._has_room(1 + 2 * len(inputs) + len(outputs) + self.draft.uncounted_calls):
            return
        self._remember_memory()
        edges = tuple(
            Input(*self._locate(tensor), argument)
            for tensor, argument in zip(inputs, op.input_names, strict=False)
        )
        in_place = any(tensor is outputs[0] for tensor in inputs)
        node = self.draft.add_node(
            kind="operation",
            name=op.op_name[:MAX_NAME] + ("_" if in_place else ""),
            scope=self.draft.scope,
            call=self.draft.call(),
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
        event = self.draft.add_event("forward", node, spent=spent)
        self._node_of_op[op] = node
        self._keep_operation(node, op)
        for number, tensor in enumerate(outputs):
            if self._intervening:
                self._set_output(node, number, tensor, in_place=any(tensor is given for given in inputs))
            self._places[tensor] = (node, number)
            if not op.is_view:  # a detached tensor has the very array of what it was detached from
                self._output_of_array[tensor.array] = (node, number)
            self.arrays.keep(node, "value", number, event, tensor.array)
        for name, array in (op.saved or {}).items():
            if is_array(array):
                self.arrays.keep(node, "saved", name, event, array)
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
        event = self.draft.add_event("backward", node, self.iteration.nodes[node], spent)
        if isinstance(op, FunctionNode):
            self._given[node] = tuple([None if g is None else g.copy() for g in grads_in])
        for number, gradient in enumerate(grads_out):
            if gradient is not None:
                self.arrays.keep(node, "grad", number, event, gradient)
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
        event = self.draft.add_event("accumulate", node, self.iteration.nodes[node])
        self._overwrite(node, "grad", tensor.grad)
        self.arrays.keep(node, "grad", 0, event, tensor.grad.array)
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
        self.arrays.copy(tensor.array)

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
        event = self.draft.add_event("update", node)
        self._overwrite(node, "value", tensor)
        self.arithmetic.updated(tensor, event)
        if (step := self._steps.pop(id(tensor), None)) is not None:
            self._step_at[event] = step
        self.arrays.keep(node, "value", 0, event, tensor.array)
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
        self.arrays.set_aside()

    def made_by(self, tensor: Tensor) -> int | None:
        """The event at which a tensor got its present numbers; None when no recorded event made it."""
        node, output = self._places.get(tensor, (-1, 0))
        events = self.arrays.events(node, "value", output)
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
        made = self.arrays.made_at(len(iteration.events))
        keys = (f"{event.kind} {iteration.nodes[event.node].key}" for event in iteration.events)
        iteration.digests = [digest_of(key, arrays) for key, arrays in zip(keys, made, strict=True)]

    # ── what is asked about it ────────────────────────────────────────────────────────────────────────────

    def find(self, ref: ArrayRef, copy: bool = True) -> np.ndarray | None:
        """The array that `ref` names; see `Versions.find`."""
        return self.arrays.find(ref, copy)

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
    def full(self) -> bool:
        """Whether there was too much to keep: operations that come later are not recorded."""
        return self.draft.full

    @property
    def holds_arrays(self) -> bool:
        """Whether it holds any of the program's own."""
        return self.arrays.hold_any or bool(self._arrays_of_operations)

    def references(self, owner: int) -> list[Array]:
        """All references to arrays on the memory of an owner's id."""
        found = self.arrays.references(owner)
        if owner in self._arrays_of_operations:
            found += 2 * self._arrays_of_operations[owner]  # each is in an operation, and in this list
        return found

    def node_of(self, op: Op) -> int | None:
        """The node that stands for an operation of the engine."""
        return self._node_of_op.get(op, None)

    def node_holding(self, leaf: Tensor) -> Node | None:
        """The node that stands for a leaf."""
        node, _ = self._places.get(leaf, (None, 0))
        return None if node is None else self.iteration.nodes[node]

    def carried(self) -> list[tuple[Node, Op]]:
        """The tensors that came into the iteration with a graph from before it, and what made them, if that
        graph still exists."""
        made = ((self.iteration.nodes[node], op()) for node, op in self._carried)
        return [(node, op) for node, op in made if op is not None]

    def refs(self) -> list[ArrayRef]:
        """What arrays there are, each by the event that it is true from."""
        return self.arrays.refs(self.iteration.index)

    def norms(self) -> dict[str, float]:
        """Of every parameter; see `Versions.norms`."""
        found: dict[str, float] = {}
        for node in self.iteration.nodes:
            if node.kind == "parameter":
                found |= self.arrays.norms(node)
        return found

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────

    def _has_room(self, more_graph: int = 0) -> bool:
        """Whether an event can be kept, and that much more of a graph; see `Draft.has_room`."""
        return self.draft.has_room(more_graph, out_of_memory=self.arrays.nbytes > MAX_BYTES)

    @property
    def _intervening(self) -> bool:
        return self._interventions is not None and self._interventions.any

    def _nth(self, node: int, role: str, output: int) -> int:
        """How many arrays the node has had in that role."""
        return len(self.arrays.events(node, role, output))

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
        node = self.draft.add_node(
            kind=leaf.kind,
            name=leaf.name,
            scope=leaf.scope,
            outputs=(_info(tensor, tensor.requires_grad),),
            arguments=(),
        )
        self.draft.know_scopes_around(leaf.scope)
        self._places[tensor] = (node, 0)
        self._leaf_of_array[tensor.array] = node
        self._overwrite(node, "value", tensor)
        if isinstance(tensor.grad_fn, Op) and not self.full:
            self._carried.append((node, weakref.ref(tensor.grad_fn)))
        self.arrays.keep(node, "value", 0, ALWAYS, tensor.array)
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


def _info(tensor: Tensor, needs_gradient: bool) -> TensorInfo:
    return TensorInfo(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), needs_gradient)


def _saved(name: str, array: Array) -> Saved:
    return Saved(name, tuple(array.shape), str(array.dtype), array.nbytes)


def _is_finite(array: Array) -> bool:
    """The sum tells it at once, unless large numbers add up to an infinite one."""
    return array.dtype.kind not in "fc" or bool(np.isfinite(array.sum())) or bool(np.isfinite(array).all())
