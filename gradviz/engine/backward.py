"""The backward pass: a walk over the graph, later operations first, without recursion."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from sys import getrefcount
from typing import Any

from gradviz.engine import anomaly, dtypes, observer
from gradviz.engine.backend import Array, asarray, is_writeable, xp
from gradviz.engine.grad_mode import mode
from gradviz.engine.polymorphic import sum_to
from gradviz.engine.tape import NOTHING, AccumulateGrad, Edge, Op, gradient_edge
from gradviz.engine.tensor import Tensor, begin_change, end_change, wrap


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
    walk = Walk(retain_graph, create_graph, accumulate)
    for tensor, g in roots:
        walk.add(gradient_edge(tensor), g)
    targets = [gradient_edge(t) for t in inputs] if inputs is not None else None
    if observer.current is not None:
        observer.current.backward_begin(tuple(t for t, _ in roots))
    previous, mode.enabled = mode.enabled, create_graph
    around, mode.walk = mode.walk, walk
    try:
        walk.run(targets)
        return [walk.captured.get(edge) for edge in targets or ()]
    finally:
        mode.enabled, mode.walk = previous, around
        if observer.current is not None:
            observer.current.backward_end()


_once: list = [[]]
UNSHARED = getrefcount(_once[0])  # what it counts for an object to which one other object refers


class Walk:
    """One backward pass. Gradients are arrays, or Tensors when the pass itself is recorded."""

    def __init__(self, retain_graph: bool, create_graph: bool, accumulate: bool) -> None:
        self.retain_graph = retain_graph
        self.create_graph = create_graph
        self.accumulate = accumulate
        self.grads: dict[Any, list] = {}  # of a node's outputs, as far as they have arrived
        self.operations: set[Op] = set()  # the nodes that the roots lead to, without the leaves
        self.waiting: dict[AccumulateGrad, int] = {}  # how many gradients are still to come to a leaf
        self.targets: set[Edge] | None = None  # walked to alone, their gradients captured
        self.useful: dict[Any, bool] = {}  # with targets: the nodes on the paths to them
        self.captured: dict[Edge, Any] = {}

    def add(self, edge: Edge, g: Any) -> None:
        """Adds `g` to what has arrived at an edge's end: the first by reference, in place where it can."""
        node, nr = edge
        grads = self.grads.get(node)
        if grads is None:
            grads = self.grads[node] = [None] * len(node._metas)  # type: ignore[union-attr]
        if grads[nr] is None:
            grads[nr] = g
        elif self.create_graph:
            grads[nr] = grads[nr] + g
        elif getrefcount(grads[nr]) <= UNSHARED and grads[nr].base is None:
            grads[nr] += g
        else:
            total = grads[nr] + g
            grads[nr] = total if type(total) is Array else asarray(total)

    def run(self, targets: list[Edge] | None) -> None:
        nodes = self.reached()
        if targets is not None:
            self.targets = set(targets)
            self.useful = self.paths_to(nodes, {node for node, _ in targets})
        for root in [n for n in self.grads if type(n) is AccumulateGrad and n not in self.waiting]:
            self.arrive(root)
        for node in nodes:
            for leaf in self.visit(node):
                self.arrive(leaf)

    def reached(self) -> list[Op]:
        """The operations that the roots lead to, each before those that it got its inputs from."""
        nodes = [node for node in self.grads if type(node) is not AccumulateGrad]
        seen, waiting = set(nodes), self.waiting
        for node in nodes:  # which grows meanwhile
            for target, _ in node.edges:
                if target in seen or target is None:
                    continue
                if type(target) is AccumulateGrad:
                    waiting[target] = waiting.get(target, 0) + 1
                else:
                    seen.add(target)
                    nodes.append(target)
        self.operations = seen
        nodes.sort(key=attrgetter("sequence"), reverse=True)
        return nodes

    def reaches(self, tensor: Tensor) -> bool:
        """Whether this pass will come to a gradient of the tensor."""
        node, _ = gradient_edge(tensor)
        if self.targets is not None:
            return node in self.useful
        return node in self.operations or node in self.waiting

    def paths_to(self, nodes: list[Op], targets: set) -> dict[Any, bool]:
        """The nodes that lead to a target (True) or are one and lead to no other (False)."""
        useful: dict[Any, bool] = dict.fromkeys((t for t in targets if type(t) is AccumulateGrad), False)
        for node in reversed(nodes):
            leads = any(target in useful for target, _ in node.edges)
            if leads or node in targets:
                useful[node] = leads
        return useful

    def visit(self, node: Op) -> list[AccumulateGrad]:
        """Passes the gradients of a node on to its inputs; returns the leaves that wait for no others."""
        grads = self.grads.pop(node, None)
        if grads is None:  # all that came back this way was None
            grads = [None] * len(node._metas)
        if self.targets is not None and node not in self.useful:
            return []
        if node._output_hooks is not None or node.retained:
            self.prepare(node, grads)
        if self.targets is not None:
            self.captured |= {(node, nr): g for nr, g in enumerate(grads) if (node, nr) in self.targets}
            if not self.useful[node]:
                return []
        if node._pre_hooks is not None:
            for hook in list(node._pre_hooks.values()):
                grads[:] = replaced_all(hook, grads, hook(tuple(as_tensor(g) for g in grads)))
        complete: list[AccumulateGrad] = []
        for edge, g in zip(node.edges, self.input_grads(node, grads)):  # noqa: B905 (slow)
            target, nr = edge
            if target is None or (self.targets is not None and target not in self.useful):
                continue
            if g is not None:
                shape, dtype = target._metas[nr]
                if type(g) is not Array or g.shape != shape or g.dtype is not dtype:
                    g = fit(g, shape, dtype)
                self.add(edge, g)
            if type(target) is AccumulateGrad:
                self.waiting[target] -= 1
                if not self.waiting[target]:
                    complete.append(target)
        return complete

    def arrive(self, leaf: AccumulateGrad) -> None:
        """All of a leaf's gradient is there."""
        grads = self.grads.pop(leaf, None)
        if grads is None:
            return
        if leaf.variable._hooks:
            grads[0] = run_hooks(leaf.variable._hooks, grads[0])
        if self.targets is not None and (leaf, 0) in self.targets:
            self.captured[leaf, 0] = grads[0]
        wanted = self.targets is None or (leaf, 0) in self.targets
        if self.accumulate and wanted and leaf.variable._requires_grad:  # no more after detach_()
            accumulate_grad(leaf.variable, grads, self.create_graph)

    def prepare(self, node: Op, grads: list) -> None:
        """Runs the hooks of a node's outputs, and keeps the gradients of those that retain theirs."""
        if node._output_hooks is not None:
            for nr, hooks in node._output_hooks.items():
                if grads[nr] is not None:
                    grads[nr] = run_hooks(hooks, grads[nr])
        for reference in node.retained:
            tensor = reference()
            if tensor is not None and tensor.grad_fn is node and grads[tensor.output_nr] is not None:
                accumulate_grad(tensor, [grads[tensor.output_nr]], self.create_graph)

    def input_grads(self, node: Op, grads: list) -> tuple:
        """The gradients of a node's inputs, still to be fitted to their shapes and dtypes."""
        if grads[0] is None or len(grads) > 1:
            missing = [nr for nr, g in enumerate(grads) if g is None]
            if len(missing) == len(grads):
                return (None,) * len(node.edges)
            there = next(as_array(g) for g in grads if g is not None)
            for nr in missing if node.materialize else ():
                grads[nr] = self.zeros(*node._metas[nr], there)
        if observer.current is not None:
            observer.current.will_backward(node)
        saved = node.saved
        if saved is not NOTHING:
            saved = node.saved_values(self.create_graph)
        result = node.backward(*grads, **saved)
        if type(result) is not tuple:
            result = (result,)
        if observer.current is not None or node._post_hooks or anomaly.checking:
            result = self.watched(node, grads, result)
        if saved and not self.retain_graph:
            node.release()
        return result

    def watched(self, node: Op, grads: list, result: tuple) -> tuple:
        """The gradients that `node` computed, after all who want to see them have seen them."""
        found = []
        for (target, nr), g in zip(node.edges, result, strict=True):
            found.append(None if target is None or g is None else fit(g, *target._metas[nr]))
        if anomaly.checking:
            anomaly.check(node, found)
        if node._post_hooks:
            for hook in list(node._post_hooks.values()):
                inputs, outputs = (tuple(as_tensor(g) for g in gs) for gs in (found, grads))
                found = replaced_all(hook, found, hook(inputs, outputs))
        if observer.current is not None:
            arrays = arrays_of if self.create_graph else tuple
            observer.current.backward_node(node, arrays(grads), arrays(found))
        return tuple(found)

    def zeros(self, shape: tuple[int, ...], dtype: Any, like: Array) -> Any:
        array = xp.zeros(shape, dtype, like=like)
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


