"""Focal loss (Lin et al., 2017): examples that are already right count less.  FL = -(1 - p)^gamma log p"""

import torch
import torch.nn as nn
import torch.nn.functional as F


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma

    def forward(self, outputs, labels):
        log_p = F.log_softmax(outputs, dim=1).gather(1, labels.unsqueeze(1)).squeeze(1)
        p = torch.exp(log_p)
        return (-((1 - p) ** self.gamma) * log_p).mean()
