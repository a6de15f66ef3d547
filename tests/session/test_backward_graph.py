"""The backward graph that is derived from a recording is the one that the engine walks."""

import pytest

from gradviz.engine.tape import AccumulateGrad
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


@pytest.mark.parametrize("name", PROGRAMS)
def test_next_functions_are_the_engines(name):
    session = record(PROGRAMS[name])
    iteration = session.iterations[-1]
    recording = session.controller.recording(iteration.index)
    seen = 0
    for node in iteration.nodes:
        op = recording.operation(node.id)
        if op is None or not node.grad_fn:
            continue
        real = [
            "AccumulateGrad" if isinstance(function, AccumulateGrad) else function.name()
            for function, _ in op.next_functions
            if function is not None
        ]
        assert [each.name for each in next_functions(iteration.nodes, node)] == real, node.qualified_name
        seen += len(real)
    assert seen > 5


def test_what_gets_a_gradient_has_a_backward_node():
    iteration = record(SMALL_NET).iterations[0]
    got = {event.node for event in iteration.events if event.phase == "backward"}
    assert got == {node.id for node in iteration.nodes if backward_name(node)}
