"""Hooks that hear a module's gradients: of its inputs and of its outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradviz.engine.tensor import Tensor

if TYPE_CHECKING:
    from gradviz.engine.nn.modules.module import Module

Gradients = list[Tensor | None]


def forward_with_backward_hooks(
    module: Module,
    hooks: Mapping[int, Callable[..., Any]],
    inputs: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Run `module.forward` such that backward calls every hook with (module, grad_input, grad_output).

    The module works on views of its inputs: their gradients are what this call alone sends back. The hooks
    run when the last of them is known, or, if no input needs a gradient, when the outputs' gradients are.
    """
    watched = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    inputs = tuple(x.view_as(x) if i in watched else x for i, x in enumerate(inputs))
    output = module.forward(*inputs, **kwargs)
    outputs = list(output) if isinstance(output, tuple | list) else [output]
    grad_output: Gradients = [None] * len(outputs)
    grad_input: Gradients = [None] * len(inputs)
    waiting = set(watched)

    def call_hooks() -> Gradients:
        current = tuple(grad_input)
        for hook in tuple(hooks.values()):
            changed = hook(module, current, tuple(grad_output))
            if changed is not None:
                current = changed if isinstance(changed, tuple) else (changed,)
        return list(current)

    def output_hook(index: int) -> Callable[[Tensor], None]:
        def hear(grad: Tensor) -> None:
            grad_output[index] = grad
            if not watched:
                call_hooks()

        return hear

    def input_hook(index: int) -> Callable[[Tensor], Tensor | None]:
        def hear(grad: Tensor) -> Tensor | None:
            grad_input[index] = grad
            waiting.discard(index)
            return None if waiting else call_hooks()[index]

        return hear

    for i, result in enumerate(outputs):
        if isinstance(result, Tensor) and result.requires_grad:
            result.register_hook(output_hook(i))
    for i in watched:
        inputs[i].register_hook(input_hook(i))
    return output
