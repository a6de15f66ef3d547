"""Random programs: lines of Python that run on PyTorch and on the engine alike.

A program is plain text, so that hypothesis shrinks it to lines that can be pasted into either.
"""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

SIZES = [(), (1,), (2,), (3,), (2, 3), (3, 2), (3, 3), (1, 3), (2, 1), (2, 2, 3), (2, 3, 1)]
DTYPES = ["float32", "float64", "int64"]

UNARY = [
    *("neg", "abs", "exp", "sin", "cos", "tanh", "sigmoid", "relu", "square", "sign", "floor", "log1p"),
    *("sqrt", "reciprocal", "erf", "atan", "expm1", "round", "clone", "detach", "isnan", "logical_not"),
]
BINARY = ["+", "-", "*", "/", ">", "<=", "==", "@"]
PAIRS = ["maximum", "minimum", "fmod", "remainder", "hypot", "xlogy", "fmax"]


def templates(text: str) -> list[str]:
    """Lines to fill in: {x}, {y} are earlier results, {d}, {e} dimensions, {n} a number, {k} a power."""
    return [template.strip() for line in text.strip().splitlines() for template in line.split(" ; ")]


MAKING = [
    *(f"{{x}}.{name}()" for name in UNARY),
    *(f"{{x}} {sign} {{y}}" for sign in BINARY),
    *(f"torch.{name}({{x}}, {{y}})" for name in PAIRS),
    *templates("""
    {x} + {n} ; {n} - {x} ; {x} * {n} ; {n} / {x} ; {x} ** {k} ; {x} // {n} ; {x} % {n} ; {x} > {n}
    {x}.sum() ; {x}.sum({d}) ; {x}.sum({d}, keepdim=True) ; {x}.mean() ; {x}.mean({d}) ; {x}.prod()
    {x}.prod({d}) ; {x}.amax({d}) ; {x}.max() ; {x}.max({d}).values ; {x}.min({d}).indices ; {x}.std({d})
    {x}.var(unbiased=False) ; {x}.norm() ; {x}.norm(1, {d}) ; {x}.logsumexp({d}) ; {x}.softmax({d})
    {x}.log_softmax({d}) ; {x}.cumsum({d}) ; {x}.cumprod({d}) ; {x}.argmax({d}) ; {x}.any() ; {x}.all({d})
    {x}.count_nonzero() ; {x}.median() ; {x}.sort({d}).values ; {x}.cummax({d})[0] ; {x}.view(-1)
    {x}.reshape(-1) ; {x}.flatten() ; {x}.unsqueeze({d}) ; {x}.squeeze() ; {x}.squeeze({d})
    {x}.transpose({d}, {e}) ; {x}.t() ; {x}.mT ; {x}.expand_as({y}).clone()
    {x}.expand(2, *{x}.shape).clone() ; {x}.repeat(2, 1) ; torch.cat([{x}, {y}], {d})
    torch.stack([{x}, {y}]) ; {x}.chunk(2, {d})[0] ; {x}.unbind()[0] ; {x}.flip({d}) ; {x}.roll(1, {d})
    {x}.narrow({d}, 0, 1) ; {x}.select({d}, -1) ; {x}.diagonal() ; {x}.tril() ; {x}.movedim({d}, {e})
    {x}[0] ; {x}[-1:] ; {x}[..., 0] ; {x}[None] ; {x}[:, 1:] ; {x}[{x} > 0] ; {x}[torch.tensor([0, -1])]
    {x}[..., ::2] ; {x}.gather({d}, {x}.argmax({d}, keepdim=True))
    {x}.index_select({d}, torch.tensor([0, 0])) ; {x}.take(torch.tensor([0]))
    torch.where({x} > 0, {x}, {y}) ; {x}.masked_fill({x} > {n}, {n}) ; {x}.clamp(-1, 1) ; {x}.clamp(min={y})
    {x}.float() ; {x}.double() ; {x}.long() ; {x}.to({y}.dtype) ; {x}.bool() ; {x}.lerp({y}, 0.25)
    torch.logaddexp({x}.double(), {y}.double())
    torch.outer({x}, {y}) ; torch.addmm({x}, {y}, {x}) ; torch.einsum('ij,ik->jk', {x}, {y})
    torch.matmul({x}, {y}.mT) ; torch.dot({x}, {y}) ; F.linear({x}, {y}) ; F.mse_loss({x}, {y})
    F.gelu({x}) ; F.layer_norm({x}, {x}.shape) ; F.softplus({x}) ; F.cross_entropy({x}.double(), {y})
    F.pad({x}, (1, 0)) ; F.normalize({x}, dim={d}) ; torch.zeros_like({x}) + {y}
    """),
]
CHANGING = templates("""
    {x}.add_({y}) ; {x}.mul_({y}) ; {x}.sub_({n}) ; {x}.div_({n}) ; {x}.exp_() ; {x}.relu_() ; {x}.zero_()
    {x}.copy_({y}) ; {x}.fill_({n}) ; {x}.clamp_(-1, 1) ; {x}.masked_fill_({x} > 0, {n}) ; {x}.neg_()
    {x}[0] = {y}.clone() ; {x}[0] += {n} ; {x}[..., -1] = {n} ; {x}[{x} > 0] = {n} ; {x} += {y} ; {x} *= {n}
    {x}.tanh_() ; {x}.sigmoid_() ; {x}.pow_({k})
    {x}.index_add_({d}, torch.tensor([0]), {y})
""")


