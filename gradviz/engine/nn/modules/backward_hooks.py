"""Hooks that hear a module's gradients: of its outputs before its backward, of both after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradviz.engine.tape import Op
from gradviz.engine.tensor import Tensor

if TYPE_CHECKING:
    from gradviz.engine.nn.modules.module import Module

Gradients = tuple[Tensor | None, ...]


class BackwardHookFunction(Op):
    """Hands tensors on as they are: one node in the graph that sees the gradients of all of them."""

    args = terms = ("input",)
    formula = r"\mathrm{input}"
    vjp = ("g",)
    backward_name = "BackwardHookFunctionBackward"

    def forward(self, *inputs):
        return inputs

    def backward(self, *grads):
        return grads


def forward_with_backward_hooks(module: Module, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Runs `module.forward` such that backward calls the module's backward hooks.

    The module works on views of its inputs: their gradients are what this call alone sends back. The hooks
    run when the last of them is known, or, if no input needs a gradient, when the outputs' gradients are.
    """
    watched = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    inputs = tuple(x.view_as(x) if i in watched else x for i, x in enumerate(inputs))
    output = module.forward(*inputs, **kwargs)
    outputs = list(output) if isinstance(output, tuple | list) else [output]
    places = [i for i, x in enumerate(outputs) if isinstance(x, Tensor) and x.requires_grad]
    if not places:
        return output
    grad_output: list[Tensor | None] = [None] * len(outputs)
    grad_input: list[Tensor | None] = [None] * len(inputs)
    waiting = set(watched)

    def before(grads: Gradients) -> Gradients:
        for i, grad in zip(places, grads, strict=True):
            grad_output[i] = grad
        for hook in tuple(module._backward_pre_hooks.values()):
            changed = hook(module, tuple(grad_output))
            if changed is not None:
                grad_output[:] = changed if isinstance(changed, tuple) else (changed,)
        if not watched:
            after()
        return tuple(grad_output[i] for i in places)

    def after() -> Gradients:
        current = tuple(grad_input)
        for hook in tuple(module._backward_hooks.values()):
            changed = hook(module, current, tuple(grad_output))
            if changed is not None:
                current = changed if isinstance(changed, tuple) else (changed,)
        return current

    def hear_input(index: int, grad: Tensor) -> Tensor | None:
        grad_input[index] = grad
        waiting.discard(index)
        return None if waiting else after()[index]

    node = BackwardHookFunction()
    for i, x in zip(places, node(*[outputs[i] for i in places]), strict=True):
        outputs[i] = x
    node.register_prehook(before)
    for i in watched:
        inputs[i].register_hook(lambda grad, i=i: hear_input(i, grad))
    return (
        outputs[0] if output is not None and not isinstance(output, tuple | list) else type(output)(outputs)
    )
