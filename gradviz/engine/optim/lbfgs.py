"""L-BFGS."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradviz.engine.backend import Array, xp
from gradviz.engine.grad_mode import enable_grad
from gradviz.engine.optim.line_search import Trial, strong_wolfe
from gradviz.engine.optim.optimizer import Closure, Optimizer, require, require_rate
from gradviz.engine.tensor import begin_change, end_change, wrap


class LBFGS(Optimizer):
    """A quasi-Newton method, which guesses the curvature from the last `history_size` gradients.

    One step makes up to `max_iter` moves; it has to be given a closure that clears the gradients, computes
    the loss and its gradients, and returns the loss. All parameters form one group.
    Source: Nocedal and Wright, Numerical Optimization (2006), algorithm 7.5;
    https://docs.pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        require_rate(lr)
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        require(len(self.param_groups) == 1, "LBFGS doesn't support per-parameter options (parameter groups)")

    def step(self, closure: Closure) -> Any:  # type: ignore[override]
        """Up to `max_iter` moves; returns the loss before the first of them."""
        group = self.param_groups[0]
        state = self.state[group["params"][0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)

        def evaluate() -> tuple[float, Array]:
            with enable_grad():
                loss = closure()
            state["func_evals"] += 1
            return float(loss), self._flat_gradient()

        with enable_grad():
            first_loss = closure()
        state["func_evals"] += 1
        loss, gradient = float(first_loss), self._flat_gradient()
        evaluations_before = state["func_evals"] - 1
        if xp.abs(gradient).max() <= group["tolerance_grad"]:
            return first_loss
        for iteration in range(1, group["max_iter"] + 1):
            direction = self._direction(state, gradient)
            length = float(group["lr"])
            if state["n_iter"] == 1:
                length *= min(1.0, 1.0 / float(xp.abs(gradient).sum()))
            last_loss = loss
            state["prev_flat_grad"], state["prev_loss"] = wrap(gradient), loss
            state["d"], state["t"] = wrap(direction), length
            slope = float(gradient @ direction)
            if slope > -group["tolerance_change"]:
                break
            if group["line_search_fn"] is None:
                self._move(direction, length)
                if iteration == group["max_iter"]:
                    break
                loss, gradient = evaluate()
            else:
                start = Trial(0.0, loss, gradient, slope)
                left = group["max_eval"] - (state["func_evals"] - evaluations_before)
                length, loss, gradient = self._search(evaluate, start, direction, length, left)
                state["t"] = length
            if (
                state["func_evals"] - evaluations_before >= group["max_eval"]
                or xp.abs(gradient).max() <= group["tolerance_grad"]
                or xp.abs(direction * length).max() <= group["tolerance_change"]
                or abs(loss - last_loss) < group["tolerance_change"]
            ):
                break
        return first_loss

    def _direction(self, state: dict[str, Any], gradient: Array) -> Array:
        """Minus the inverse curvature, as far as it is known, times the gradient."""
        state["n_iter"] += 1
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
            return -gradient
        bend = gradient - state["prev_flat_grad"].array
        moved = state["d"].array * gradient.dtype.type(state["t"])
        curvature = float(bend @ moved)
        if curvature > 1e-10:
            if len(state["old_dirs"]) == self.param_groups[0]["history_size"]:
                for memory in ("old_dirs", "old_stps", "ro"):
                    state[memory].pop(0)
            state["old_dirs"].append(wrap(bend))
            state["old_stps"].append(wrap(moved))
            state["ro"].append(1 / curvature)
            state["H_diag"] = curvature / float(bend @ bend)
        pairs = [
            (dir.array, stp.array, ro)
            for dir, stp, ro in zip(state["old_dirs"], state["old_stps"], state["ro"], strict=True)
        ]
        direction = -gradient
        shares = []
        for bend, moved, ro in reversed(pairs):
            shares.append(float(moved @ direction) * ro)
            direction = direction - shares[-1] * bend
        state["al"] = shares
        direction = direction * state["H_diag"]
        for (bend, moved, ro), share in zip(pairs, reversed(shares), strict=True):
            direction = direction + moved * (share - float(bend @ direction) * ro)
        return direction

    def _search(
        self, evaluate: Any, start: Trial, direction: Array, length: float, most_trials: int
    ) -> tuple[float, float, Array]:
        """Moves as far as the line search says; the length, and loss and gradient there."""
        group = self.param_groups[0]
        if group["line_search_fn"] != "strong_wolfe":
            raise RuntimeError("only 'strong_wolfe' is supported")
        origin = [parameter.array.copy() for parameter in group["params"]]

        def evaluate_at(length: float) -> tuple[float, Array]:
            self._move(direction, length)
            found = evaluate()
            for parameter, values in zip(group["params"], origin, strict=True):
                begin_change(parameter)
                parameter.array[...] = values
                end_change(parameter)
            return found

        smallest = group["tolerance_change"]
        best, _ = strong_wolfe(evaluate_at, length, direction, start, smallest, most_trials)
        self._move(direction, best.length)
        return best.length, best.loss, best.gradient

    def _flat_gradient(self) -> Array:
        """The gradients of all parameters in one row, zeros for those without."""
        parameters = self.param_groups[0]["params"]
        rows = [xp.zeros_like(p.array) if p.grad is None else p.grad.array for p in parameters]
        return xp.concatenate([row.ravel() for row in rows])

    def _move(self, direction: Array, length: float) -> None:
        offset = 0
        for parameter in self.param_groups[0]["params"]:
            part = direction[offset : offset + parameter.numel()].reshape(parameter.array.shape)
            offset += parameter.numel()
            begin_change(parameter)
            parameter.array += part * parameter.array.dtype.type(length)
            end_change(parameter)
