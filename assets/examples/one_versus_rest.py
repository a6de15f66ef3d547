"""Ten yes-or-no questions in place of one choice: binary cross-entropy with logits, written so that it never overflows.

For samples with several labels, or none. max(x, 0) - x * y + log(1 +
exp(-|x|)) is what BCEWithLogitsLoss computes. Look at the gradient of
`outputs`: it is (sigmoid(x) - y) / n, although no sigmoid was computed. A
sigmoid before this loss is a classic mistake.
"""

import torch
import torch.nn.functional as F


def one_versus_rest(outputs, labels):
    target = F.one_hot(labels, num_classes=outputs.shape[1]).to(outputs.dtype)
    positive = torch.clamp(outputs, min=0)
    return (positive - outputs * target + torch.log1p(torch.exp(-outputs.abs()))).mean()
