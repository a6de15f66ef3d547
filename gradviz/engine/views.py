"""Views: tensors that share another one's storage, and how in-place changes through them are recorded.

When a view is changed in place, the change belongs to its base: the base's new node is a CopySlices, and the
view is derived from the base anew (https://pytorch.org/docs/stable/notes/autograd.html#in-place-operations).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gradviz.engine import observer
from gradviz.engine.backend import shares_memory
from gradviz.engine.grad_mode import enable_grad, mode
from gradviz.engine.inference import is_inference
from gradviz.engine.tensor import Tensor

if TYPE_CHECKING:
    from gradviz.engine.tape import Op

# How one view step is done again: its class, its settings and the number of its output.
Step = tuple[type["Op"], dict[str, Any], int]


LEAF_VIEW_CHANGED = "a view of a leaf Variable that requires grad is being used in an in-place operation."

BASE_RESHAPED = (
    "A view was used after the shape of its base had been changed in place (unsqueeze_, squeeze_, t_ or "
    "transpose_). Make the view again after the change, or change the shape of a clone()."
)

NO_GRAD_VIEW_CHANGED = (
    "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by "
    "moving both the view and the inplace either both inside the no_grad block (if you don't want the "
    "inplace to be tracked) or both outside (if you want the inplace to be tracked)."
)


class View:
    """How a tensor is seen through its base: `steps`, done again on the base, give the view."""

    def __init__(
        self, base: Tensor, steps: tuple[Step, ...], many: bool, recorded: bool, version: int
    ) -> None:
        self.base = base
        self.steps = steps
        self.many = many  # one of several views made at once (split, unbind …)
        self.recorded = recorded  # made while grad mode was on
        self.base_edge = base._edge
        self.version = version  # of the storage, when the view's node was made

    @staticmethod
    def track(op: Op, settings: dict[str, Any], source: Any, outputs: tuple[Tensor, ...]) -> None:
        """Notes that `outputs` are views of `source`, as far as they do share its memory."""
        if not isinstance(source, Tensor):
            return
        parent = source._view
        base = source if parent is None else parent.base
        counter = source.version_counter
        for nr, tensor in enumerate(outputs):
            if is_inference(source):
                tensor._counter = source._counter
            elif not tensor.array.size or shares_memory(tensor.array, source.array):
                steps = ((type(op), settings, nr),)
                many = len(outputs) > 1
                if parent is not None:
                    steps = parent.steps + steps
                    many = many or parent.many
                tensor._counter = counter
                tensor._view = View(base, steps, many, mode.enabled, counter[0])
                if not mode.enabled and source._requires_grad:
                    tensor._requires_grad = True  # as torch says of a view, though it is a leaf

    def followed_by(self, op: Op, settings: dict[str, Any], recorded: bool) -> View:
        """This view after one more step, whose node is known if it was `recorded`."""
        view = copy.copy(self)
        view.steps = (*self.steps, (type(op), settings, 0))
        view.version = self.base.version_counter[0] if recorded else -1
        return view

    def operations(self) -> Iterator[Op]:
        """The operations of all steps, to be done again; not for one of several views made at once."""
        for kind, settings, _ in self.steps:
            op = kind.__new__(kind)
            op.__dict__.update(settings)
            yield op

    def replay(self, base: Any) -> Any:
        """The same view of another base: an array, or a Tensor (then recorded)."""
        for op in self.operations():
            base = op(base)
        return base

    def refresh(self, tensor: Tensor) -> None:
        """Derives the view's node from the base again when the storage has changed since."""
        version = self.base._counter[0]  # type: ignore[index]
        if version == self.version:
            return
        if not self.base.requires_grad:
            return
        if not self.recorded:
            if self.base._edge is not self.base_edge:
                raise RuntimeError(
                    "A view was created in no_grad mode and its base or another view of its base has been "
                    f"modified inplace with grad mode enabled. {NO_GRAD_VIEW_CHANGED}"
                )
            return
        if self.many:
            raise self.one_of_several("its base or another view of its base has been modified inplace")
        self.version = version
        from gradviz.engine.inplace import RederivedView  # which is an operation, and those know views

        listener = observer.observe(None)
        try:
            with enable_grad():
                again = RederivedView(self)(self.base)
        finally:
            observer.observe(listener)
        if again.array.shape != tensor.array.shape or again.array.strides != tensor.array.strides:
            raise RuntimeError(BASE_RESHAPED)
        tensor._edge, tensor._requires_grad = again._edge, True

    def check_inplace(self) -> None:
        """Raises RuntimeError when torch forbids recording a change through this view."""
        base = self.base
        if base._requires_grad and base._edge is None:
            raise RuntimeError(LEAF_VIEW_CHANGED)
        if not self.recorded:
            raise RuntimeError(
                "A view was created in no_grad mode and is being modified inplace with grad mode enabled. "
                + NO_GRAD_VIEW_CHANGED
            )
        if self.many:
            raise self.one_of_several("is being modified inplace")

    def one_of_several(self, what: str) -> RuntimeError:
        """What to raise for a change of one of several views that were made at once, or of their base."""
        kind, settings, nr = self.steps[-1]
        maker = settings.get("backward_name", kind.backward_name).partition("Backward")[0]
        return RuntimeError(
            f"Output {nr} of {maker} is a view and {what}. This view is the output of a function that "
            "returns multiple views. Such functions do not allow the output views to be modified inplace. "
            "You should replace the inplace operation by an out-of-place one."
        )
