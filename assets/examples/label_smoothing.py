"""Cross-entropy against smoothed labels (Szegedy et al., 2016): a little of the target goes to every class."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class LabelSmoothing(nn.Module):
    def __init__(self, smoothing=0.1):
        super().__init__()
        self.smoothing = smoothing

    def forward(self, outputs, labels):
        log_p = F.log_softmax(outputs, dim=1)
        right_class = -log_p.gather(1, labels.unsqueeze(1)).squeeze(1)
        all_classes = -log_p.mean(dim=1)
        return torch.mean((1 - self.smoothing) * right_class + self.smoothing * all_classes)
