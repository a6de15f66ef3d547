"""torch.autograd.backward, torch.autograd.grad and Tensor.backward."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gradviz.engine.backend import xp
from gradviz.engine.backward import run_backward
from gradviz.engine.ops.joining import stack
from gradviz.engine.tensor import Tensor, wrap


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Adds the gradients of the tensors' sum to `.grad` of the leaves (or of `inputs` only).

    https://pytorch.org/docs/stable/generated/torch.autograd.backward.html
    """
    roots = _as_tuple(tensors)
    if inputs is not None:
        inputs = _as_tuple(inputs)
        if not inputs:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    pairs = _roots(roots, grad_tensors, create_graph)
    captured = run_backward(pairs, _retain(retain_graph, create_graph), create_graph, inputs)
    for tensor, g in zip(inputs or (), captured, strict=True):
        if tensor.grad_fn is not None and g is not None:
            tensor._grad = wrap(g.copy()) if not isinstance(g, Tensor) else g


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of the outputs' sum with respect to `inputs`; no `.grad` changes.

    https://pytorch.org/docs/stable/generated/torch.autograd.grad.html
    """
    outputs, inputs = _as_tuple(outputs), _as_tuple(inputs)
    if is_grads_batched:
        return _each_of_a_batch(
            outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused, materialize_grads
        )
    if any(not t.requires_grad for t in inputs):
        raise RuntimeError("One of the differentiated Tensors does not require grad")
    pairs = _roots(outputs, grad_outputs, create_graph)
    found = run_backward(pairs, _retain(retain_graph, create_graph), create_graph, inputs, accumulate=False)
    unused = [i for i, g in enumerate(found) if g is None]
    if unused and not (allow_unused or materialize_grads):
        raise RuntimeError(
            f"The differentiated Tensor at index {unused[0]} appears to not have been used in the graph. Set "
            "allow_unused=True if this is the desired behavior."
        )
    if materialize_grads:
        found = [xp.zeros_like(t.array) if g is None else g for g, t in zip(found, inputs, strict=True)]
    return tuple(g if g is None or isinstance(g, Tensor) else wrap(g.copy()) for g in found)


def _each_of_a_batch(
    outputs: tuple,
    inputs: tuple,
    grad_outputs: Any,
    retain_graph: bool | None,
    create_graph: bool,
    *more: Any,
) -> tuple[Tensor | None, ...]:
    """The gradients for every row of `grad_outputs`, stacked."""
    batches = [b.unbind(0) for b in _as_tuple(grad_outputs)]
    rows = []
    for i, gradients in enumerate(zip(*batches, strict=True)):
        retain = i < len(batches[0]) - 1 or _retain(retain_graph, create_graph)
        rows.append(grad(outputs, inputs, gradients, retain, create_graph, True, more[0], False, more[1]))
    return tuple(None if of[0] is None else stack(of) for of in zip(*rows, strict=True))


def _as_tuple(tensors: Any) -> tuple:
    several = isinstance(tensors, Iterable) and not isinstance(tensors, Tensor)
    return tuple(tensors) if several else (tensors,)


def _retain(retain_graph: bool | None, create_graph: bool) -> bool:
    return create_graph if retain_graph is None else retain_graph


def _roots(roots: tuple[Tensor, ...], gradients: Any, create_graph: bool) -> list[tuple[Tensor, Any]]:
    """The roots with the gradients to start from: those given, or one for a scalar."""
    gradients = (None,) * len(roots) if gradients is None else _as_tuple(gradients)
    for g in gradients:
        if g is not None and not isinstance(g, Tensor):
            raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
    if len(gradients) != len(roots):
        raise RuntimeError(f"got {len(roots)} tensors and {len(gradients)} gradients")
    pairs = []
    for i, (root, g) in enumerate(zip(roots, gradients, strict=True)):
        if not isinstance(root, Tensor):
            raise TypeError(f"expected a Tensor to differentiate, but got {type(root).__name__}")
        if not root.requires_grad:
            raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
        if g is None:
            if root.array.size != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            g = wrap(xp.ones(root.array.shape, root.array.dtype, like=root.array))
        elif g.array.shape != root.array.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{i}] has a shape of {g.shape} and output[{i}] has a shape "
                f"of {root.shape}."
            )
        if g.is_cuda != root.is_cuda:
            raise RuntimeError(
                f"invalid gradient at index {i} - expected device {root.device} but got {g.device}"
            )
        if create_graph:
            pairs.append((root, g))
        else:
            pairs.append((root, g.array.astype(root.array.dtype, copy=False)))
    return pairs
