"""Programs with large graphs, as people write them: text for the session to run."""

from __future__ import annotations

TRANSFORMER = """
import torch
import torch.nn as nn

layer = nn.TransformerEncoderLayer(16, 4, 32, dropout=0.0, batch_first=True)
net = nn.TransformerEncoder(layer, 12)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
net(torch.rand(2, 5, 16)).pow(2).mean().backward()
optimizer.step()
"""

RESIDUAL = """
import torch
import torch.nn as nn
import torch.nn.functional as F

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.conv2, self.bn2 = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        return F.relu(x + self.bn2(self.conv2(out)))

net = nn.Sequential(*[Block() for _ in range(50)])
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
net(torch.rand(2, 4, 4, 4)).mean().backward()
optimizer.step()
"""

LSTM_CELL = """
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.out = nn.LSTMCell(4, 8), nn.Linear(8, 1)

    def forward(self, steps):
        h, c = torch.zeros(2, 8), torch.zeros(2, 8)
        for x in steps:
            h, c = self.cell(x, (h, c))
        return self.out(h)

net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
net(torch.rand(1000, 2, 4)).mean().backward()
optimizer.step()
"""

LSTM = """
import torch
import torch.nn as nn

net = nn.LSTM(4, 8)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
net(torch.rand(1000, 2, 4))[0].mean().backward()
optimizer.step()
"""

SCALARS = """
import random
import torch

class Neuron:
    def __init__(self, inputs):
        self.w = [torch.tensor(random.uniform(-1, 1), requires_grad=True) for _ in range(inputs)]
        self.b = torch.tensor(0.0, requires_grad=True)

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
        return act.tanh()

    def parameters(self):
        return self.w + [self.b]

class MLP:
    def __init__(self, sizes):
        self.layers = [[Neuron(i) for _ in range(o)] for i, o in zip(sizes, sizes[1:])]

    def __call__(self, x):
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0]

    def parameters(self):
        return [p for layer in self.layers for neuron in layer for p in neuron.parameters()]

net = MLP([2, 16, 16, 1])
points = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(56)]
loss = sum((net(x) - (1 if x[0] > x[1] else -1)) ** 2 for x in points)
loss.backward()
for p in net.parameters():
    p.data -= 0.01 * p.grad
"""

ROW = """
import torch

x = torch.ones(3, requires_grad=True)
y = x
for i in range(100_000):
    y = y * 1.00001
y.sum().backward()
x.data -= 0.01 * x.grad
"""

PROGRAMS = {
    "12-layer transformer": TRANSFORMER,
    "50 residual blocks": RESIDUAL,
    "LSTMCell, 1,000 steps": LSTM_CELL,
    "nn.LSTM, 1,000 steps": LSTM,
    "scalar MLP": SCALARS,
    "100,000 in a row": ROW,
}
