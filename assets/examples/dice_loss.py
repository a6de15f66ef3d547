"""Dice loss (Milletari et al., 2016): how little predicted and true classes overlap, between 0 and 1.

For segmentation, where most pixels are background and cross-entropy would be
content with predicting just that: each class counts alike, however rare it
is. Look at the division: numerator and denominator both send a gradient back,
and a class that is missing in the batch is pushed down everywhere.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F


class DiceLoss(nn.Module):
    def __init__(self, smooth=1.0):
        super().__init__()
        self.smooth = smooth  # no division by zero for a class that is neither there nor predicted

    def forward(self, outputs, labels):
        p = torch.softmax(outputs, dim=1)
        target = F.one_hot(labels, num_classes=outputs.shape[1]).to(p.dtype)
        overlap = (p * target).sum(dim=0)
        total = p.sum(dim=0) + target.sum(dim=0)
        dice = (2 * overlap + self.smooth) / (total + self.smooth)
        return 1 - dice.mean()
