"""The backward pass: a walk over the graph, later operations first, without recursion."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

from gradviz.engine import anomaly, dtypes, observer
from gradviz.engine.backend import Array, asarray, xp
from gradviz.engine.grad_mode import mode
from gradviz.engine.polymorphic import sum_to
from gradviz.engine.tape import AccumulateGrad, Edge, Op, gradient_edge
from gradviz.engine.tensor import Tensor, begin_change, end_change, wrap

NO_GRADS: list = []  # for a node that no gradient has reached


def run_backward(
    roots: list[tuple[Tensor, Any]],
    retain_graph: bool,
    create_graph: bool,
    inputs: list[Tensor] | None = None,
    accumulate: bool = True,
) -> list[Any]:
    """Carries gradients from the roots to the leaves, each node once, later operations first.

    `roots` pairs tensors with their gradients (arrays; Tensors under `create_graph`). With `inputs` only the
    paths to them are walked; without `accumulate` no `.grad` changes, the gradients of `inputs` are returned.
    """
    walk = _Walk(retain_graph, create_graph)
    for tensor, g in roots:
        node, nr = gradient_edge(tensor)
        walk.add(node, nr, g)
    targets = [gradient_edge(t) for t in inputs] if inputs is not None else None
    if observer.current is not None:
        observer.current.backward_begin(tuple(t for t, _ in roots))
    previous, mode.enabled = mode.enabled, create_graph
    try:
        return walk.run(targets, accumulate)
    finally:
        mode.enabled = previous
        if observer.current is not None:
            observer.current.backward_end()


class _Walk:
    """One backward pass. Gradients are arrays, or Tensors when the pass itself is recorded."""

    def __init__(self, retain_graph: bool, create_graph: bool) -> None:
        self.retain_graph = retain_graph
        self.create_graph = create_graph
        self.grads: dict[Any, list] = {}  # of a node's outputs, as far as they have arrived
        self.owned: set[tuple[Any, int]] = set()  # sums made here, which may be added to in place
        self.captured: dict[Edge, Any] = {}

    def add(self, node: Any, nr: int, g: Any) -> None:
        grads = self.grads.get(node)
        if grads is None:
            grads = self.grads[node] = [None] * len(node._metas)
        have = grads[nr]
        if have is None:
            grads[nr] = g
        elif (node, nr) in self.owned:
            have += g
        else:
            total = have + g
            grads[nr] = total if self.create_graph or type(total) is Array else asarray(total)
            if not self.create_graph:
                self.owned.add((node, nr))

    def run(self, targets: list[Edge] | None, accumulate: bool) -> list[Any]:
        waiting = self.count_dependencies()
        useful = None if targets is None else self.paths_to(waiting, {node for node, _ in targets})
        wanted = set(targets or ())
        ready = [(-node.sequence, id(node), node) for node in self.grads if not waiting[node]]
        heapq.heapify(ready)
        while ready:
            node = heapq.heappop(ready)[2]
            grads = self.grads.pop(node, NO_GRADS)
            if type(node) is AccumulateGrad:
                if grads is NO_GRADS:
                    continue
                grad = run_hooks(node.variable._hooks, grads[0])
                if (node, 0) in wanted:
                    self.captured[node, 0] = grad
                if accumulate and (targets is None or (node, 0) in wanted):
                    accumulate_grad(node.variable, grad, self.create_graph)
                continue
            if grads is NO_GRADS:
                grads = [None] * len(node._metas)
            if node._output_hooks is not None or node.retained or node._pre_hooks is not None:
                self.prepare(node, grads)
            if wanted:
                self.captured.update({(node, nr): g for nr, g in enumerate(grads) if (node, nr) in wanted})
            if useful is not None and not useful.get(node):
                continue
            for (target, nr), grad in zip(node.next_functions, self.visit(node, grads), strict=True):
                if target is None or (useful is not None and target not in useful):
                    continue
                if grad is not None:
                    self.add(target, nr, grad)
                waiting[target] -= 1
                if not waiting[target]:
                    heapq.heappush(ready, (-target.sequence, id(target), target))
        return [self.captured.get(edge) for edge in targets or ()]

    def count_dependencies(self) -> dict[Any, int]:
        """For every node that the roots reach: how many gradients it has to wait for."""
        waiting = dict.fromkeys(self.grads, 0)
        stack = list(waiting)
        while stack:
            for target, _ in stack.pop().next_functions:
                if target is None:
                    continue
                if target in waiting:
                    waiting[target] += 1
                else:
                    waiting[target] = 1
                    stack.append(target)
        return waiting

    def paths_to(self, reached: dict[Any, int], targets: set) -> dict[Any, bool]:
        """The nodes that lead to a target (True) or are one and lead to no other (False)."""
        useful: dict[Any, bool] = {}
        for node in sorted(reached, key=lambda n: -1 if type(n) is AccumulateGrad else n.sequence):
            leads = any(target in useful for target, _ in node.next_functions)
            if leads or node in targets:
                useful[node] = leads
        return useful

    def prepare(self, node: Op, grads: list) -> None:
        """Runs the hooks that see the gradients of a node's outputs before the node does."""
        if node._output_hooks is not None:
            for nr, hooks in node._output_hooks.items():
                if grads[nr] is not None:
                    grads[nr] = run_hooks(hooks, grads[nr])
        for reference in node.retained:
            tensor = reference()
            if tensor is not None and tensor._node is node and grads[tensor._output_nr] is not None:
                accumulate_grad(tensor, grads[tensor._output_nr], self.create_graph)
        if node._pre_hooks:
            for hook in list(node._pre_hooks.values()):
                changed = hook(tuple(as_tensor(g) for g in grads))
                if changed is not None:
                    grads[:] = [like(g, old) for g, old in zip(changed, grads, strict=True)]

    def visit(self, node: Op, grads: list) -> tuple:
        """The gradients of a node's inputs, in their shapes and dtypes."""
        missing = [nr for nr, g in enumerate(grads) if g is None]
        if len(missing) == len(grads):
            return (None,) * len(node.next_functions)
        for nr in missing:
            grads[nr] = self.zeros(*node._metas[nr])
        result = node.backward(*grads, **node.saved_values(self.create_graph))
        if type(result) is not tuple:
            result = (result,)
        found = []
        for (target, nr), g in zip(node.next_functions, result, strict=True):
            if target is None or g is None:
                found.append(None)
                continue
            shape, dtype = target._metas[nr]
            if type(g) is not Array or g.shape != shape or g.dtype is not dtype:
                g = fit(g, shape, dtype)
            found.append(g)
        if anomaly.enabled:
            anomaly.check(node, found)
        if node._post_hooks:
            for hook in list(node._post_hooks.values()):
                changed = hook(tuple(as_tensor(g) for g in found), tuple(as_tensor(g) for g in grads))
                if changed is not None:
                    changed = changed if isinstance(changed, tuple) else (changed,)
                    found = [like(g, old) for g, old in zip(changed, found, strict=True)]
        if observer.current is not None:
            observer.current.backward_node(node, arrays_of(grads), arrays_of(found))
        if not self.retain_graph:
            node.release()
        return tuple(found)

    def zeros(self, shape: tuple[int, ...], dtype: Any) -> Any:
        array = xp.zeros(shape, dtype)
        return wrap(array) if self.create_graph else array


