"""Graphs of a higher order: what a backward pass computes is part of the graph, in a box of its own."""

import pytest
from msgspec.structs import replace

from gradviz.session.protocol import ProtocolError, Recorded, decode_report, encode
from gradviz.trace.folding import fold
from gradviz.trace.graph import InBackward
from tests.session.harness import SMALL_NET, node_named, record

PENALTY = """
import torch
import torch.nn as nn

critic = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(critic.parameters(), lr=0.01)
x = torch.randn(16, 4, requires_grad=True)
for step in range(3):
    gradient, = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    loss = ((gradient.norm(dim=1) - 1) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""

HESSIAN = """
import torch
w = torch.tensor([1.0, 2.0, -1.0], requires_grad=True)
f = (w ** 3).sum() + w.prod().sin()
g, = torch.autograd.grad(f, w, create_graph=True)
product, = torch.autograd.grad(g @ torch.ones(3), w, create_graph=True)
product.sum().backward()
"""

INNER_STEPS = """
import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
fast = w
for _ in range(6):
    g, = torch.autograd.grad((fast ** 2).sum().sin(), fast, create_graph=True)
    fast = fast - 0.1 * g
(fast ** 2).sum().backward()
"""


def made_in(iteration, walk: int) -> list:
    return [node for node in iteration.nodes if node.in_backward and node.in_backward.walk == walk]


def test_what_a_pass_computes_is_known_by_whose_backward_it_is():
    iteration = record(PENALTY).iterations[0]
    tanh = node_named(iteration, "critic.1/tanh")
    of_tanh = [node.name for node in iteration.nodes if node.in_backward == InBackward(0, tanh.id)]
    assert of_tanh == ["mul", "rsub", "mul"]
    assert made_in(iteration, 1) == []  # loss.backward() works on numbers alone
    assert node_named(iteration, "norm").in_backward is None


def test_it_goes_into_a_box_for_the_pass_and_boxes_for_the_operations_in_it():
    iteration = record(PENALTY).iterations[0]
    folding = fold(iteration)
    boxes = {path: scope.detail for path, scope in folding.scopes.items() if path.startswith("backward.")}
    assert boxes == {
        "backward.AddmmBackward0": "critic.2/addmm",
        "backward.TanhBackward0": "critic.1/tanh",
        "backward.AddmmBackward0#2": "critic.0/addmm",
    }
    inside = {folding.of[node.id] for node in made_in(iteration, 0)}
    assert inside <= {"backward", *boxes}


def test_a_pass_over_a_pass_has_a_box_of_its_own():
    iteration = record(HESSIAN).iterations[0]
    folding = fold(iteration)
    assert {"backward", "backward#2"} <= folding.scopes.keys()
    second = made_in(iteration, 1)
    assert any(
        iteration.nodes[node.in_backward.of].in_backward for node in second if node.in_backward.of >= 0
    )
    assert {folding.of[node.id].partition(".")[0] for node in second} == {"backward#2"}


def test_gradients_that_are_summed_up_are_nobodys():
    iteration = record(HESSIAN).iterations[0]
    sums = [node for node in made_in(iteration, 0) if node.in_backward.of < 0]
    assert sums and {node.name for node in sums} == {"add"}
    assert all(fold(iteration).of[node.id] == "backward" for node in sums)


def test_inner_steps_are_rounds_with_their_backward_in_them():
    iteration = record(INNER_STEPS).iterations[0]
    folding = fold(iteration)
    of_walk: dict[int, set[str]] = {}
    for node in iteration.nodes:
        if node.in_backward:
            path = folding.of[node.id]
            of_walk.setdefault(node.in_backward.walk, set()).add(path[: path.index(".backward")])
    assert [rounds for _, rounds in sorted(of_walk.items())] == [{f":6.[{i + 1}]"} for i in range(6)]


def test_a_pass_that_fails_is_over():
    program = """
import torch
x = torch.ones(2, requires_grad=True)
class Broken(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2
    @staticmethod
    def backward(ctx, g):
        raise ArithmeticError("no")
try:
    Broken.apply(x).sum().backward()
except ArithmeticError:
    pass
(x * 3).sum().backward()
"""
    iteration = record(program).iterations[-1]
    assert all(node.in_backward is None for node in iteration.nodes)


def test_an_ordinary_net_has_no_such_boxes():
    iteration = record(SMALL_NET).iterations[0]
    assert all(node.in_backward is None for node in iteration.nodes)
    assert not any(path.startswith("backward") for path in fold(iteration).scopes)


def test_nothing_runs_in_the_backward_of_what_comes_later():
    iteration = record(PENALTY).iterations[0]
    first = next(node for node in iteration.nodes if node.in_backward)
    place = iteration.nodes.index(first)
    iteration.nodes[place] = replace(first, in_backward=InBackward(0, place))
    with pytest.raises(ProtocolError, match="in the backward of node"):
        decode_report(encode(Recorded(iteration)))


def test_names_of_nodes_are_what_they_would_be_without_boxes():
    """A run from before is still compared with the same keys."""
    iteration = record(PENALTY).iterations[0]
    assert all(node.key.startswith("/") for node in made_in(iteration, 0))
