"""torch.autograd.gradcheck: a function's gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradviz.engine.autograd.gradients import grad
from gradviz.engine.backend import Array, to_numpy, xp
from gradviz.engine.tensor import Tensor, wrap


class GradcheckError(RuntimeError):
    """A gradient differs from the numerical one."""


def gradcheck(
    func: Callable[..., Tensor | Sequence[Tensor]],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Whether `func`'s gradients agree with central differences, for inputs in float64 that require grad.

    https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
    """
    args = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    outputs = _as_tuple(func(*args))
    differentiated = [i for i, t in enumerate(args) if isinstance(t, Tensor) and t.requires_grad]
    if not differentiated:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have "
            "requires_grad=True."
        )
    for nr, output in enumerate(outputs):
        if not output.requires_grad:
            continue
        for i in differentiated:
            expected = numerical_jacobian(func, args, i, nr, eps)
            found = analytical_jacobian(output, args[i])
            if not xp.allclose(found, expected, rtol, atol):
                if not raise_exception:
                    return False
                raise GradcheckError(
                    f"Jacobian mismatch for output {nr} with respect to input {i},\n"
                    f"numerical:{wrap(expected)}\nanalytical:{wrap(found)}\n"
                )
    return True


def gradgradcheck(func: Callable, inputs: Any, **settings: Any) -> bool:
    """Whether the gradients of `func`'s gradients agree with central differences (see `gradcheck`)."""
    args = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)

    def gradients(*values: Any) -> tuple[Tensor, ...]:
        outputs = [o for o in _as_tuple(func(*values)) if o.requires_grad]
        wanted = [v for v in values if isinstance(v, Tensor) and v.requires_grad]
        # The sum of squares has a gradient that depends on the outputs, unlike their plain sum.
        total = sum((o * o).sum() for o in outputs)
        return tuple(g for g in grad(total, wanted, create_graph=True, allow_unused=True) if g is not None)

    return gradcheck(gradients, args, **settings)


def numerical_jacobian(func: Callable, args: tuple, index: int, output: int, eps: float) -> Array:
    """d output / d args[index] by central differences, of shape (input elements, output elements)."""
    flat = args[index].array.reshape(-1)
    if not xp.shares_memory(flat, args[index].array):
        raise ValueError("gradcheck expects contiguous inputs")
    rows = []
    for k in range(flat.size):
        value, sides = flat[k].copy(), []
        for step in (eps, -eps):
            flat[k] = value + step
            sides.append(to_numpy(_as_tuple(func(*args))[output].array).astype(xp.float64).ravel())
        flat[k] = value
        rows.append((sides[0] - sides[1]) / (2 * eps))
    return xp.array(rows).reshape(flat.size, -1)


def analytical_jacobian(output: Tensor, x: Tensor) -> Array:
    """d output / d x by one backward pass per output element, of shape (input elements, output elements)."""
    columns = []
    for k in range(output.array.size):
        one = xp.zeros(output.array.shape, output.array.dtype, like=output.array)  # contiguous in any case
        one.reshape(-1)[k] = 1
        (g,) = grad(output, x, wrap(one), retain_graph=True, allow_unused=True)
        columns.append(xp.zeros(x.array.size) if g is None else to_numpy(g.array).ravel())
    return xp.array(columns).T.reshape(x.array.size, -1)


def _as_tuple(outputs: Any) -> tuple:
    return (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)
