"""Model-agnostic meta-learning: the gradient of a loss after two steps of gradient descent."""

import math
from collections import OrderedDict

import torch
from torch import nn
from torch.func import functional_call
from torch.nn import functional as F

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)


def task():
    amplitude, phase = 0.1 + 4.9 * torch.rand(1), math.pi * torch.rand(1)

    def samples(count):
        x = torch.empty(count, 1).uniform_(-5, 5)
        return x, amplitude * torch.sin(x + phase)

    return samples


for iteration in range(12):
    optimizer.zero_grad()
    meta_loss = 0.0
    for _ in range(3):
        samples = task()
        (x, y), (x_query, y_query) = samples(10), samples(10)
        fast = OrderedDict(model.named_parameters())
        for _ in range(2):
            loss = F.mse_loss(functional_call(model, fast, (x,)), y)
            gradients = torch.autograd.grad(loss, fast.values(), create_graph=True)
            fast = OrderedDict((n, p - 0.01 * g) for (n, p), g in zip(fast.items(), gradients, strict=True))
        meta_loss = meta_loss + F.mse_loss(functional_call(model, fast, x_query), y_query)
    (meta_loss / 3).backward()
    optimizer.step()
    if iteration % 3 == 0:
        norm = torch.sqrt(sum(p.grad.pow(2).sum() for p in model.parameters()))
        print(
            f"iteration {iteration}: loss {meta_loss.item() / 3:.5f}, norm of the gradient {norm.item():.5f}"
        )
