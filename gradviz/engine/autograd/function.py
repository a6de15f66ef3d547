"""torch.autograd.Function: an operation whose forward and backward the user writes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from gradviz.engine import observer
from gradviz.engine.backend import Array
from gradviz.engine.backward import as_tensor
from gradviz.engine.grad_mode import mode, no_grad
from gradviz.engine.tape import Op, edges_of
from gradviz.engine.tensor import Tensor, wrap


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
        raise NotImplementedError(
            "ctx.mark_dirty is not supported: return a new tensor instead of changing an input"
        )

    def set_materialize_grads(self, value: bool) -> None:
        self.materialize = value

    # -- forward --------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        function = self.function
        recording = mode.enabled and any(isinstance(a, Tensor) and a.requires_grad for a in args)
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
        outputs = self._outputs(result, args)
        if recording:
            self._attach(args, outputs)
        if observer.current is not None:
            self.tell(args, tuple(t for t in outputs if isinstance(t, Tensor)))
        return outputs[0] if not isinstance(result, tuple) else outputs

    def _outputs(self, result: Any, args: tuple) -> tuple:
        """The results, where an input that forward returned becomes a new tensor on the same storage."""
        results = result if isinstance(result, tuple) else (result,)
        return tuple(
            wrap(r.array) if any(r is a for a in args) and isinstance(r, Tensor) else r for r in results
        )

    def _attach(self, args: tuple, outputs: tuple) -> None:
        tensors = tuple(t for t in outputs if isinstance(t, Tensor))
        self.record(edges_of(*args), args, list(args), tensors)
        self.settings_given = tuple(i for i, a in enumerate(args) if not isinstance(a, Tensor))
        for t in self.non_differentiable:
            t._edge, t._requires_grad = None, False
        own = {id(t): nr for nr, t in enumerate(tensors)}
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
        self.saved_values(as_tensors=False)
        return tuple(kept if nr is None else self._output(nr, kept) for nr, kept in self._kept)

    def _output(self, nr: int, array: Array) -> Tensor:
        tensor = wrap(array)
        tensor._edge, tensor._requires_grad = (self, nr), True
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
