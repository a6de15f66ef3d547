"""Supervised contrastive loss (Khosla et al., 2020): among all pairs of a batch, those of one class must stand out.

For features that a later classifier builds on. Outputs become directions; the
similarity of each pair is a score, and the softmax runs over the others of
the batch. Look at `similarity`: [N, N], and its gradient pulls where two
labels agree and pushes elsewhere.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F


class SupervisedContrastive(nn.Module):
    def __init__(self, temperature=0.5):
        super().__init__()
        self.temperature = temperature

    def forward(self, outputs, labels):
        z = F.normalize(outputs, dim=1)
        itself = torch.eye(len(labels), dtype=torch.bool)
        similarity = (z @ z.t() / self.temperature).masked_fill(itself, -1e9)
        log_p = F.log_softmax(similarity, dim=1)
        positive = (labels.unsqueeze(1) == labels.unsqueeze(0)) & ~itself
        pairs = positive.sum(dim=1).clamp(min=1)  # a class may be alone in the batch
        return (-(log_p * positive).sum(dim=1) / pairs).mean()
