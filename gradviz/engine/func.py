"""torch.func: functions that make derivatives of functions.

They take arguments by position. A differentiated argument is a tensor or a tree of them (in tuples, lists
and dicts), and so is its gradient. Source: https://docs.pytorch.org/docs/stable/func.api.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gradviz.engine import autograd
from gradviz.engine.autograd import functional
from gradviz.engine.grad_mode import enable_grad
from gradviz.engine.nn.modules.module import Module
from gradviz.engine.ops.joining import stack
from gradviz.engine.tensor import Tensor

Argnums = int | tuple[int, ...]


def grad(func: Callable, argnums: Argnums = 0, has_aux: bool = False) -> Callable:
    """The function that gives the gradient of `func`, which returns one number (and `aux`)."""
    both = grad_and_value(func, argnums, has_aux)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        found, value = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def grad_and_value(func: Callable, argnums: Argnums = 0, has_aux: bool = False) -> Callable:
    """The function that gives the gradient of `func` and what `func` returned."""

    def gradient_and_value(*args: Any, **kwargs: Any) -> Any:
        with enable_grad():
            chosen = [argnums] if isinstance(argnums, int) else argnums
            points = {i: _mapped(_as_point, args[i]) for i in chosen}
            returned = func(*[points.get(i, x) for i, x in enumerate(args)], **kwargs)
            value = returned[0] if has_aux else returned
            leaves = [leaf for point in points.values() for leaf in _leaves(point)]
            found = iter(autograd.grad(value, leaves, create_graph=True, materialize_grads=True))
        followed = any(leaf.requires_grad for leaf in _leaves(args))
        gradients = tuple(
            _mapped(lambda leaf: next(found) if followed else next(found).detach(), point)
            for point in points.values()
        )
        if not followed:
            returned = _mapped(Tensor.detach, returned)
        return gradients[0] if isinstance(argnums, int) else gradients, returned

    return gradient_and_value


def vjp(func: Callable, *primals: Tensor) -> tuple[Any, Callable]:
    """`func(*primals)`, and the function that takes `v` of its shape to vᵀ·J."""

    def product(v: Any) -> tuple[Tensor, ...]:
        found = functional.vjp(func, primals, v)[1]
        return found if isinstance(found, tuple) else (found,)

    return func(*primals), product


def jvp(func: Callable, primals: tuple[Tensor, ...], tangents: tuple[Tensor, ...]) -> tuple[Any, Any]:
    """`func(*primals)` and J·v for the tangents v."""
    return functional.jvp(func, primals, tangents)


def jacrev(func: Callable, argnums: int = 0) -> Callable:
    """The function that gives the Jacobian of `func`, of shape output.shape + argument.shape."""

    def jacobian(*args: Any) -> Any:
        def of_argument(x: Tensor) -> Any:
            return func(*args[:argnums], x, *args[argnums + 1 :])

        return functional.jacobian(of_argument, args[argnums], create_graph=args[argnums].requires_grad)

    return jacobian


jacfwd = jacrev  # the same numbers by another way, which this engine does not go


def hessian(func: Callable, argnums: int = 0) -> Callable:
    """The function that gives the second derivatives of `func`."""
    return jacrev(jacrev(func, argnums), argnums)


def vmap(
    func: Callable,
    in_dims: Any = 0,
    out_dims: int = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable:
    """`func` for each of the slices of its arguments along `in_dims`, its results stacked along `out_dims`.

    `in_dims` is a dimension for all arguments, or one for each of them: None for one that all slices share.
    """

    def mapped(*args: Any) -> Any:
        dims = in_dims if isinstance(in_dims, tuple) else (in_dims,) * len(args)
        pairs = [(x, dim) for x, dim in zip(args, dims, strict=True) if dim is not None]
        sizes = {leaf.shape[dim] for x, dim in pairs for leaf in _leaves(x)}
        if len(sizes) != 1:
            raise ValueError(
                "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
                f"{sorted(sizes)} for the mapped dimension"
            )
        results = [
            func(*[x if dim is None else _slice(x, dim, i) for x, dim in zip(args, dims, strict=True)])
            for i in range(sizes.pop())
        ]
        return _stacked(results, out_dims)

    return mapped


def functional_call(
    module: Module, parameter_and_buffer_dicts: Any, args: Any = None, kwargs: dict | None = None
) -> Any:
    """`module(*args, **kwargs)` with other tensors (a dict by name, or several) for its own.

    https://docs.pytorch.org/docs/stable/generated/torch.func.functional_call.html
    """
    dicts = parameter_and_buffer_dicts
    tensors: dict[str, Tensor] = {}
    for d in [dicts] if isinstance(dicts, Mapping) else dicts:
        tensors.update(d)
    places = {name: _place_of(module, name) for name in tensors}
    own = {name: table[key] for name, (table, key) in places.items()}
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    try:
        for name, (table, key) in places.items():
            table[key] = tensors[name]
        return module(*args, **(kwargs or {}))
    finally:
        for name, (table, key) in places.items():
            table[key] = own[name]


def stack_module_state(models: list[Module]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The parameters and the buffers of like modules, stacked, for `vmap` over `functional_call`."""
    parameters = [dict(m.named_parameters()) for m in models]
    buffers = [dict(m.named_buffers()) for m in models]
    stacked = {name: stack([p[name] for p in parameters]).detach() for name in parameters[0]}
    for tensor in stacked.values():
        tensor.requires_grad_()
    return stacked, {name: stack([b[name] for b in buffers]) for name in buffers[0]}


def _place_of(module: Module, name: str) -> tuple[dict, str]:
    """The table of a submodule in which a parameter or buffer of that dotted name stands, and its key."""
    path, _, key = name.rpartition(".")
    owner = module.get_submodule(path)
    for table in (owner._parameters, owner._buffers):
        if key in table:
            return table, key
    raise KeyError(f"{type(module).__name__} has no parameter or buffer '{name}'")


def _as_point(x: Tensor) -> Tensor:
    """Where to differentiate: a tensor that leads back to `x` if that requires grad, else a new leaf."""
    return x.view_as(x) if x.requires_grad else x.detach().requires_grad_()


def _mapped(change: Callable, tree: Any) -> Any:
    """A tree with every tensor changed."""
    if isinstance(tree, Tensor):
        return change(tree)
    if isinstance(tree, Mapping):
        return {key: _mapped(change, value) for key, value in tree.items()}
    if isinstance(tree, (tuple, list)):
        return type(tree)(_mapped(change, value) for value in tree)
    return tree


def _leaves(tree: Any) -> Iterator[Tensor]:
    found: list[Tensor] = []
    _mapped(found.append, tree)
    return iter(found)


def _slice(tree: Any, dim: int, index: int) -> Any:
    return _mapped(lambda x: x.select(dim, index), tree)


def _stacked(results: list, dim: int) -> Any:
    """Many results of one structure as one of stacked tensors."""
    each = zip(*map(_leaves, results), strict=True)
    return _mapped(lambda _: stack(next(each), dim), results[0])
