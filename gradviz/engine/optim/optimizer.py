"""The base of all optimizers: parameter groups, state, and the observer around every step.

Source: https://docs.pytorch.org/docs/stable/optim.html
"""

from __future__ import annotations

import copy
import functools
import warnings
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from gradviz.engine import observer
from gradviz.engine.backend import Array, beside, xp
from gradviz.engine.grad_mode import enable_grad
from gradviz.engine.hooks import RemovableHandle
from gradviz.engine.nn.parameter import clear_gradient
from gradviz.engine.optim.hooks import HookTables, registered
from gradviz.engine.optim.hooks import register_optimizer_step_post_hook as register_optimizer_step_post_hook
from gradviz.engine.optim.hooks import register_optimizer_step_pre_hook as register_optimizer_step_pre_hook
from gradviz.engine.tensor import Tensor, begin_change, end_change, wrap

Group = dict[str, Any]
Closure = Callable[[], Any]


def _announced(step: Callable[..., Any]) -> Callable[..., Any]:
    """`step` between step_begin and step_end; a step that calls its parent's is one step."""

    @functools.wraps(step)
    def announced_step(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        if self._stepping:
            return step(self, *args, **kwargs)
        self.step_count += 1
        if self.hooks.around_step:
            return self.hooks.call_around(watched_step, (self, *args), kwargs)
        return watched_step(self, *args, **kwargs)

    def watched_step(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        watcher = observer.current
        if watcher is None:
            return step(self, *args, **kwargs)
        args, kwargs = _with_announced_closure(self, watcher, args, kwargs)
        self._stepping = True
        watcher.step_begin(self)
        try:
            return step(self, *args, **kwargs)
        finally:
            self._stepping = False
            watcher.step_end(self)

    return announced_step


def _with_announced_closure(
    optimizer: Optimizer, watcher: observer.Observer, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a step, whose closure is put between closure_begin and closure_end."""
    closure = args[0] if args else kwargs.get("closure")
    if not callable(closure):
        return args, kwargs

    def announced_closure() -> Any:
        watcher.closure_begin(optimizer)
        try:
            return closure()
        finally:
            watcher.closure_end(optimizer)

    if args:
        return (announced_closure, *args[1:]), kwargs
    return args, {**kwargs, "closure": announced_closure}


living: weakref.WeakSet[Optimizer] = weakref.WeakSet()
"""All optimizers that exist."""


class Share(NamedTuple):
    """A part of a parameter's change: `coefficient` times the array `of`: "value" (before the step),
    "gradient", or what the state remembered under that name; "" is the coefficient alone."""

    coefficient: Any
    of: str


class Change(NamedTuple):
    """What adds up to a parameter's change. `formula` is its LaTeX, `symbols` the numbers in it by name."""

    shares: list[Share]
    formula: str
    symbols: dict[str, Any]


class _RequiredParameter:
    """The default of a setting that every parameter group has to give."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _RequiredParameter()


class Optimizer:
    """Groups of parameters, each with its settings, and what is remembered about every parameter.

    A subclass defines `step(closure=None)`; the engine's own define `_update` for one parameter instead.
    """

    step_count = 0  # how often `step` was called; a scheduler that is asked first says so
    elementwise = True  # whether an element's change depends on nothing but that element's numbers
    decouples_weight_decay = False  # whether weight decay shrinks the weights, always, not the gradient
    _stepping = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in cls.__dict__:
            cls.step = _announced(cls.step)  # type: ignore[method-assign]

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"torch.{params.dtype.type_name}"
            )
        self.defaults = defaults
        self.hooks = HookTables()
        self._scratches: dict[Any, Array] = {}
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[Group] = []
        living.add(self)
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Train the parameters in "params" too, with the group's other settings or else the defaults."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        given = param_group["params"]
        if isinstance(given, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of "
                "tensors in sets will change between runs. Please use a list instead."
            )
        given = [given] if isinstance(given, Tensor) else given
        named = [p if isinstance(p, tuple) else (None, p) for p in given]
        names = [name for name, _ in named if name is not None]
        if names and len(names) < len(named):
            raise ValueError(
                "all optimizer params should be with/without names. Some param names are missing"
            )
        if any(("param_names" in group) != bool(names) for group in self.param_groups):
            kind = "with names" if names else "without names"
            raise ValueError(
                "all optimizer param groups should be with/without names. cannot add param group "
                f"{kind} to the optimizer"
            )
        params = [parameter for _, parameter in named]
        for parameter in params:
            if not isinstance(parameter, Tensor):
                kind = type(parameter).__name__
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {kind}")
            if not (parameter.is_leaf or parameter.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        if len({id(parameter) for parameter in params}) < len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; "
                "in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=3,
            )
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(
                    f"parameter group didn't specify a value of required optimization parameter {name}"
                )
        taken = {id(parameter) for group in self.param_groups for parameter in group["params"]}
        if taken & {id(parameter) for parameter in params}:
            raise ValueError("some parameters appear in more than one parameter group")
        group = {**param_group, "params": params}
        if names:
            group["param_names"] = names
        for name, value in self.defaults.items():
            group.setdefault(name, value)
        self.param_groups.append(group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients of all parameters, or fill them with zeros."""
        for parameter in self._parameters():
            clear_gradient(parameter, set_to_none)

    @_announced
    def step(self, closure: Closure | None = None) -> Any:
        """Move every parameter that has a gradient; `closure` recomputes the loss, which is returned."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                grad = parameter.grad
                if grad is not None:
                    gradient = self._directed(group, parameter.array, grad.array)
                    begin_change(parameter)
                    self._update(group, parameter.array, gradient, self.state[parameter])
                    end_change(parameter)
        return loss

    def _directed(self, group: Group, value: Array, gradient: Array) -> Array:
        """The gradient to go down: negated to maximize, and with the derivative of an L2 penalty."""
        if group.get("maximize"):
            gradient = xp.negative(gradient)
        if self.decouples_weight_decay or group.get("decoupled_weight_decay"):
            return gradient
        return gradient + value * group["weight_decay"] if group.get("weight_decay") else gradient

    def _update(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> None:
        """Move `value` in place along `gradient` (same shape and dtype); `state` is for what lasts."""
        raise NotImplementedError(f"{type(self).__name__} must define step(self, closure=None)")

    def change(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> Change:
        """What `_update` would add to the value, taken apart; nothing is changed. Arrays are of float64, the
        state is what it was before. An optimizer that cannot say raises NotImplementedError."""
        shares, formula, symbols = self._change(group, value, self._directed(group, value, gradient), state)
        sign, decay = (-1.0 if group.get("maximize") else 1.0), group.get("weight_decay", 0)
        if self.decouples_weight_decay or group.get("decoupled_weight_decay"):
            decay = 0
        found: list[Share] = []
        for share in shares:
            found.append(Share(share.coefficient * sign, share.of) if share.of == "gradient" else share)
            if share.of == "gradient" and decay:
                found.append(Share(share.coefficient * decay, "value"))
        return Change(found, formula, symbols)

    def settings(self, group: Group, value: Array) -> Group:
        """A parameter's own: those of its group, as they are now."""
        return {name: setting for name, setting in group.items() if name != "params"}

    def _change(self, group: Group, value: Array, gradient: Array, state: dict[str, Any]) -> Change:
        """The same, with the gradient that `_update` is given."""
        raise NotImplementedError(f"{type(self).__name__} does not say what its steps are made of")

    def _scratch(self, like: Array) -> Array:
        """An array of this shape and dtype to compute in; its content lasts until the next call."""
        key = like.shape, like.dtype
        if key not in self._scratches:
            self._scratches[key] = xp.empty_like(like)
        return self._scratches[key]

    def _parameters(self) -> Iterator[Tensor]:
        return (parameter for group in self.param_groups for parameter in group["params"])

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    # -- state -----------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """The settings and the state, with the parameters numbered in the order they were given in."""
        for hook in self.hooks.before_state_dict.values():
            hook(self)
        number = {id(parameter): i for i, parameter in enumerate(self._parameters())}
        groups = []
        for group in self.param_groups:
            settings = {name: value for name, value in group.items() if name != "params"}
            groups.append({**settings, "params": [number[id(p)] for p in group["params"]]})
        state = {number[id(p)]: kept for p, kept in self.state.items() if kept}
        saved = {"state": state, "param_groups": groups}
        for hook in self.hooks.after_state_dict.values():
            changed = hook(self, saved)
            saved = saved if changed is None else changed
        return saved

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over settings and state from the `state_dict()` of an optimizer of equal parameters."""
        for hook in self.hooks.before_load.values():
            changed = hook(self, state_dict)
            state_dict = state_dict if changed is None else changed
        given = copy.deepcopy(dict(state_dict))
        groups, own_groups = given["param_groups"], self.param_groups
        if len(groups) != len(own_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if [len(group["params"]) for group in groups] != [len(group["params"]) for group in own_groups]:
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's "
                "group"
            )
        numbers = [number for group in groups for number in group["params"]]
        parameter_of = dict(zip(numbers, self._parameters(), strict=True))
        self.state = defaultdict(dict)
        for number, kept in given["state"].items():
            parameter = parameter_of[number]
            self.state[parameter] = {name: _fitted(name, value, parameter) for name, value in kept.items()}
        for new, old in zip(groups, own_groups, strict=True):
            old.update({**new, "params": old["params"]})
        for hook in self.hooks.after_load.values():
            hook(self)

    # -- hooks -----------------------------------------------------------------------------------

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """`hook(optimizer, args, kwargs)` runs before a step and may return new (args, kwargs)."""
        return registered(self.hooks.before_step, hook, False)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """`hook(optimizer, args, kwargs)` runs after a step."""
        return registered(self.hooks.after_step, hook, False)

    def register_state_dict_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """`hook(optimizer)` runs before `state_dict`."""
        return registered(self.hooks.before_state_dict, hook, prepend)

    def register_state_dict_post_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """`hook(optimizer, state_dict)` runs after `state_dict` and may return another one."""
        return registered(self.hooks.after_state_dict, hook, prepend)

    def register_load_state_dict_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """`hook(optimizer, state_dict)` runs before `load_state_dict` and may return another one."""
        return registered(self.hooks.before_load, hook, prepend)

    def register_load_state_dict_post_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """`hook(optimizer)` runs after `load_state_dict`."""
        return registered(self.hooks.after_load, hook, prepend)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
            lines.append("")
        return "\n".join([*lines[:-1], ")"])


def _fitted(name: str, value: Any, parameter: Tensor) -> Any:
    """A loaded value in the parameter's dtype and on its device; "step" counts and keeps its own."""
    if isinstance(value, Tensor) and name != "step" and parameter.array.dtype.kind == "f":
        return wrap(beside(value.array, parameter.array).astype(parameter.array.dtype))
    return value


def decoupled_decay(group: Group) -> list[Share]:
    """By how much a weight decay that is no part of the gradient shrinks the value."""
    rate = float(group["lr"]) * group["weight_decay"] if group["decoupled_weight_decay"] else 0
    return [Share(-rate, "value")] if rate else []


def require_rate(lr: Any, words: str = "Invalid learning rate") -> None:
    """Refuse a learning rate that is negative, or a tensor of several numbers."""
    require(not isinstance(lr, Tensor) or lr.numel() == 1, "Tensor lr must be 1-element")
    require(lr >= 0, f"{words}: {lr}")


def require(ok: bool, words: str) -> None:
    """Refuse a setting, in torch's words, unless `ok`."""
    if not ok:
        raise ValueError(words)