@dataclass(frozen=True)
class Line:
    """One line; `target` is the name that it assigns to, if any."""

    text: str
    target: str
    grad: bool = True

    def __repr__(self) -> str:
        code = f"{self.target} = {self.text}" if self.target else self.text
        return code if self.grad else f"with torch.no_grad(): {code}"


@dataclass(frozen=True)
class Input:
    """A tensor to begin with, of eighths: numbers of which sums and products are exact; or small integers."""

    name: str
    eighths: tuple[int, ...]
    shape: tuple[int, ...]
    dtype: str
    requires_grad: bool

    def array(self, scale: float) -> np.ndarray:
        values = np.array(self.eighths, np.int64).reshape(self.shape)
        return values // 4 if self.dtype == "int64" else (values / 8 * scale).astype(self.dtype)

    def __repr__(self) -> str:
        values = self.array(1.0).tolist()
        grad = ", requires_grad=True" if self.requires_grad else ""
        return f"{self.name} = torch.tensor({values}, dtype=torch.{self.dtype}{grad})"


@dataclass(frozen=True)
class Program:
    inputs: tuple[Input, ...]
    lines: tuple[Line, ...]

    def __repr__(self) -> str:
        return "\n" + "\n".join(map(repr, (*self.inputs, *self.lines)))


@dataclass
class Outcome:
    """What became of a program: errors by line, facts about every result, and the gradients of the inputs."""

    errors: list[str] = field(default_factory=list)
    facts: list[tuple] = field(default_factory=list)
    arrays: list[np.ndarray | None] = field(default_factory=list)


@st.composite
def programs(draw: Any, longest: int = 30) -> Program:
    inputs = []
    for i in range(draw(st.integers(1, 3))):
        shape, dtype = draw(st.sampled_from(SIZES)), draw(st.sampled_from(DTYPES))
        count = int(np.prod(shape, dtype=int))
        eighths = draw(st.lists(st.integers(-12, 12), min_size=count, max_size=count))
        grad = dtype != "int64" and draw(st.booleans())
        inputs.append(Input(f"x{i}", tuple(eighths), shape, dtype, grad))
    names = [x.name for x in inputs]
    lines: list[Line] = []
    grad = True
    for _ in range(draw(st.integers(1, longest))):
        grad = draw(st.sampled_from([grad, grad, grad, grad, True, not grad]))  # stretches, mostly with
        lines.append(draw(line(names, f"v{len(lines)}", grad)))
        if lines[-1].target:
            names.append(lines[-1].target)
    return Program(tuple(inputs), tuple(lines))


