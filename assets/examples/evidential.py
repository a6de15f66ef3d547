"""Evidential loss (Sensoy et al., 2018): the net counts evidence for each class and may say "I do not know".

The outputs are no scores but, after a ReLU, counts of evidence: alpha = 1 +
evidence is a Dirichlet distribution, and no evidence means uniform. The loss
is the expected squared error plus the variance. Look for dead evidence: where
the ReLU is 0 no gradient passes, and such a class cannot learn from that
sample.
"""

import torch
import torch.nn.functional as F


def evidential(outputs, labels):
    alpha = torch.relu(outputs) + 1
    strength = alpha.sum(dim=1, keepdim=True)
    p = alpha / strength
    target = F.one_hot(labels, num_classes=outputs.shape[1]).to(p.dtype)
    error = (target - p) ** 2
    variance = p * (1 - p) / (strength + 1)
    return (error + variance).sum(dim=1).mean()
