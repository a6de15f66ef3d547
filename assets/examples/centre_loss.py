"""Centre loss (Wen et al., 2016): cross-entropy, and each sample is pulled towards the centre of its class.

For features that lie close together within a class, as in recognising faces.
The centres are parameters of the loss: they learn with the network, so look
for `centres` among the updates. `centres[labels]` hands each centre the sum
of what its samples ask for.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F


class CentreLoss(nn.Module):
    def __init__(self, classes=10, features=10, weight=0.05):
        super().__init__()
        self.centres = nn.Parameter(torch.zeros(classes, features))
        self.weight = weight

    def forward(self, outputs, labels):
        away = outputs - self.centres[labels]
        return F.cross_entropy(outputs, labels) + self.weight * (away**2).sum(dim=1).mean()


criterion = CentreLoss()
