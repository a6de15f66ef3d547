"""Hooks of optimizers: functions that run before or after a step, or when a state is saved or loaded.

Source: https://docs.pytorch.org/docs/stable/optim.html#optimizer-hooks
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from gradviz.engine.hooks import RemovableHandle

Hooks = OrderedDict[int, Callable[..., Any]]

EVERY_STEP_BEFORE: Hooks = OrderedDict()
EVERY_STEP_AFTER: Hooks = OrderedDict()


def register_optimizer_step_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """`hook(optimizer, args, kwargs)` runs before every step of any optimizer and may change both."""
    return RemovableHandle(EVERY_STEP_BEFORE, hook)


def register_optimizer_step_post_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """`hook(optimizer, args, kwargs)` runs after every step of every optimizer."""
    return RemovableHandle(EVERY_STEP_AFTER, hook)


class HookTables:
    """The hooks of one optimizer; `args` of a step are the optimizer itself and what the program gave."""

    def __init__(self) -> None:
        self.before_step: Hooks = OrderedDict()
        self.after_step: Hooks = OrderedDict()
        self.before_state_dict: Hooks = OrderedDict()
        self.after_state_dict: Hooks = OrderedDict()
        self.before_load: Hooks = OrderedDict()
        self.after_load: Hooks = OrderedDict()

    @property
    def around_step(self) -> bool:
        """Whether any hook hears of a step."""
        return bool(self.before_step or self.after_step or EVERY_STEP_BEFORE or EVERY_STEP_AFTER)

    def call_around(self, step: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run a step between its hooks."""
        for hook in (*EVERY_STEP_BEFORE.values(), *self.before_step.values()):
            changed = hook(args[0], args, kwargs)
            if changed is None:
                continue
            if not isinstance(changed, tuple) or len(changed) != 2:
                raise RuntimeError(
                    f"{step} must return None or a tuple of (new_args, new_kwargs), but got {changed}."
                )
            args, kwargs = changed
        out = step(*args, **kwargs)
        for hook in (*self.after_step.values(), *EVERY_STEP_AFTER.values()):
            hook(args[0], args, kwargs)
        return out


def registered(hooks: Hooks, hook: Callable[..., Any], prepend: bool) -> RemovableHandle:
    """The handle of a hook that was put at the end, or at the beginning."""
    handle = RemovableHandle(hooks, hook)
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle
