"""Generalized cross-entropy (Zhang and Sabuncu, 2018): (1 - p^q) / q, for labels some of which are wrong.

Between cross-entropy (q towards 0) and the mean absolute error (q = 1). Look
at the gradient of `outputs` by sample: cross-entropy shouts at a sample that
the net finds unlikely, here its share is damped by p^q, so wrong labels teach
less.
"""

import torch
import torch.nn as nn


class GeneralizedCrossEntropy(nn.Module):
    def __init__(self, q=0.7):
        super().__init__()
        self.q = q

    def forward(self, outputs, labels):
        p = torch.softmax(outputs, dim=1).gather(1, labels.unsqueeze(1))
        return ((1 - p**self.q) / self.q).mean()