@st.composite
def line(draw: Any, names: list[str], target: str, grad: bool) -> Line:
    changing = draw(st.sampled_from([False, False, False, True]))
    template = draw(st.sampled_from(CHANGING if changing else MAKING))
    x, y = (draw(st.sampled_from(names)) for _ in "xy")
    values = {
        "d": draw(st.integers(-2, 2)) if "{d}" in template else 0,
        "e": draw(st.integers(-2, 2)) if "{e}" in template else 0,
        "n": draw(st.sampled_from([2, -1, 0.5, -1.25, 0])) if "{n}" in template else 0,
        "k": draw(st.sampled_from([2, 3, 0, -1, 0.5])) if "{k}" in template else 0,
    }
    return Line(template.format(x=x, y=y, **values), "" if changing else target, grad)


def run(program: Program, torch: Any, functional: Any, scale: float = 1.0) -> Outcome:
    """Runs the program and a backward pass from all its results."""
    outcome = Outcome()
    values: dict[str, Any] = {"torch": torch, "F": functional}
    for x in program.inputs:
        values[x.name] = torch.tensor(x.array(scale), requires_grad=x.requires_grad)
    for step in program.lines:
        with contextlib.nullcontext() if step.grad else torch.no_grad():
            try:
                exec(f"{step.target} = {step.text}" if step.target else step.text, values)
                outcome.errors.append("")
            except Exception as error:
                outcome.errors.append(type(error).__name__)
                if step.target:
                    values[step.target] = torch.zeros(2)
    results = [v for name, v in values.items() if isinstance(v, torch.Tensor)]
    outcome.arrays += [v.data.numpy().copy() for v in results]
    outcome.facts += [facts(v) for v in results]
    leaves = [values[x.name] for x in program.inputs if x.requires_grad]
    try:
        total = sum((v.double() * (i + 1)).sum() for i, v in enumerate(results) if v.requires_grad)
        if isinstance(total, torch.Tensor):
            total.backward()
        outcome.errors.append("")
    except Exception as error:
        outcome.errors.append(type(error).__name__)
    else:
        grads = [leaf.grad for leaf in leaves if leaf.is_leaf]
        outcome.arrays += [None if g is None else g.detach().numpy() for g in grads]
    return outcome


def facts(value: Any) -> tuple:
    """Shape, dtype, and its place in the graph, about which a view can refuse to answer."""
    try:
        node = value.grad_fn
    except RuntimeError:
        return (tuple(value.shape), str(value.dtype), "refuses")
    return tuple(value.shape), str(value.dtype), value.requires_grad, value.is_leaf, node and node.name()


def agree(a: Outcome, b: Outcome, rtol: float) -> bool:
    """Whether two outcomes are the same but for rounding."""
    if (
        list(map(bool, a.errors)) != list(map(bool, b.errors))
        or a.facts != b.facts
        or len(a.arrays) != len(b.arrays)
    ):
        return False
    return all(close(x, y, rtol) for x, y in zip(a.arrays, b.arrays, strict=True))


def close(x: np.ndarray | None, y: np.ndarray | None, rtol: float) -> bool:
    """Whether two arrays are the same but for rounding, compared with the largest number in them."""
    if x is None or y is None:
        return x is y
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    scale = max([1.0, *np.abs(x[np.isfinite(x)]).ravel().astype(float)]) if x.size else 1.0
    return bool(np.allclose(x, y, rtol, rtol * scale, equal_nan=True))


def is_stable(program: Program, torch: Any, functional: Any, first: Outcome) -> bool:
    """Whether the outcome stays when all inputs are scaled a little: else rounding decides about it."""
    scales = (1 + 3e-6, 1 - 2e-6, 1 + 1e-7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return all(agree(first, run(program, torch, functional, scale), 1e-2) for scale in scales)
