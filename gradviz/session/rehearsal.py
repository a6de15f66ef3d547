"""One batch for a loss alone: outputs at random, labels of the data. A snippet is put in as `criterion`."""

import torch

images, labels = next(iter(train_loader))
outputs = torch.randn(len(labels), 10, requires_grad=True)
loss = criterion(outputs, labels)
if not isinstance(loss, torch.Tensor) or loss.numel() != 1:
    found = f"a tensor of shape {list(loss.shape)}" if isinstance(loss, torch.Tensor) else type(loss).__name__
    raise TypeError(f"a loss is one number, a tensor with one element: this one returned {found}")
loss.backward()
