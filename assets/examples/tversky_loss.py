"""Tversky loss (Salehi et al., 2017): Dice with a price for each kind of mistake.

For rare classes that must not be missed: alpha weighs false alarms, beta
weighs misses; at one half each it is Dice. Look at the gradient of `outputs`:
raise beta, and the columns of the true classes are pulled up harder.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F


class TverskyLoss(nn.Module):
    def __init__(self, alpha=0.3, beta=0.7, smooth=1.0):
        super().__init__()
        self.alpha = alpha
        self.beta = beta
        self.smooth = smooth

    def forward(self, outputs, labels):
        p = torch.softmax(outputs, dim=1)
        target = F.one_hot(labels, num_classes=outputs.shape[1]).to(p.dtype)
        hits = (p * target).sum(dim=0)
        false_alarms = (p * (1 - target)).sum(dim=0)
        misses = ((1 - p) * target).sum(dim=0)
        index = (hits + self.smooth) / (hits + self.alpha * false_alarms + self.beta * misses + self.smooth)
        return 1 - index.mean()
