"""A small nn.Sequential trained with Adam, and its accuracy on the test images after every epoch."""

import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(
    nn.Flatten(),
    nn.Linear(784, 64),
    nn.ReLU(),
    nn.Linear(64, 10),
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)

for epoch in range(3):
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()

    correct = total = 0
    with torch.no_grad():
        for images, labels in test_loader:
            predicted = net(images).argmax(dim=1)
            correct += (predicted == labels).sum().item()
            total += len(labels)
    print(f"epoch {epoch + 1}: loss {loss.item():.4f}, test accuracy {correct / total:.1%}")
