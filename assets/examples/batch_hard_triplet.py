"""Triplet loss with the hardest of the batch (Hermans et al., 2017): same digits near, others far.

The outputs are taken as points. For each one, the farthest of its own class
must be nearer than the nearest of another class, by a margin. Look at `max`
and `min`: the gradient goes to the one sample each that they chose, and where
the triplet is good enough already, the ReLU lets nothing through.
"""

import torch
import torch.nn as nn


class BatchHardTriplet(nn.Module):
    def __init__(self, margin=1.0):
        super().__init__()
        self.margin = margin

    def forward(self, outputs, labels):
        difference = outputs.unsqueeze(1) - outputs.unsqueeze(0)
        # a little is added because the square root has no derivative at 0, the distance to oneself
        distance = torch.sqrt((difference**2).sum(dim=2) + 1e-6)
        same = labels.unsqueeze(1) == labels.unsqueeze(0)
        farthest_same = distance.masked_fill(~same, 0).max(dim=1).values
        nearest_other = distance.masked_fill(same, float("inf")).min(dim=1).values
        return torch.relu(farthest_same - nearest_other + self.margin).mean()
