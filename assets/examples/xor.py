"""Two inputs, four hidden neurons, one output: a network small enough to follow every number as it learns XOR."""

import torch
import torch.nn as nn

torch.manual_seed(1)
inputs = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
targets = torch.tensor([[0.0], [1.0], [1.0], [0.0]])

net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1), nn.Sigmoid())
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)

for step in range(300):
    loss = criterion(net(inputs), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print("loss", round(loss.item(), 4))
print("answers", net(inputs).detach().round().flatten().tolist())
