"""torch.autograd.functional: derivatives of functions of tensors.

`func` takes tensors and returns a tensor or a tuple of tensors. `inputs`, `v` and the results are tensors
where `func` has one tensor, else tuples. Results lead back to `inputs` only with `create_graph`. With
`strict`, what does not depend on an input raises RuntimeError instead of giving zeros.
Source: https://docs.pytorch.org/docs/stable/autograd.html#functional-higher-level-api
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradviz.engine.autograd.gradients import grad
from gradviz.engine.creation import eye, ones_like, zeros_like
from gradviz.engine.grad_mode import enable_grad
from gradviz.engine.ops.joining import stack
from gradviz.engine.tensor import Tensor

Tensors = Tensor | tuple[Tensor, ...]
Function = Callable[..., Tensors]


def vjp(
    func: Function,
    inputs: Tensors,
    v: Tensors | None = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Tensors, Tensors]:
    """`func(*inputs)` and vᵀ·J: `v` has the outputs' shapes and may be left out for one number."""
    with enable_grad():
        points = _points(inputs, create_graph)
        outputs = func(*points)
        directions = _directions(v, _as_tuple(outputs, "outputs of the function"))
        products = _gradients(outputs, points, directions, create_graph, strict)
    return _finished(outputs, outputs, create_graph), _finished(products, inputs, create_graph)


def jvp(
    func: Function,
    inputs: Tensors,
    v: Tensors | None = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Tensors, Tensors]:
    """`func(*inputs)` and J·v: `v` has the inputs' shapes and may be left out for one number."""
    with enable_grad():
        points = _points(inputs, create_graph)
        outputs = func(*points)
        # uᵀ·J is linear in u, and its derivative in the direction v is J·v.
        u = tuple(zeros_like(o, requires_grad=True) for o in _as_tuple(outputs, "outputs of the function"))
        pulled_back = _gradients(outputs, points, u, True, strict)
        products = _gradients(pulled_back, u, _directions(v, points), create_graph, strict)
    return _finished(outputs, outputs, create_graph), _finished(products, outputs, create_graph)


