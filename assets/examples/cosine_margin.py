"""Large-margin cosine loss (CosFace, Wang et al., 2018): only the direction of the outputs counts.

The outputs are divided by their length, the right class must win by a margin,
and a scale makes up for cosines lying between -1 and 1. Look at the gradient
of `outputs`: it stands at right angles to them, because their length does not
matter (the sum of gradient times output over a row is 0).
"""

import torch
import torch.nn as nn
import torch.nn.functional as F


class CosineMargin(nn.Module):
    def __init__(self, scale=8.0, margin=0.2):
        super().__init__()
        self.scale = scale
        self.margin = margin

    def forward(self, outputs, labels):
        cosine = outputs / torch.linalg.vector_norm(outputs, dim=1, keepdim=True)
        right = F.one_hot(labels, num_classes=outputs.shape[1]).to(cosine.dtype)
        return F.cross_entropy(self.scale * (cosine - self.margin * right), labels)
