"""Momentum by hand (Polyak, 1964): the step is a running sum of gradients, so the way has inertia.

No optimizer class: a dictionary of velocities, written under no_grad. Look at
the valley's two directions: the steep one stops zigzagging, the flat one
gathers speed.
"""

import torch

position = torch.tensor([-4.0, 1.0], requires_grad=True)
steepness = torch.tensor([0.1, 5.0])
velocity = torch.zeros(2)
lr, momentum = 0.1, 0.8

for step in range(60):
    height = 0.5 * (steepness * position**2).sum()
    height.backward()
    with torch.no_grad():
        velocity.mul_(momentum).add_(position.grad)
        position.sub_(lr * velocity)
        position.grad.zero_()

print(f"height {height.item():.5f} at {position[0].item():.4f}, {position[1].item():.4f}")
