"""One batch for a loss alone: outputs at random, labels of the data. A snippet is put in as `criterion`."""

import torch

images, labels = next(iter(train_loader))
outputs = torch.randn(len(labels), 10, requires_grad=True)
loss = criterion(outputs, labels)
loss.backward()
