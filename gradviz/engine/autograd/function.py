"""torch.autograd.Function: an operation whose forward and backward the user writes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from gradviz.engine import observer
from gradviz.engine.backend import Array
from gradviz.engine.backward import as_tensor
from gradviz.engine.grad_mode import mode, no_grad
from gradviz.engine.inplace import check_recordable, rebase
from gradviz.engine.saved_tensors import PackedValues
from gradviz.engine.tape import Edge, Op, edges_of
from gradviz.engine.tensor import Tensor, end_change, wrap


class Function:
    """Subclass it with static methods `forward(ctx, *args)` and `backward(ctx, *grad_outputs)`.

    https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function
    """

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: FunctionNode, inputs: tuple, output: Any) -> None:
        """Saves what backward needs, when `forward` itself takes no ctx."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: FunctionNode, *grad_outputs: Any) -> Any:
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use "
            "it with backward mode AD."
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style "
            "autograd function with static forward method. (Example: "
            "https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Runs forward and records it as one operation."""
        return FunctionNode(cls)(*args, **kwargs)


class FunctionNode(Op):
    """One use of a Function: its node in the graph and the `ctx` that its methods receive."""

    args = ("input",)
    saves = ("saved_tensors",)
    op_name = "function"
    formula = r"f(\mathrm{input})"
    vjp = (r"\mathrm{backward}(g)",)

    def __init__(self, function: type[Function]) -> None:
        self.function = function
        self.op_name = function.__name__
        self.backward_name = f"{function.__name__}Backward"
        names = function.forward.__code__.co_varnames[: function.forward.__code__.co_argcount]
        self.args = self.terms = tuple(n for n in names if n != "ctx") or ("input",)
        self.to_save: tuple = ()
        self._kept: tuple = ()
        self.non_differentiable: tuple = ()
        self.dirty: tuple = ()
        self.materialize = True
        self.needs_input_grad: tuple[bool, ...] = ()

    def __getattr__(self, name: str) -> Any:
        if "function" not in self.__dict__:  # while it is copied
            raise AttributeError(name)
        raise AttributeError(f"'{self.name()}' object has no attribute '{name}'", name=name, obj=self)

    # -- what forward does with ctx -------------------------------------------------------------------------

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        self.to_save = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        self.non_differentiable = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        self.dirty = tensors

    def set_materialize_grads(self, value: bool) -> None:
        self.materialize = value

    # -- forward --------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        function = self.function
        recording = mode.enabled and any(isinstance(a, Tensor) and a.requires_grad for a in args)
        if observer.current is not None:
            observer.current.will_run(self, args)
            if recording:
                observer.current.will_record(args)
            observer.current.computing(self)
        self.needs_input_grad = tuple(isinstance(a, Tensor) and a.requires_grad for a in args)
        # What forward computes inside is this operation's own affair: neither recorded nor told.
        previous, mode.enabled = mode.enabled, False
        listener = observer.observe(None)
        try:
            if function.setup_context is Function.setup_context:
                result = function.forward(self, *args, **kwargs)
            else:
                result = function.forward(*args, **kwargs)
                function.setup_context(self, args, result)
        finally:
            mode.enabled = previous
            observer.observe(listener)
        self._check_dirty(result if isinstance(result, tuple) else (result,), recording)
        outputs = self._outputs(result, args)
        if recording:
            self._attach(args, outputs)
        if observer.current is not None:
            self.tell(args, tuple(t for t in outputs if isinstance(t, Tensor)))
        return outputs[0] if not isinstance(result, tuple) else outputs

    def _check_dirty(self, results: tuple, recording: bool) -> None:
        """Counts the changes that forward made in place. Raises RuntimeError for those that torch forbids."""
        for tensor in self.dirty:
            if not any(tensor is r for r in results):
                raise RuntimeError(
                    "Some elements marked as dirty during the forward method were not returned as output. "
                    "The inputs that are modified inplace must all be outputs of the Function."
                )
            if recording and tensor._view is None and tensor.is_leaf and tensor.requires_grad:
                raise RuntimeError(
                    "a leaf Variable that requires grad has been used in an in-place operation."
                )
            if recording:
                check_recordable(tensor)
            end_change(tensor)

    def _outputs(self, result: Any, args: tuple) -> tuple:
        """The results, where an unchanged input that forward returned becomes a new tensor on its storage."""
        results = result if isinstance(result, tuple) else (result,)
        new = [isinstance(r, Tensor) and not any(r is t for t in self.dirty) for r in results]
        return tuple(
            wrap(r.array) if n and any(r is a for a in args) else r for r, n in zip(results, new, strict=True)
        )

    def _attach(self, args: tuple, outputs: tuple) -> None:
        tensors = tuple(t for t in outputs if isinstance(t, Tensor))
        changed_views = [t for t in self.dirty if t._view is not None]
        if changed_views and not (args[0] is tensors[0] and len(tensors) == 1):
            raise RuntimeError(
                f"{self.name()}: a view that is marked dirty has to be the first input and the only output"
            )
        recorded = (wrap(tensors[0].array),) if changed_views else tensors
        self.record(edges_of(*args), args, list(args), recorded)
        self.settings_given = tuple(i for i, a in enumerate(args) if not isinstance(a, Tensor))
        for t in self.non_differentiable:
            t._edge, t._requires_grad = None, False
        if changed_views:
            rebase(self, tensors[0])

    def _save(
        self, edges: list[Edge], inputs: tuple, arrays: list, outputs: tuple, changed: Tensor | None
    ) -> None:
        own = {id(t): nr for nr, t in enumerate(outputs)}
        # An output is kept as an array: as a tensor it would be a reference cycle with this node.
        self._kept = tuple((own.get(id(t)), t.array if id(t) in own else t) for t in self.to_save)
        kept = {f"saved_{i}": t for i, t in enumerate(self.to_save) if isinstance(t, Tensor)}
        self.to_save = ()
        self.saved = {name: t.array for name, t in kept.items()}
        self._versions = tuple((name, t.version_counter, t.version_counter[0]) for name, t in kept.items())

    # -- backward -------------------------------------------------------------------------------------------

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What `save_for_backward` was given, checked to be unchanged."""
        values = self.saved_values(as_tensors=False)
        packed = isinstance(values, PackedValues)
        return tuple(
            kept
            if kept is None or (nr is None and not packed)
            else self._attached_again(values[f"saved_{i}"], nr, kept)
            for i, (nr, kept) in enumerate(self._kept)
        )

    def _attached_again(self, array: Array, output_nr: int | None, kept: Any) -> Tensor:
        """A saved value as a tensor in the graph: this node's output, or what the input was."""
        tensor = wrap(array)
        if output_nr is not None:
            tensor._edge, tensor._requires_grad = (self, output_nr), True
        else:
            tensor._edge, tensor._requires_grad = kept._edge, kept._requires_grad
            tensor._accumulator = kept._accumulator
        return tensor

    def release(self) -> None:
        super().release()
        if self.saved is None:
            self._kept = ()

    def backward(self, *grads: Any, **saved: Any) -> Any:
        as_tensors = any(isinstance(g, Tensor) for g in grads)
        listener = observer.current if as_tensors else observer.observe(None)
        try:
            result = self.function.backward(self, *[as_tensor(g) for g in grads])
        finally:
            observer.observe(listener)
        results = result if isinstance(result, tuple) else (result,)
        expected = len(self.edges)
        if len(results) > expected and all(r is None for r in results[expected:]):
            results = results[:expected]
        if len(results) != expected:
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected {expected}, "
                f"got {len(results)})"
            )
        for i, grad in enumerate(results):
            if grad is not None:
                self._check_gradient(i, grad)
        return tuple(r if r is None or as_tensors else r.array for r in results)

    def _check_gradient(self, i: int, grad: Any) -> None:
        """Raises an error for a gradient that cannot be that of input `i`."""
        if not isinstance(grad, Tensor):
            raise TypeError(
                f"{self.name()}: expected a Tensor or None as gradient, got {type(grad).__name__}"
            )
        node, nr = self.edges[i]
        if node is None:
            return
        shape = node._metas[nr][0]
        extra = grad.ndim - len(shape)
        fits = extra >= 0 and all(n in (1, m) for n, m in zip(shape, grad.shape[extra:], strict=True))
        if not fits:
            raise RuntimeError(
                f"Function {self.name()} returned an invalid gradient at index {i} - got "
                f"{list(grad.shape)} but expected shape compatible with {list(shape)}"
            )


FunctionCtx = FunctionNode  # torch's name for it in type hints


class _DifferentiatedOnce(Op):
    """Gradients that came from a backward that is not itself differentiable."""

    args = ("grad",)
    formula = "x"
    vjp = (r"\mathrm{none}",)

    def forward(self, *grads):
        return grads

    def backward(self, *grads):
        raise RuntimeError(
            "trying to differentiate twice a function that was marked with @once_differentiable"
        )


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a Function's backward as not differentiable; put it between @staticmethod and backward."""

    @functools.wraps(backward)
    def wrapper(ctx: FunctionNode, *grad_outputs: Tensor) -> Any:
        with no_grad():
            result = backward(ctx, *grad_outputs)
        if not (mode.enabled and any(isinstance(g, Tensor) and g.requires_grad for g in grad_outputs)):
            return result
        results = list(result) if isinstance(result, tuple) else [result]
        places = [i for i, r in enumerate(results) if isinstance(r, Tensor)]
        marked = _DifferentiatedOnce()(*[results[i].detach().requires_grad_() for i in places])
        for i, gradient in zip(places, marked, strict=True):
            results[i] = gradient
        return tuple(results)

    return wrapper
