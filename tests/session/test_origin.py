"""Where a NaN came from: each of the classic ways to get one is blamed on the event that did it."""

import numpy as np
import pytest

from gradviz.session import answers
from gradviz.session.protocol import Origin, Origins
from gradviz.trace import ArrayRef, Trail
from gradviz.trace.origin import origin
from tests.session.harness import Session, event_of, node_named, record

HEAD = "import torch, torch.nn as nn, torch.nn.functional as F\n"


def last_spoiled(session: Session) -> ArrayRef:
    """The array that the last event made which made one with a number that is not finite."""
    iteration = session.iterations[-1]
    for event in range(len(iteration.events) - 1, -1, -1):
        node = iteration.events[event].node
        role = "grad" if iteration.events[event].phase == "backward" else "value"
        ref = ArrayRef(iteration.index, event, node, role)  # type: ignore[arg-type]
        array = session.controller.find(ref)
        if array is not None and not np.isfinite(array).all():
            return ref
    raise AssertionError("all numbers are finite")


def trail_in(session: Session, ref: ArrayRef | None = None) -> Trail:
    return origin(session.iterations[-1], session.controller.find, ref or last_spoiled(session))


def blamed(session: Session, trail: Trail) -> str:
    """The last step in words: "backward log"; "x" for a leaf that had it from the start."""
    iteration, last = session.iterations[-1], trail.steps[-1]
    name = iteration.nodes[last.node].qualified_name
    return f"{iteration.events[last.event].kind} {name}" if last.event >= 0 else name


def said(trail: Trail) -> str:
    """What the last step says, in English."""
    return " ".join(template.format(*arguments) for template, arguments in trail.steps[-1].sentences)


