"""In-place operations: `inplace(Add(), t, other)` is torch's `t.add_(other)`."""

from __future__ import annotations

from typing import Any

from gradviz.engine import dtypes, observer
from gradviz.engine.backend import Array, asarray, is_array, overlaps_in_part, xp
from gradviz.engine.grad_mode import mode
from gradviz.engine.mixed_devices import on_one_device
from gradviz.engine.polymorphic import sum_to
from gradviz.engine.tape import Op, edges_of, gradient_edge
from gradviz.engine.tensor import Tensor, begin_change, end_change, wrap
from gradviz.engine.views import View

OVERLAPS = (
    "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single "
    "memory location. Please clone() the tensor before performing the operation."
)


def inplace(op: Op, target: Tensor, *others: Any) -> Tensor:
    """Writes `op.forward(target, *others)` into `target` and records it.

    Raises RuntimeError for a leaf that requires grad, for a view that torch forbids to change, and for a
    result whose shape or dtype does not fit the target.
    """
    recording = mode.enabled and op.differentiable and target.array.dtype.kind == "f"
    recording = recording and any(isinstance(x, Tensor) and x.requires_grad for x in (target, *others))
    if observer.current is not None:
        observer.current.will_run(op, (target, *others))
    if recording:
        check_recordable(target)
        if observer.current is not None:
            observer.current.will_record((target, *others))
    if observer.current is not None:
        observer.current.computing(op)
    # What is saved of the target for backward must outlive the change.
    before = target.array.copy() if recording and op.saves else target.array
    arrays = [before, *[x.array if isinstance(x, Tensor) else x for x in others]]
    for array in arrays[1:] if op.overwrite is None else ():
        if is_array(array) and overlaps_in_part(array, target.array):
            raise RuntimeError(OVERLAPS)
    try:
        _overwrite(op, target, arrays)
    except (ValueError, TypeError) as error:
        return inplace(op, *on_one_device((target, *others), op.companions, error))
    if recording:
        if target._view is None:
            op.record(edges_of(target, *others), (target, *others), arrays, (target,), changed=target)
        else:
            _record_through_view(op, target, others, arrays)
    if observer.current is not None:
        op.tell((target, *others), (target,))
    return target


def inplace_view(op: Op, target: Tensor) -> Tensor:
    """Gives `target` itself the shape that `op`, an operation that makes a view, would give it.

    Its storage stays and counts as changed, as in torch. Raises RuntimeError like `inplace`.
    """
    recording = target.requires_grad and mode.enabled
    if recording:
        check_recordable(target)
    if observer.current is not None:
        observer.current.computing(op)
    before, settings = target.array, dict(op.__dict__)
    after = op.forward(before)
    if observer.current is not None:
        observer.current.will_change(target)
    target.array = after
    target.version_counter[0] += 1
    if observer.current is not None:
        observer.current.changed(target)
    if target._view is not None:
        target._view = target._view.followed_by(op, settings, recording)
    if recording:
        op.record(edges_of(target), (target,), [before], (target,), changed=target)
    if observer.current is not None:
        op.tell((target,), (target,))
    return target


def _overwrite(op: Op, target: Tensor, arrays: list) -> None:
    if op.overwrite is not None:
        begin_change(target)
        op.overwrite(target.array, *arrays[1:])
    else:
        result = asarray(op.forward(*arrays))
        _check_fits(target.array, result)
        begin_change(target)
        target.array[...] = result
    end_change(target)


def check_recordable(target: Tensor) -> None:
    """Raises RuntimeError for a tensor whose change in place cannot be recorded."""
    if target._view is not None:
        target._view.check_inplace()
    elif target._requires_grad and target._edge is None:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")


def _check_fits(target: Array, result: Array) -> None:
    if result.dtype != target.dtype and dtypes.category(result.dtype) > dtypes.category(target.dtype):
        have, want = (dtypes.of_array(a.dtype).scalar_name for a in (result, target))
        raise RuntimeError(f"result type {have} can't be cast to the desired output type {want}")
    if result.shape != target.shape and xp.broadcast_shapes(result.shape, target.shape) != target.shape:
        raise RuntimeError(
            f"output with shape {list(target.shape)} doesn't match the broadcast shape {list(result.shape)}"
        )


def _record_through_view(op: Op, target: Tensor, others: tuple, arrays: list) -> None:
    written = wrap(target.array)
    written._counter = target.version_counter
    op.record(edges_of(target, *others), (target, *others), arrays, (written,), changed=target)
    rebase(op, target)


def rebase(op: Op, target: Tensor) -> None:
    """Makes `op`, which has overwritten the view `target`, a node of its base; derives the view anew."""
    view = target._view
    assert view is not None
    base = view.base
    node = CopySlices(op, view)
    node.edges = (gradient_edge(base), *op.edges[1:])
    node.settings_given = op.settings_given
    node.sequence = op.sequence
    node.saved, node._versions = op.saved, op._versions
    node._metas = ((base.array.shape, base.array.dtype),)
    base._edge, base._requires_grad = (node, 0), True
    view.version = -1
    view.refresh(target)


class CopySlices(Op):
    """A base of which one view was overwritten by the operation `change`."""

    args = ("base", "values")
    formula = r"\mathrm{base},\ \mathrm{view} \leftarrow \mathrm{values}"
    vjp = (r"g\ \mathrm{outside\ the\ view}", r"g\ \mathrm{in\ the\ view}")
    namespace, backward_name = "torch::autograd::", "CopySlices"

    def __init__(self, change: Op, view: View) -> None:
        self.change = change
        self.view = view
        self.layout = (
            view.base.array
        )  # an array of the same strides, on which the view's steps are views, too

    def forward(self, base: Any, values: Any) -> Any:
        base = base.copy()
        self.view.replay(base)[...] = values
        return base

    def saved_values(self, as_tensors: bool) -> dict[str, Any]:
        """What the change saved, which leads on to the view as it was and to what it was changed with."""
        return self.change.saved_values(as_tensors)

    def release(self) -> None:
        self.change.release()
        super().release()

    def backward(self, g: Any, **saved: Any) -> Any:
        if isinstance(g, Tensor):
            g_base = g.clone()
            g_view = self.view.replay(g_base).clone()
        else:
            g_base = xp.empty_like(self.layout, dtype=g.dtype)
            g_base[...] = g
            g_view = self.view.replay(g_base).copy()
        grads = self.change.backward(g_view, **saved)
        grads = grads if type(grads) is tuple else (grads,)
        self.view.replay(g_base)[...] = 0 if grads[0] is None else grads[0]
        return (g_base, *grads[1:])


class RederivedView(Op):
    """A view whose base has changed, derived from the base anew; in torch by its strides."""

    args = ("base",)
    formula = r"\mathrm{view}(\mathrm{base})"
    vjp = (r"g\ \mathrm{in\ the\ view,\ else}\ 0",)
    op_name = "as_strided"
    backward_name = "AsStridedBackward0"
    is_view = True
    tracks_view = False

    def __init__(self, view: View) -> None:
        self.operations = tuple(view.operations())

    def forward(self, base: Any) -> Any:
        self.shapes = []
        for op in self.operations:
            self.shapes.append(base.shape)
            base = op(base)
        return base

    def backward(self, g: Any) -> Any:
        for op, shape in zip(reversed(self.operations), reversed(self.shapes), strict=True):
            g = op.backward(g)
            if g.shape != shape:
                g = sum_to(g, shape)
        return g
