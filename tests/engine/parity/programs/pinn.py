"""A network that solves the heat equation u_t = 0.1 u_xx: derivatives of its output by its inputs."""

import math

import torch
from torch import nn

torch.manual_seed(123)
net = nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 20), nn.SiLU(), nn.Linear(20, 1)).double()
x = torch.rand(64, 1, dtype=torch.float64, requires_grad=True)
t = torch.rand(64, 1, dtype=torch.float64, requires_grad=True)


def loss_of_equation():
    u = net(torch.cat([x, t], dim=1))
    u_t, u_x = torch.autograd.grad(u, (t, x), grad_outputs=torch.ones_like(u), create_graph=True)
    u_xx = torch.autograd.grad(u_x.sum(), x, create_graph=True)[0]
    at_start = net(torch.cat([x, torch.zeros_like(t)], 1)) - torch.sin(math.pi * x)
    return (u_t - 0.1 * u_xx).pow(2).mean() + at_start.pow(2).mean()


optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(30):
    optimizer.zero_grad()
    loss = loss_of_equation()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(step, loss.item())

optimizer = torch.optim.LBFGS(net.parameters(), max_iter=8, history_size=10, line_search_fn="strong_wolfe")


def closure():
    optimizer.zero_grad()
    loss = loss_of_equation()
    loss.backward()
    return loss


for step in range(3):
    print("L-BFGS", step, optimizer.step(closure).item())