X = "x = torch.tensor({0}, requires_grad=True)\n"
CASES = {
    "log of 0": (X.format("[1., 0., 2.]") + "(torch.log(x) * 2).sum().backward()", "forward log", "x = 0"),
    "0 / 0": (
        X.format("[0., 1.]") + "(x / torch.tensor([0., 1.])).sum().backward()",
        "forward div",
        "x = 0, y = 0",
    ),
    "division by the number 0": (X.format("[1.]") + "(x / 0).sum().backward()", "forward div", "x = 1"),
    "slope of sqrt at 0": (
        X.format("[0., 4.]") + "torch.sqrt(x * 1).sum().backward()",
        "backward sqrt",
        "gradient = 1, x = 0",
    ),
    "branch that where discards": (
        X.format("[0., 1.]") + "torch.where(x > 0, torch.log(x), torch.zeros(2)).sum().backward()",
        "backward log",
        "NaN out of finite numbers: gradient = 0, x = 0",
    ),
    "overflow that where discards": (
        X.format("[1e3, 1.]") + "torch.where(x < 50, torch.exp(x), torch.zeros(2)).sum().backward()",
        "forward exp",
        "x = 1000",
    ),
    "softmax by hand overflows": (
        X.format("[1., 100.]") + "p = torch.exp(x)\n(p / p.sum()).sum().backward()",
        "forward exp",
        "inf at 1 of 2 elements, such as [1]",
    ),
    "softmax of a row that is masked out": (
        "x = torch.zeros(2, 3, requires_grad=True)\nmask = torch.tensor([[True] * 3, [False] * 3])\n"
        "torch.softmax(x.masked_fill(mask, float('-inf')), -1).sum().backward()",
        "forward softmax",
        "NaN at 3 of 2×3 elements, such as [0, 0]",
    ),
    "softmax with a mask that is added": (
        "x = torch.zeros(2, 3, requires_grad=True)\nmask = torch.full((2, 3), float('-inf'))\n"
        "torch.softmax(x + mask, -1).sum().backward()",
        "forward softmax",
        "which mask holds on purpose",
    ),
    "a mask is no fault": (
        "x = torch.zeros(2, 3, requires_grad=True)\nmask = torch.tensor([[True, False, False]] * 2)\n"
        "p = torch.softmax(x.masked_fill(mask, float('-inf')), -1)\n(p * p.log()).sum().backward()",
        "forward log",
        "x = 0",
    ),
    "infinite learning rate": (
        X.format("[1., 2.]")
        + "optimizer = torch.optim.SGD([x], lr=float('inf'))\n(x * torch.tensor([1., 0.])).sum().backward()\n"
        "optimizer.step()",
        "update x",
        "grad (2) 0 … 1",
    ),
    "Adam with an infinite gradient": (
        X.format("[0., 1.]")
        + "optimizer = torch.optim.Adam([x])\ntorch.sqrt(x).sum().backward()\noptimizer.step()",
        "backward sqrt",
        "inf at 1 of 2 elements",
    ),
    "data": (
        "net = nn.Linear(2, 1)\nbatch = torch.tensor([[1., 2.], [float('nan'), 1.]])\n"
        "net(batch).mean().backward()",
        "batch",
        "NaN at 1 of 2×2 elements, such as [1, 0]",
    ),
    "initialisation": (
        "net = nn.Linear(2, 1)\nnn.init.constant_(net.weight, float('nan'))\n"
        "net(torch.ones(3, 2)).mean().backward()",
        "net.weight",
        "NaN at 2 of 1×2 elements",
    ),
    "norm by hand at 0": (
        X.format("[0., 0.]") + "((x - 0) ** 2).sum().sqrt().backward()",
        "backward sqrt",
        "gradient = 1, x = 0",
    ),
    "p log p at 0": (X.format("[0., 1.]") + "(x * x.log()).sum().backward()", "forward log", "x = 0"),
    "slope of 0 in a loss that is NaN": (
        X.format("[0., 1.]") + "(torch.log(x) * torch.sqrt(x * 0)).sum().backward()",
        "forward log",
        "x = 0",
    ),
    "every label ignored": (
        "x = torch.zeros(2, 3, requires_grad=True)\n"
        "F.cross_entropy(x, torch.tensor([-100, -100])).backward()",
        "forward nll_loss",
        "There are no elements to average",
    ),
    "one of several uses": (
        X.format("[0., 1.]") + "h = x * 1\n(h * 3 + torch.sqrt(h) + h * h).sum().backward()",
        "backward sqrt",
        "x = 0",
    ),
    "product that overflows": (
        "x = torch.full((2, 2), 3e38)\nw = torch.ones(2, 2, requires_grad=True)\n(x @ w).sum().backward()",
        "forward mm",
        "a (2×2) 3e+38 … 3e+38",
    ),
    "backward() started with it": (
        X.format("[1.]") + "(x * 2).backward(torch.tensor([float('nan')]))",
        "backward mul",
        "backward() was started at mul",
    ),
    "a hook": (
        X.format("[1.]") + "y = x * 2\ny.register_hook(lambda g: g * float('nan'))\n(y * 3).sum().backward()",
        "backward mul",
        "A hook put NaN into the gradient of mul",
    ),
    "in place": (
        "x = torch.tensor([0., 1.])\nw = torch.ones(2, requires_grad=True)\ny = x * w\ny.log_()\n"
        "y.sum().backward()",
        "forward log_",
        "-inf",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_nan_is_blamed_on_the_event_that_made_it(case: str) -> None:
    text, event, words = CASES[case]
    session = record(HEAD + text, ["end"])
    trail = trail_in(session)
    assert blamed(session, trail) == event
    assert words in said(trail)
    assert trail.outcome == ("given" if event in ("batch", "net.weight", "backward mul") else "made")


def test_anomaly_mode_would_blame_the_innocent() -> None:
    """What pytorch/pytorch#160016 asks for: a NaN of the forward pass first shows in the backward of another
    operation, an earlier line's, and an infinite gradient only as NaN in the optimizer."""
    text = HEAD + (
        "weight = torch.ones(2, requires_grad=True)\nbias = torch.zeros(2, requires_grad=True)\n"
        "optimizer = torch.optim.Adam([weight, bias], lr=0.1)\n"
        "hidden = weight * torch.tensor([1., 4.])\n"
        "shifted = hidden - torch.tensor([2., 1.])\n"
        "root = torch.sqrt(shifted) + bias\n"
        "loss = (root * hidden).sum()\n"
        "loss.backward()\noptimizer.step()\n"
    )
    session = record(text, ["end"])
    iteration = session.iterations[-1]
    asked = {
        "loss": ("forward", node_named(iteration, "sum"), "value"),
        "gradient": ("accumulate", node_named(iteration, "weight"), "grad"),
        "weight": ("update", node_named(iteration, "weight"), "value"),
    }
    for kind, node, role in asked.values():
        ref = ArrayRef(iteration.index, event_of(iteration, kind, node), node.id, role)  # type: ignore[arg-type]
        trail = trail_in(session, ref)
        assert blamed(session, trail) == "forward sqrt"
        assert "x = -1" in said(trail)


def test_a_nan_from_the_iteration_before_is_followed_there() -> None:
    text = HEAD + (
        "w = torch.tensor([0., 1.], requires_grad=True)\noptimizer = torch.optim.SGD([w], lr=0.1)\n"
        "for i in range(2):\n    loss = (torch.sqrt(w) * 2).sum()\n    optimizer.zero_grad()\n"
        "    loss.backward()\n    optimizer.step()\n"
    )
    second = record(text, ["iteration"] * 2)
    trail = trail_in(second)
    assert trail.outcome == "earlier" and blamed(second, trail) == "w"
    first = record(text.replace("range(2)", "range(1)"), ["iteration"])
    node = first.iterations[-1].nodes[trail.steps[-1].node]
    last = len(first.iterations[-1].events) - 1
    assert blamed(first, trail_in(first, ArrayRef(0, last, node.id, trail.steps[-1].role))) == "backward sqrt"


def test_a_gradient_that_was_not_zeroed_is_followed_into_the_iteration_before() -> None:
    text = HEAD + (
        "w = torch.tensor([0., 1.], requires_grad=True)\noptimizer = torch.optim.SGD([w], lr=0.0)\n"
        "for i in range(2):\n    loss = (torch.sqrt(w) if i == 0 else w * 2).sum()\n    loss.backward()\n"
        "    with torch.no_grad(): w.copy_(torch.ones(2))\n    optimizer.step()\n"
    )
    session = record(text, ["iteration"] * 2)
    iteration = session.iterations[-1]
    w = node_named(iteration, "w")
    trail = trail_in(session, ArrayRef(1, event_of(iteration, "accumulate", w), w.id, "grad"))
    assert trail.outcome == "earlier" and "w.grad held inf" in said(trail)


def test_finite_and_missing_arrays_have_no_origin() -> None:
    session = record(HEAD + "x = torch.ones(2, requires_grad=True)\n(x * 2).sum().backward()\n", ["end"])
    assert trail_in(session, ArrayRef(0, 0, 1, "value")) == Trail("finite")
    assert trail_in(session, ArrayRef(0, 0, 1, "grad")) == Trail("unknown")
    unknown = answers.origins(None, session.controller.find, Origin(3, ArrayRef(7, 0, 1, "value")))
    assert unknown == Origins(3, Trail("unknown"))