def accumulate_grad(tensor: Tensor, grads: list, create_graph: bool) -> None:
    """Adds the only gradient in `grads` to `tensor.grad`: in place, or recorded under `create_graph`."""
    have = tensor._grad
    if create_graph:
        tensor._grad = grads[0].clone() if have is None else have + grads[0]
    elif have is None:
        keep = is_unshared(grads) and grads[0].strides == tensor.array.strides
        tensor._grad = wrap(grads[0] if keep else grads[0].copy())
    else:
        begin_change(have)
        have.array += grads[0]
        end_change(have)
    if observer.current is not None:
        observer.current.accumulate(tensor, as_array(grads[0]))
    if tensor._post_hooks:
        for hook in list(tensor._post_hooks.values()):
            if hook(tensor) is not None:
                raise RuntimeError("Tensor post accumulate grad hooks should return None.")


def is_unshared(arrays: list) -> bool:
    """Whether nothing but this list of one refers to its array, nor to the memory that the array views.

    A leaf may then keep it as its gradient without a copy: nobody can see it change. torch, too, counts.
    """
    if getrefcount(arrays[0]) > UNSHARED or not is_writeable(arrays[0]):
        return False
    if arrays[0].base is None:
        return True
    return getrefcount(arrays[0].base) <= UNSHARED and arrays[0].base.size == arrays[0].size


