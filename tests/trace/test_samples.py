"""What of a batch goes into the net, and what should come out of it, can be told from the graph."""

import pytest

from gradviz.trace.samples import part_of_batch
from tests.session.harness import node_named, record

HEAD = """
import torch, torch.nn as nn, torch.nn.functional as F
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
x, y = torch.rand(8, 3), torch.randint(0, 2, (8,))
"""
WAYS = {
    "cross entropy": "F.cross_entropy(net(x), y)",
    "one hot": "F.mse_loss(torch.softmax(net(x), 1), F.one_hot(y, 2).float())",
    "by hand": "((net(x)[:, 0] - y.float()) ** 2).mean()",
    "seen as another shape": "F.cross_entropy(net(x.view(-1, 3).flatten(1)), y.view(-1))",
    "input used twice": "F.cross_entropy(net(x) + x[:, :2], y)",
    "normalised": "F.cross_entropy(net((x - x.mean()) / x.std()), y)",
}


@pytest.mark.parametrize("loss", WAYS.values(), ids=WAYS)
def test_inputs_and_labels_are_told_apart(loss):
    iteration = record(f"{HEAD}\n{loss}.backward()").iterations[0]
    assert part_of_batch(iteration.nodes, node_named(iteration, "x")) == "input"
    assert part_of_batch(iteration.nodes, node_named(iteration, "y")) == "label"
