"""Wasserstein GAN with gradient penalty (Gulrajani et al., 2017): a gradient of a gradient.

The critic's slope between real and generated points should be 1.
`create_graph=True` makes the first backward pass a part of the graph, and
`loss.backward()` runs through it. Look at the graph with `penalty` selected
and only its ancestors shown (A): the operations of a backward pass are among
them.
"""

import math

import torch
import torch.nn as nn

torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))
critic = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
generator_optimizer = torch.optim.Adam(generator.parameters(), lr=0.005, betas=(0.5, 0.9))
critic_optimizer = torch.optim.Adam(critic.parameters(), lr=0.01, betas=(0.5, 0.9))


def real_points(n):
    angle = 2 * math.pi * torch.rand(n, 1)
    return torch.cat([torch.cos(angle), torch.sin(angle)], dim=1)


def gradient_penalty(real, generated):
    share = torch.rand(len(real), 1)
    between = (share * real + (1 - share) * generated).requires_grad_()
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return ((slope.norm(dim=1) - 1) ** 2).mean()


for step in range(150):
    real, generated = real_points(32), generator(torch.randn(32, 2)).detach()
    penalty = gradient_penalty(real, generated)
    critic_loss = critic(generated).mean() - critic(real).mean() + 10 * penalty
    critic_optimizer.zero_grad()
    critic_loss.backward()
    critic_optimizer.step()

    if step % 3 == 2:  # the critic learns more often
        generator_loss = -critic(generator(torch.randn(32, 2))).mean()
        generator_optimizer.zero_grad()
        generator_loss.backward()
        generator_optimizer.step()

print(f"critic {critic_loss.item():.4f}  penalty {penalty.item():.4f}")