def run_hooks(hooks: dict[int, Callable] | None, g: Any) -> Any:
    """The gradient after the tensor hooks, each of which may replace it."""
    for hook in list(hooks.values()) if hooks else ():
        changed = hook(as_tensor(g))
        if changed is not None:
            g = replaced(hook, g, changed)
    return g


def replaced(hook: Callable, old: Any, new: Any) -> Any:
    """What a hook returned for a gradient, checked to fit, in the kind (array or Tensor) of the walk."""
    if not isinstance(new, Tensor):
        raise TypeError(f"expected Variable, but hook returned '{type(new).__name__}'")
    name = getattr(hook, "__name__", type(hook).__name__)
    have, want = new.array, as_array(old)
    if have.dtype != want.dtype:
        was, got = (dtypes.of_array(a.dtype).type_name for a in (want, have))
        raise RuntimeError(f"hook '{name}' has changed the type of value (was torch.{was} got torch.{got})")
    if have.shape != want.shape:
        raise RuntimeError(f"hook '{name}' has changed the size of value")
    return like(new, old)


def replaced_all(hook: Callable, old: list, new: Any) -> list:
    """What a node's hook returned for its gradients; None leaves them as they are."""
    if new is None:
        return old
    if not isinstance(new, tuple) and len(old) > 1:
        raise TypeError(f"expected tuple, but hook returned '{type(new).__name__}'")
    new = new if isinstance(new, tuple) else (new,)
    if len(new) != len(old):
        name = getattr(hook, "__name__", type(hook).__name__)
        raise RuntimeError(
            f"hook '{name}' has returned an incorrect number of values (got {len(new)}, but expected "
            f"{len(old)})"
        )
    return [n if n is None or o is None else replaced(hook, o, n) for n, o in zip(new, old, strict=True)]


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