def fit(g: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """A gradient in the shape and dtype of what it belongs to: what was broadcast is summed."""
    if isinstance(g, Tensor):
        if g.array.shape != shape:
            g = sum_to(g, shape)
        return g if g.array.dtype == dtype else g.to(dtypes.of_array(dtype))
    if type(g) is not Array:
        g = asarray(g)
    if g.shape != shape:
        g = asarray(sum_to(g, shape))
    return g if g.dtype is dtype or g.dtype == dtype else g.astype(dtype)


def accumulate_grad(tensor: Tensor, g: Any, create_graph: bool) -> None:
    """Adds a gradient to `tensor.grad`: in place, or as a recorded sum under `create_graph`."""
    have = tensor._grad
    if create_graph:
        tensor._grad = g.clone() if have is None else have + g
    elif have is None:
        tensor._grad = wrap(as_array(g).copy())
    else:
        begin_change(have)
        have.array += as_array(g)
        end_change(have)
    if observer.current is not None:
        observer.current.accumulate(tensor, as_array(g))
    if tensor._post_hooks:
        for hook in list(tensor._post_hooks.values()):
            if hook(tensor) is not None:
                raise RuntimeError("Tensor post accumulate grad hooks should return None.")


def run_hooks(hooks: dict[int, Callable] | None, g: Any) -> Any:
    """The gradient after the tensor hooks, each of which may replace it."""
    for hook in list(hooks.values()) if hooks else ():
        changed = hook(as_tensor(g))
        if changed is not None:
            g = like(changed, g)
    return g


def as_tensor(g: Any) -> Tensor | None:
    return g if g is None or isinstance(g, Tensor) else wrap(g)


def as_array(g: Any) -> Array:
    return g.array if isinstance(g, Tensor) else g


def arrays_of(grads: Any) -> tuple[Array | None, ...]:
    return tuple([None if g is None else as_array(g) for g in grads])


def like(changed: Any, old: Any) -> Any:
    """What a hook returned, in the kind (array or Tensor) that the walk uses."""
    if changed is None or isinstance(old, Tensor):
        return changed
    return as_array(changed)
