"""Knowledge distillation (Hinton et al., 2015): a small net learns what a larger one believes.

The teacher's probabilities at a temperature of 4 say more than the label:
this 7 looks a little like a 1. Look at the teacher during the second part: it
gets no gradient, because its outputs are computed under no_grad. The factor
T² keeps the gradient's size as T changes.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

teacher = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
student = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
T = 4.0

optimizer = torch.optim.Adam(teacher.parameters(), lr=0.002)
for images, labels in train_loader:
    loss = F.cross_entropy(teacher(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

optimizer = torch.optim.Adam(student.parameters(), lr=0.002)
for images, labels in train_loader:
    with torch.no_grad():
        believed = F.softmax(teacher(images) / T, dim=1)
    outputs = student(images)
    soft = F.kl_div(F.log_softmax(outputs / T, dim=1), believed, reduction="batchmean") * T * T
    hard = F.cross_entropy(outputs, labels)
    loss = 0.7 * soft + 0.3 * hard
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print(f"soft {soft.item():.4f}  hard {hard.item():.4f}")
