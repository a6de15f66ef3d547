"""Multi-class hinge (Weston & Watkins, 1999): every wrong class must stay a margin below the right one."""

import torch
import torch.nn as nn


class MulticlassHinge(nn.Module):
    def __init__(self, margin=1.0):
        super().__init__()
        self.margin = margin

    def forward(self, outputs, labels):
        right = outputs.gather(1, labels.unsqueeze(1))
        violations = torch.clamp(outputs - right + self.margin, min=0)
        # The right class is compared with itself too, which always adds one margin: take it off.
        return (violations.sum(dim=1) - self.margin).mean() / outputs.shape[1]


criterion = MulticlassHinge()
