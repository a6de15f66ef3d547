"""CTC (Graves et al., 2006): which sounds were said is known, when they were said is not.

Twelve time steps, five symbols, 0 is the blank. The loss adds up the
probabilities of all ways to spread the target over time. Look at the gradient
of the scores during training: at first it is smeared over all steps, then
each symbol finds its moment and blanks fill the rest.
"""

import torch
import torch.nn as nn

torch.manual_seed(0)
scores = nn.Parameter(0.1 * torch.randn(12, 1, 5))  # [time, batch, symbol]
target = torch.tensor([[1, 2, 2, 4]])
criterion = nn.CTCLoss(blank=0)
optimizer = torch.optim.SGD([scores], lr=3.0)

for step in range(60):
    log_p = scores.log_softmax(dim=2)
    loss = criterion(log_p, target, torch.tensor([12]), torch.tensor([4]))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print(f"loss {loss.item():.4f}, best path {scores.argmax(dim=2).flatten().tolist()}")
