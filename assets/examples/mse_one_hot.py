"""Mean squared error between the outputs and one-hot labels: classification treated as regression."""

import torch.nn.functional as F


def mse_one_hot(outputs, labels):
    targets = F.one_hot(labels, num_classes=10).float()
    return ((outputs - targets) ** 2).mean()
