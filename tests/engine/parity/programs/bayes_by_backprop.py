"""Weights as distributions: samples that carry gradients, divergences, and a posterior of a coin."""

import torch
from torch import nn
from torch.distributions import Bernoulli, Beta, Categorical, MixtureSameFamily, Normal, kl_divergence
from torch.nn import functional as F

torch.manual_seed(0)


class BayesianLinear(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.mean = nn.Parameter(torch.empty(outputs, inputs).uniform_(-0.2, 0.2))
        self.rho = nn.Parameter(torch.full((outputs, inputs), -4.5))

    def forward(self, x):
        posterior = Normal(self.mean, F.softplus(self.rho))
        self.divergence = kl_divergence(posterior, Normal(0, 1)).sum()
        return F.linear(x, posterior.rsample())


first, second = BayesianLinear(1, 12), BayesianLinear(12, 1)
optimizer = torch.optim.Adam([*first.parameters(), *second.parameters()], lr=0.02)
x = torch.linspace(-2, 2, 40).unsqueeze(1)
y = x**3 * 0.3 + 0.1 * torch.randn(40, 1)
for step in range(40):
    optimizer.zero_grad()
    prediction = second(torch.tanh(first(x)))
    loss = -Normal(prediction, 0.2).log_prob(y).sum() + (first.divergence + second.divergence) / 40
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(step, loss.item())

flips = Bernoulli(0.7).sample((50,))
a, b = torch.ones((), requires_grad=True), torch.ones((), requires_grad=True)
optimizer = torch.optim.Adam([a, b], lr=0.1)
for step in range(40):
    posterior = Beta(F.softplus(a) + 0.1, F.softplus(b) + 0.1)
    odds = posterior.rsample((8,)).clamp(1e-4, 1 - 1e-4)
    evidence = Bernoulli(odds).log_prob(flips.unsqueeze(1)).sum(0).mean()
    loss = kl_divergence(posterior, Beta(1.0, 1.0)) - evidence
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(flips.sum(), posterior.mean, loss)
mixture = MixtureSameFamily(Categorical(torch.tensor([0.3, 0.7])), Normal(torch.tensor([-1.0, 2.0]), 0.5))
print(mixture, mixture.sample((4,)), mixture.log_prob(torch.tensor([0.0, 2.0])), mixture.variance)
