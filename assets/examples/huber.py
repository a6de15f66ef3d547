"""Huber loss (1964): squared for small errors, straight for large ones.

For regression with outliers: beyond delta an error pulls with the same force
however large it is. Look at the two branches of `where`: each element's
gradient passes through one of them, the other gets zeros. At delta itself
both agree, so there is no kink.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Huber(nn.Module):
    def __init__(self, delta=0.5):
        super().__init__()
        self.delta = delta

    def forward(self, outputs, labels):
        error = outputs - F.one_hot(labels, num_classes=outputs.shape[1]).to(outputs.dtype)
        squared = 0.5 * error**2
        straight = self.delta * (error.abs() - 0.5 * self.delta)
        return torch.where(error.abs() <= self.delta, squared, straight).mean()
