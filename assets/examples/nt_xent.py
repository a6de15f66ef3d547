"""NT-Xent, the contrastive loss of SimCLR (Chen et al., 2020): learning from images without their labels.

Each image is disturbed twice; the two views must find each other among all
the views of the batch. Look at `similarity`: its diagonal of width 64 is what
the loss pulls up. The labels are not used.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

net = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 16))
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)


def nt_xent(a, b, temperature=0.5):
    z = F.normalize(torch.cat([a, b]), dim=1)
    n = len(a)
    itself = torch.eye(2 * n, dtype=torch.bool)
    similarity = (z @ z.t() / temperature).masked_fill(itself, float("-inf"))
    partner = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(similarity, partner)


def disturb(images):
    kept = (torch.rand_like(images) > 0.3).float()
    return images * kept + 0.1 * torch.randn_like(images)


for epoch in range(2):
    for images, _ in train_loader:
        loss = nt_xent(net(disturb(images)), net(disturb(images)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch + 1}: last loss {loss.item():.4f}")
