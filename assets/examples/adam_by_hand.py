"""Adam by hand (Kingma and Ba, 2015), beside the one that comes along: the same numbers, line by line.

Two running means, of the gradient and of its square, are corrected for having
begun at zero; their ratio is the step. Look at the first update: it is lr for
every weight, however large its gradient.
"""

import torch


class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for parameter in group["params"]:
                state = self.state[parameter]
                if not state:
                    state["step"] = 0
                    state["mean"] = torch.zeros_like(parameter)
                    state["mean_of_squares"] = torch.zeros_like(parameter)
                gradient, mean, squares = parameter.grad, state["mean"], state["mean_of_squares"]
                state["step"] += 1
                mean.mul_(beta1).add_((1 - beta1) * gradient)
                squares.mul_(beta2).add_((1 - beta2) * gradient**2)
                corrected_mean = mean / (1 - beta1 ** state["step"])
                corrected_squares = squares / (1 - beta2 ** state["step"])
                parameter.sub_(group["lr"] * corrected_mean / (torch.sqrt(corrected_squares) + group["eps"]))


by_hand = torch.tensor([-1.5, 2.0], requires_grad=True)
built_in = torch.tensor([-1.5, 2.0], requires_grad=True)
optimizers = [Adam([by_hand], lr=0.1), torch.optim.Adam([built_in], lr=0.1)]

for step in range(40):
    for point, optimizer in zip((by_hand, built_in), optimizers):
        loss = (1 - point[0]) ** 2 + 5 * (point[1] - point[0] ** 2) ** 2  # Rosenbrock's valley
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

print(f"by hand {by_hand[0].item():.5f} {by_hand[1].item():.5f}")
print(f"built in {built_in[0].item():.5f} {built_in[1].item():.5f}")
