"""A Wasserstein GAN: the penalty on the critic's gradient is differentiated once more."""

import math

import torch
from torch import autograd, nn, optim
from torch.autograd import Variable

torch.manual_seed(0)


def block(inputs, outputs, normalize=True):
    layers = [nn.Linear(inputs, outputs)]
    if normalize:
        layers.append(nn.BatchNorm1d(outputs, 0.8))
    layers.append(nn.LeakyReLU(0.2, inplace=True))
    return layers


generator = nn.Sequential(*block(4, 16, normalize=False), *block(16, 32), nn.Linear(32, 2), nn.Tanh())
critic = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2, inplace=True), nn.Linear(32, 1))
generator_optimizer = optim.Adam(generator.parameters(), lr=0.001, betas=(0.5, 0.9))
critic_optimizer = optim.Adam(critic.parameters(), lr=0.001, betas=(0.5, 0.9))


def gradient_penalty(real, fake):
    share = torch.rand(real.size(0), 1)
    between = (share * real + (1 - share) * fake).requires_grad_(True)
    scores = critic(between)
    ones = Variable(torch.FloatTensor(real.shape[0], 1).fill_(1.0), requires_grad=False)
    gradients = autograd.grad(
        outputs=scores, inputs=between, grad_outputs=ones, create_graph=True, only_inputs=True
    )[0]
    return ((gradients.view(gradients.size(0), -1).norm(2, dim=1) - 1) ** 2).mean()


angle = torch.rand(256) * 2 * math.pi
data = torch.stack([angle.cos(), angle.sin()], 1) * 0.7
for i in range(30):
    real = data[(i * 32) % 256 : (i * 32) % 256 + 32]
    critic_optimizer.zero_grad()
    fake = generator(torch.randn(32, 4))
    penalty = gradient_penalty(real.data, fake.data)
    loss = critic(fake.detach()).mean() - critic(real).mean() + 10 * penalty
    loss.backward()
    critic_optimizer.step()
    if i % 5 == 0:
        generator_optimizer.zero_grad()
        generator_loss = -critic(generator(torch.randn(32, 4))).mean()
        generator_loss.backward()
        generator_optimizer.step()
        print(f"[{i:2d}] critic {loss.item():f} generator {generator_loss.item():f} penalty {penalty:f}")
print(generator)
