"""Sets numbers at the moment when they are made, so that all that follows is computed from the new ones.

What an operation made is replaced behind it: its own backward stays that of what it has really computed, as
if a constant had been added to its output. A leaf, a gradient in `.grad` and what an operation has written in
place are overwritten where they are, because others share their memory.
"""

from __future__ import annotations

from collections.abc import Callable

from gradviz.engine import Tensor
from gradviz.engine.backend import Array
from gradviz.engine.tensor import wrap
from gradviz.session import hints
from gradviz.session.edits import EditError, Edits, check_element
from gradviz.trace.branches import SetNumber
from gradviz.trace.values import Role


class Interventions:
    """The `SetNumber`s among the edits that are due. `will_change` and `changed` take a tensor that is
    overwritten."""

    def __init__(
        self, edits: Edits, will_change: Callable[[Tensor], None], changed: Callable[[Array], None]
    ) -> None:
        self._edits, self._will_change, self._changed = edits, will_change, changed

    def wanted(self, key: str, role: Role, output: int) -> list[SetNumber]:
        """What is still to be set in an array of a node."""
        place = key, role, output
        numbers = (edit for edit in self._edits.due if isinstance(edit, SetNumber))
        return [edit for edit in numbers if (edit.key, edit.role, edit.output) == place]

    @property
    def any(self) -> bool:
        """Whether there is anything left to set."""
        return any(isinstance(edit, SetNumber) for edit in self._edits.due)

    def overwrite(self, key: str, role: Role, nth: int, tensor: Tensor, output: int = 0) -> None:
        """Sets what is wanted of a tensor where it is."""
        for edit in self.wanted(key, role, output):
            if edit.nth == nth:
                with self._edits.attempt(edit):
                    check_element(tensor, edit.index, edit.value, key)
                    if any(
                        step == 0 and n > 1
                        for step, n in zip(tensor.array.strides, tensor.shape, strict=True)
                    ):
                        raise EditError(hints.EXPANDED, key)
                    self._will_change(tensor)
                    tensor.array[edit.index] = edit.value
                    self._changed(tensor.array)

    def replace(self, key: str, role: Role, nth: int, tensor: Tensor, output: int = 0) -> None:
        """Gives a tensor that nobody else has seen yet an array of its own, with what is wanted of it."""
        for edit in self.wanted(key, role, output):
            if edit.nth == nth:
                with self._edits.attempt(edit):
                    check_element(tensor, edit.index, edit.value, key)
                    array = tensor.array.copy()
                    array[edit.index] = edit.value
                    tensor.array, tensor._view = array, None

    def replaced(self, key: str, nth: int, gradient: Tensor, output: int) -> Tensor:
        """A gradient on its way to an operation, with what is wanted of it."""
        if not any(edit.nth == nth for edit in self.wanted(key, "grad", output)):
            return gradient
        new = wrap(gradient.array)
        self.replace(key, "grad", nth, new, output)
        return new