def jacobian(
    func: Function,
    inputs: Tensors,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """∂output/∂input, of shape `output.shape + input.shape`; for tuples `result[output][input]`.

    One backward pass per element of the outputs, whatever `vectorize` and `strategy` say.
    """
    with enable_grad():
        points = _points(inputs, create_graph)
        outputs = func(*points)
        rows = tuple(
            _finished(_jacobian_of(output, points, create_graph, strict), inputs, create_graph)
            for output in _as_tuple(outputs, "outputs of the function")
        )
    return rows[0] if isinstance(outputs, Tensor) else rows


def hessian(
    func: Callable[..., Tensor],
    inputs: Tensors,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of a function that returns one number; for tuples `result[input][input]`."""
    return jacobian(_gradient_of(func, inputs, [], strict), inputs, create_graph, strict)


def vhp(
    func: Callable[..., Tensor],
    inputs: Tensors,
    v: Tensors | None = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Tensor, Tensors]:
    """`func(*inputs)`, one number, and vᵀ·H: `v` has the inputs' shapes."""
    values: list[Tensor] = []
    _, product = vjp(_gradient_of(func, inputs, values, strict), inputs, v, create_graph, strict)
    return _finished(values[0], values[0], create_graph), product


def hvp(
    func: Callable[..., Tensor],
    inputs: Tensors,
    v: Tensors | None = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Tensor, Tensors]:
    """`func(*inputs)`, one number, and H·v: `v` has the inputs' shapes. `vhp` is the faster one."""
    values: list[Tensor] = []
    _, product = jvp(_gradient_of(func, inputs, values, strict), inputs, v, create_graph, strict)
    return _finished(values[0], values[0], create_graph), product


def _gradient_of(func: Function, inputs: Tensors, values: list[Tensor], strict: bool) -> Function:
    """The function that gives the gradient of `func`, and leaves the value of `func` in `values`."""

    def gradient(*points: Tensor) -> Tensors:
        value = func(*points)
        if not isinstance(value, Tensor) or value.numel() != 1:
            raise RuntimeError("a Hessian is of a function that returns a Tensor with a single element")
        values.append(value)
        found = _gradients(value, points, (ones_like(value),), True, strict)
        return found[0] if isinstance(inputs, Tensor) else found

    return gradient


def _jacobian_of(
    output: Tensor, points: tuple[Tensor, ...], create_graph: bool, strict: bool
) -> tuple[Tensor, ...]:
    """The derivatives of one output, each of shape `output.shape + point.shape`."""
    if output.numel() == 0:
        return tuple(output.new_zeros((*output.shape, *point.shape)) for point in points)
    units = eye(output.numel(), dtype=output.dtype, device=output.device).reshape(-1, *output.shape)
    rows = [_gradients(output, points, (unit,), create_graph, strict) for unit in units]
    return tuple(
        stack(column, 0).reshape(*output.shape, *point.shape)
        for column, point in zip(zip(*rows, strict=True), points, strict=True)
    )


def _gradients(
    outputs: Tensors,
    points: tuple[Tensor, ...],
    directions: tuple[Tensor, ...],
    create_graph: bool,
    strict: bool,
) -> tuple[Tensor, ...]:
    """The gradients at `points` of the outputs weighted with `directions`; the graph is kept."""
    pairs = zip(_as_tuple(outputs, "outputs of the function"), directions, strict=True)
    dependent = [(output, direction) for output, direction in pairs if output.requires_grad]
    found: tuple[Tensor | None, ...] = (None,) * len(points)
    if dependent:
        roots, weights = zip(*dependent, strict=True)
        found = grad(roots, points, weights, True, create_graph, allow_unused=True)
    unused = [i for i, g in enumerate(found) if g is None]
    if strict and unused:
        raise RuntimeError(
            f"The function does not depend on input {unused[0]}, or only linearly where a second "
            "derivative is asked for. This is not allowed in strict mode."
        )
    return tuple(zeros_like(p) if g is None else g for g, p in zip(found, points, strict=True))


def _points(inputs: Tensors, create_graph: bool) -> tuple[Tensor, ...]:
    """Where to differentiate: new leaves, or with `create_graph` tensors that lead back to the inputs."""
    return tuple(
        t.view_as(t) if create_graph and t.requires_grad else t.detach().requires_grad_()
        for t in _as_tuple(inputs, "inputs")
    )


def _directions(v: Tensors | None, like: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """`v` as a tuple, when it has the shapes of `like`; ones in its place for a single number."""
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise RuntimeError("The vector v can only be None for a single Tensor with a single element.")
        return (ones_like(like[0]),)
    given = _as_tuple(v, "vector v")
    if [t.shape for t in given] != [t.shape for t in like]:
        shapes = [tuple(t.shape) for t in given], [tuple(t.shape) for t in like]
        raise RuntimeError(f"v has the shapes {shapes[0]}; the tensors it goes with have {shapes[1]}")
    return given


def _finished(results: Tensors, like: Tensors, create_graph: bool) -> Tensors:
    """Results as one tensor or a tuple, as `like` is; outside the graph unless `create_graph`."""
    tensors = _as_tuple(results, "results")
    if not create_graph:
        tensors = tuple(t.detach() for t in tensors)
    return tensors[0] if isinstance(like, Tensor) else tensors


def _as_tuple(tensors: Any, what: str) -> tuple[Tensor, ...]:
    found = tuple(tensors) if isinstance(tensors, (tuple, list)) else (tensors,)
    for tensor in found:
        if not isinstance(tensor, Tensor):
            raise TypeError(f"the {what} must be a Tensor or a tuple of Tensors, not {type(tensor).__name__}")
    return found
