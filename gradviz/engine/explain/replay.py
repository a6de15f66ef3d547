"""An operation computed again, in float64, to see what its numbers depend on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from gradviz.engine.autograd.function import FunctionNode
from gradviz.engine.backend import Array, is_array, to_numpy, xp
from gradviz.engine.backward import fit, run_backward
from gradviz.engine.grad_mode import enable_grad
from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor, wrap

Index = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Use:
    """One use of an operation: what went in (arrays, numbers, None; in the order of its call) and came out.

    `grads` are the gradients of the outputs, where they are known. `op` may have released what it saved.
    """

    op: Op
    inputs: Sequence[Any]
    outputs: Sequence[Array]
    grads: Sequence[Array | None] = ()

    @classmethod
    def heard(
        cls,
        op: Op,
        tensors: Sequence[tuple[str, Array]],
        outputs: Sequence[Array],
        grads: Sequence[Array | None] = (),
    ) -> Use:
        """As an observer heard it: `tensors` are the inputs with their names from `op.input_names`.

        The companions among them (masks, labels) are given to a copy of the operation: the program may have
        changed its own since.
        """
        count = len(tensors) - len(op.companions)
        inputs: list[Any] = []
        for name in op.args:
            arrays = [array for given, array in tensors[:count] if given == name]
            inputs += arrays or [op.constants.get(name)]
        return cls(_fresh(op, dict(tensors[count:])), inputs, outputs, grads)

    def wide(self) -> Use:
        """The same in main memory and, as far as it is floating-point, in float64; of a fresh operation.

        Gradients that are None are zeros. Integers and booleans stay, except what is added up: only numbers
        that could be fractions have slopes.
        """
        op = _fresh(self.op, {name: in_main_memory(value) for name, value in vars(self.op).items()})
        custom = isinstance(op, FunctionNode)  # whose integers are labels or indices
        added = set() if custom else {name for product in op.terms for name in product.split()}
        inputs = [
            _wide(x, also_integers=argument(op, position) in added) for position, x in enumerate(self.inputs)
        ]
        outputs = [in_main_memory(out) for out in self.outputs]
        grads = [self.grads[nr] if nr < len(self.grads) else None for nr in range(len(outputs))]
        return Use(
            op,
            inputs,
            outputs,
            [
                xp.zeros(out.shape) if g is None else xp.asarray(in_main_memory(g), xp.float64)
                for g, out in zip(grads, outputs, strict=True)
            ],
        )


def apart(op: Op) -> Op:
    """The operation for a `Use` later on, without its place in the graph and the tensors in it, which may
    live and die as the program wants."""
    if isinstance(op, FunctionNode):  # whatever the user's forward has left in it is not asked for again
        new: Op = FunctionNode(op.function)
        new.needs_input_grad = op.needs_input_grad  # type: ignore[attr-defined]
    else:
        new = _fresh(op, dict.fromkeys(op.companions))
        new.companions = {name: wrap(_NOTHING) for name in op.companions}
    new.constants = op.constants
    return new


def argument(op: Op, position: int) -> str:
    """The name of an input; the last argument may repeat."""
    return op.args[min(position, len(op.args) - 1)]


class Replay:
    """The operation again, on tensors of which the one at position `wanted` needs a gradient, and those at
    the positions `needed` as well."""

    def __init__(
        self, op: Op, inputs: Sequence[Any], wanted: int | None = None, needed: Collection[int] = ()
    ) -> None:
        self.inputs = [_leaf(x, i == wanted or i in needed) for i, x in enumerate(inputs)]
        with enable_grad():
            # A custom Function may write into what it is given.
            given = [_clone(x) for x in self.inputs] if isinstance(op, FunctionNode) else self.inputs
            result = _fresh(op)(*given)
        self.outputs = result if isinstance(result, tuple) else (result,)
        self.wanted = wanted

    def gradient(self, grads: Sequence[Any]) -> Any:
        """Like `backward`; None as well where a custom Function's backward fails."""
        try:
            return self.backward(grads)
        except Exception:
            if any(isinstance(out.grad_fn, FunctionNode) for out in self.outputs):
                return None  # it may be missing, or not meant for this
            raise

    def backward(self, grads: Sequence[Any]) -> Any:
        """∂L/∂input, an array; or, given Tensors, a Tensor in the graph of these gradients. None: nothing.
        Raises what the operation's backward raises."""
        node = next((out.grad_fn for out in self.outputs if out.requires_grad), None)
        if node is None:
            return None
        array = self.inputs[self.wanted].array
        with enable_grad():
            result = node.backward(*grads, **node.saved_values(isinstance(grads[0], Tensor)))
            g = (result if isinstance(result, tuple) else (result,))[self.wanted]
            return None if g is None else fit(g, array.shape, array.dtype)

    def slopes(self, nr: int, index: Index) -> Array | None:
        """∂out[index] / ∂input for the elements of the input; None: all are 0."""
        grads = [xp.zeros(tuple(out.shape)) for out in self.outputs]
        grads[nr][index] = 1
        return self.gradient(grads)

    def coefficients(self, index: Index, shapes: Sequence[Index]) -> list[Array | None]:
        """∂out / ∂input[index] for outputs of `shapes`, by differentiating the backward with respect to g.

        A linear backward has the same slope everywhere; ones are a place without kinks.
        """
        leaves = [wrap(xp.ones(shape)).requires_grad_() for shape in shapes]
        found = self.gradient(leaves)
        if found is None or not found.requires_grad:
            return [None] * len(leaves)
        return run_backward([(found, one_at(index, found.shape))], False, False, leaves, accumulate=False)


def one_at(index: Index, shape: Sequence[int]) -> Array:
    """Zeros with a 1 at `index`."""
    array = xp.zeros(tuple(shape))
    array[index] = 1
    return array


def in_main_memory(x: Any) -> Any:
    """An array, or those in a tuple or list, as NumPy's; anything else as it is."""
    if type(x) in (tuple, list):
        return type(x)([in_main_memory(each) for each in x])
    return to_numpy(x) if is_array(x) else x


def _wide(x: Any, also_integers: bool) -> Any:
    x = in_main_memory(x)
    widen = isinstance(x, Array) and (also_integers or x.dtype.kind == "f")
    return xp.asarray(x, xp.float64) if widen else x


def _clone(x: Any) -> Any:
    return x.clone() if isinstance(x, Tensor) else x


def _leaf(x: Any, wanted: bool) -> Any:
    return wrap(x).requires_grad_(wanted and x.dtype.kind == "f") if isinstance(x, Array) else x


_NOTHING = xp.empty(0)
# What an operation's use has put into it as a node of the graph: a fresh use has nothing of that.
_OF_THE_GRAPH = {
    *("edges", "settings_given", "saved", "input_names", "constants", "retained"),
    *("sequence", "_versions", "_metas", "_output_hooks", "_pre_hooks", "_post_hooks"),
}


def _fresh(op: Op, settings: dict[str, Any] | None = None) -> Op:
    new = object.__new__(type(op))
    new.__dict__.update({name: value for name, value in vars(op).items() if name not in _OF_THE_GRAPH})
    new.__dict__.update(settings or {})
    return new
