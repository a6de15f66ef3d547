"""The built-in SimpleNet session, into which a loss snippet is put as `criterion`."""

import torch
import torch.nn as nn
import torch.optim as optim


class SimpleNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = torch.flatten(x, 1)
        x = self.fc1(x)
        x = torch.relu(x)
        x = self.fc2(x)
        return x


net = SimpleNet()
# a loss may have parameters of its own, which learn as well
parameters = [*net.parameters(), *(criterion.parameters() if isinstance(criterion, nn.Module) else ())]
optimizer = optim.SGD(parameters, lr=0.01)

for epoch in range(10):
    for images, labels in train_loader:
        outputs = net(images)
        loss = criterion(outputs, labels)

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
