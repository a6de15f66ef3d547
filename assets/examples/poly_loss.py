"""PolyLoss (Leng et al., 2022): cross-entropy plus epsilon times (1 - p).

Cross-entropy is the series of (1 - p)^j / j, and this turns up its first
term. Look at how one probability p is used twice, and at the plus where the
two gradients meet and are added up.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F


class PolyLoss(nn.Module):
    def __init__(self, epsilon=2.0):
        super().__init__()
        self.epsilon = epsilon

    def forward(self, outputs, labels):
        log_p = F.log_softmax(outputs, dim=1).gather(1, labels.unsqueeze(1))
        return (-log_p + self.epsilon * (1 - torch.exp(log_p))).mean()
