"""Cross-entropy minus a little entropy (Pereyra et al., 2017): a net that is too sure of itself pays for it.

For probabilities that are to be believed. Look at `log_p`: the gradient
arrives from two sides, one pulls the right class up, the other pulls all
classes together.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F


class ConfidencePenalty(nn.Module):
    def __init__(self, strength=0.1):
        super().__init__()
        self.strength = strength

    def forward(self, outputs, labels):
        log_p = F.log_softmax(outputs, dim=1)
        entropy = -(torch.exp(log_p) * log_p).sum(dim=1)
        return F.nll_loss(log_p, labels) - self.strength * entropy.mean()
