"""Deep Q-learning with replayed transitions and a target network, on a walk along a line."""

import math
import random
from collections import deque, namedtuple

import torch
from torch import nn, optim

random.seed(0)
torch.manual_seed(0)
Transition = namedtuple("Transition", ("state", "action", "next_state", "reward"))
BATCH, GAMMA, TAU = 32, 0.99, 0.05


class Line:
    """Starts at 0; the goal is at 4, the cliff at -4."""

    def reset(self):
        self.place = self.time = 0
        return self.state()

    def state(self):
        return torch.tensor([self.place, self.time / 20], dtype=torch.float32).unsqueeze(0)

    def step(self, action):
        self.place += 1 if action == 1 else -1
        self.time += 1
        reward = {4: 1.0, -4: -1.0}.get(self.place, -0.02)
        return self.state(), reward, abs(self.place) == 4


def network():
    return nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))


policy, target = network(), network()
target.load_state_dict(policy.state_dict())
optimizer = optim.AdamW(policy.parameters(), lr=1e-3, amsgrad=True)
memory = deque(maxlen=500)
steps = 0


def choose(state):
    global steps
    steps += 1
    if random.random() > 0.05 + 0.85 * math.exp(-steps / 100):
        with torch.no_grad():
            return policy(state).max(1).indices.view(1, 1)
    return torch.tensor([[random.randrange(2)]], dtype=torch.long)


def learn():
    batch = Transition(*zip(*random.sample(memory, BATCH), strict=True))
    going_on = torch.tensor([s is not None for s in batch.next_state], dtype=torch.bool)
    values = policy(torch.cat(batch.state)).gather(1, torch.cat(batch.action))
    next_values = torch.zeros(BATCH)
    with torch.no_grad():
        states = torch.cat([s for s in batch.next_state if s is not None])
        next_values[going_on] = target(states).max(1).values
    expected = next_values * GAMMA + torch.cat(batch.reward)
    loss = nn.SmoothL1Loss()(values, expected.unsqueeze(1))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(policy.parameters(), 100)
    optimizer.step()
    kept, new = target.state_dict(), policy.state_dict()
    target.load_state_dict({key: new[key] * TAU + kept[key] * (1 - TAU) for key in new})
    return loss.item()


environment, durations = Line(), []
for episode in range(16):
    state, loss = environment.reset(), None
    for t in range(20):
        action = choose(state)
        following, reward, done = environment.step(action.item())
        memory.append(Transition(state, action, None if done else following, torch.tensor([reward])))
        state = following
        if len(memory) >= BATCH:
            loss = learn()
        if done:
            break
    durations.append(t + 1)
    if loss is not None and episode % 3 == 0:
        print(f"episode {episode}: {t + 1} steps, reward {reward}, loss {loss:.6f}")
print(torch.tensor(durations, dtype=torch.float).unfold(0, 4, 1).mean(1))
