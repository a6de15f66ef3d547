"""Quantile loss (Koenker and Bassett, 1978): three lines under which 10, 50 and 90 % of the points lie.

For forecasts that say how sure they are. An error is weighed with q when the
line is too low and with 1 - q when it is too high. Look at the gradient of
`predicted`: it takes two values a column only, and the learning stands still
when they balance.
"""

import torch
import torch.nn as nn

torch.manual_seed(0)
x = torch.rand(200, 1)
y = 2 * x + (0.2 + x) * torch.randn(200, 1)  # the noise grows with x

quantiles = torch.tensor([0.1, 0.5, 0.9])
net = nn.Linear(1, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.2)

for step in range(300):
    predicted = net(x)
    error = y - predicted
    loss = torch.maximum(quantiles * error, (quantiles - 1) * error).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

below = (y < net(x)).float().mean(dim=0)
print("points below the lines:", [f"{100 * share:.1f} %" for share in below.tolist()])
