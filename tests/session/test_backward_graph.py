"""The backward graph that is derived from a recording is the one that the engine walks."""

import pytest

from gradviz.engine.tape import AccumulateGrad
from gradviz.session.recording import Recording
from gradviz.trace.backward_graph import backward_name, next_functions
from tests.session.harness import SMALL_NET, record

PROGRAMS = {
    "net": SMALL_NET,
    "sort": """
import torch
x = torch.rand(5, requires_grad=True)
values, order = x.sort()
(values.cumsum(0)[order] * x.detach() + x[1:].sum()).sum().backward()
""",
    "recurrent": """
import torch
cell = torch.nn.LSTMCell(3, 4)
h = c = torch.zeros(2, 4)
for _ in range(3):
    h, c = cell(torch.rand(2, 3), (h, c))
torch.cat([h, c]).pow(2).mean().backward()
""",
    "branches": """
import torch
a, b = torch.rand(3, requires_grad=True), torch.rand(3)
with torch.no_grad():
    scale = a.max()
torch.where(b > 0.5, a * scale, torch.stack([a, a])[0]).sum().backward()
""",
}


@pytest.fixture
def engines(monkeypatch):
    """The names of the engine's own next functions, by iteration and node, as a program is recorded."""
    seen: dict[tuple[int, int], list[str]] = {}
    forward = Recording.forward

    def listen(self, op, inputs, outputs):
        before = len(self.iteration.nodes)
        forward(self, op, inputs, outputs)
        if len(self.iteration.nodes) > before:
            functions = [function for function, _ in op.next_functions if function is not None]
            names = ["AccumulateGrad" if isinstance(f, AccumulateGrad) else f.name() for f in functions]
            seen[self.iteration.index, len(self.iteration.nodes) - 1] = names

    monkeypatch.setattr(Recording, "forward", listen)
    return seen


@pytest.mark.parametrize("name", PROGRAMS)
def test_next_functions_are_the_engines(name, engines):
    iteration = record(PROGRAMS[name]).iterations[-1]
    found = 0
    for node in iteration.nodes:
        if node.grad_fn:
            real = engines[iteration.index, node.id]
            assert [each.name for each in next_functions(iteration.nodes, node)] == real, node.qualified_name
            found += len(real)
    assert found > 5


def test_what_gets_a_gradient_has_a_backward_node():
    iteration = record(SMALL_NET).iterations[0]
    got = {event.node for event in iteration.events if event.phase == "backward"}
    assert got == {node.id for node in iteration.nodes if backward_name(node)}
