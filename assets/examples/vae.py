"""A variational autoencoder (Kingma and Welling, 2014): two losses that pull against each other.

An image becomes a mean and a variance, a point is drawn from there, and a
decoder draws the image again. The noise comes in as an input, so that the
gradient passes by it (the reparameterization trick): look at `z`, where mean
and spread meet. The second loss keeps the points near a normal distribution.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F


class VAE(nn.Module):
    def __init__(self, size=8):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU())
        self.mean = nn.Linear(128, size)
        self.log_variance = nn.Linear(128, size)
        self.decoder = nn.Sequential(nn.Linear(size, 128), nn.ReLU(), nn.Linear(128, 784))

    def forward(self, images):
        hidden = self.encoder(images)
        mean, log_variance = self.mean(hidden), self.log_variance(hidden)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        return self.decoder(z), mean, log_variance


net = VAE()
optimizer = torch.optim.Adam(net.parameters(), lr=0.002)

for epoch in range(2):
    for images, _ in train_loader:
        target = images.flatten(1).clamp(0, 1)
        drawn, mean, log_variance = net(images)
        redrawn = F.binary_cross_entropy_with_logits(drawn, target, reduction="sum") / len(images)
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum() / len(images)
        loss = redrawn + divergence
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch + 1}: drawn {redrawn.item():.1f}  divergence {divergence.item():.2f}")
