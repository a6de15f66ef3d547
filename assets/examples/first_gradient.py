"""The smallest graph: one neuron by hand, and the chain rule through it."""

import torch

x = torch.tensor(2.0)
target = torch.tensor(1.0)
w = torch.tensor(-0.5, requires_grad=True)
b = torch.tensor(0.3, requires_grad=True)

y = torch.tanh(w * x + b)
loss = (y - target) ** 2
loss.backward()

print("loss ", loss.item())
print("dL/dw", w.grad.item())
print("dL/db", b.grad.item())

# The same by the chain rule: dL/dy = 2 (y - target), dy/dz = 1 - y², dz/dw = x, dz/db = 1.
by_hand = 2 * (y - target) * (1 - y**2)
print("dL/dw by hand", (by_hand * x).item())
print("dL/db by hand", by_hand.item())
