"""The engine's one hook to the outside: an observer hears what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradviz.engine.backend import Array

if TYPE_CHECKING:
    from gradviz.engine.tape import Op
    from gradviz.engine.tensor import Tensor


class Observer:
    """Every method does nothing: subclass it and override what you want to hear.

    An exception raised in a method passes through to the program's line that caused the event.
    """

    def will_run(self, node: Op, inputs: tuple[Any, ...]) -> None:
        """An operation is about to compute with these inputs, tensors and others."""

    def will_record(self, inputs: tuple[Any, ...]) -> None:
        """An operation on these inputs is about to run and to be recorded."""

    def computing(self, node: Op) -> None:
        """An operation begins to compute now, after all that was to be done before: its `forward` follows,
        unless it raises, and before that perhaps those of others that it uses."""

    def will_backward(self, node: Op) -> None:
        """The backward of an operation begins to compute: its `backward_node` follows, unless it raises, and
        before that, if it is to be differentiated itself, `forward` of the operations that it uses."""

    def forward(self, node: Op, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> None:
        """An operation ran (recorded or not). `node.input_names` names the inputs one by one,
        `node.constants` holds the arguments that were plain numbers, `node.saved` what backward will need (a
        value of None is not needed after all) or None when nothing was recorded."""

    def backward_begin(self, roots: tuple[Tensor, ...]) -> None:
        """A backward pass starts at these tensors."""

    def backward_node(
        self, node: Op, grads_out: tuple[Array | None, ...], grads_in: tuple[Array | None, ...]
    ) -> None:
        """`node` turned its outputs' gradients into those of its inputs (in order of its edges)."""

    def saved_changed(self, node: Op, name: str) -> None:
        """Backward fails: what `node` saved as `name` has been changed in place."""

    def backward_end(self) -> None:
        """The backward pass is over (also when it raised)."""

    def accumulate(self, tensor: Tensor, grad: Array) -> None:
        """`grad` was added to `tensor.grad`, which now holds the sum."""

    def will_change(self, tensor: Tensor) -> None:
        """`tensor.array` is about to be overwritten or replaced."""

    def changed(self, tensor: Tensor) -> None:
        """`tensor.array` was overwritten or replaced."""

    def step_begin(self, optimizer: Any) -> None:
        """`optimizer.step` starts."""

    def step_end(self, optimizer: Any) -> None:
        """`optimizer.step` is over."""

    def closure_begin(self, optimizer: Any) -> None:
        """`optimizer.step` calls the closure that it was given, which computes the loss."""

    def closure_end(self, optimizer: Any) -> None:
        """The closure has returned or failed."""

    def enter(self, module: Any, inputs: tuple) -> None:
        """A module is called."""

    def leave(self, module: Any, output: Any) -> None:
        """A module's call is over; `output` is None after an exception."""

    def batch(self, loader: Any, index: int, count: int | None) -> None:
        """A DataLoader is about to yield batch `index` of `count` (None: unknown); 0 starts an epoch."""

    def deliver(self, batch: Any) -> Any:
        """Called after `batch`: returns what the program gets in place of the batch, most often the same."""
        return batch

    def freed(self, node: Op) -> None:
        """Backward released the arrays that `node` had saved."""


current: Observer | None = None


def observe(observer: Observer | None) -> Observer | None:
    """Installs `observer` (None: nobody listens) and returns the one that listened before."""
    global current
    previous, current = current, observer
    return previous
