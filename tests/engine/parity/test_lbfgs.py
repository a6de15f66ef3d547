"""L-BFGS makes PyTorch's moves: the same losses, counts of evaluations and parameters."""

import numpy as np
import pytest
import torch

import gradviz.engine as engine

pytestmark = pytest.mark.parity


def rosenbrock(x):
    return ((1 - x[:-1]) ** 2 + 100 * (x[1:] - x[:-1] ** 2) ** 2).sum()


def bumpy(x):
    return (x**4 / 4 - x**2 + (3 * x).sin()).sum()


def network_loss(torch):
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)).double()
    x = torch.randn(20, 3, dtype=torch.float64)
    target = x.prod(1, keepdim=True)
    return list(net.parameters()), lambda: ((net(x) - target) ** 2).mean()


def function_loss(function):
    def make(torch):
        x = torch.tensor([-1.2, 1.0, 0.5, 2.0], dtype=torch.float64, requires_grad=True)
        return [x], lambda: function(x)

    return make


OPTIONS = [
    {"lr": 0.05},
    {"lr": 0.1, "max_iter": 4, "history_size": 2},
    {"line_search_fn": "strong_wolfe"},
    {"max_iter": 5, "max_eval": 7, "line_search_fn": "strong_wolfe"},
    {"lr": 0.3, "max_iter": 7, "history_size": 3, "line_search_fn": "strong_wolfe"},
]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(
    "make", [function_loss(rosenbrock), function_loss(bumpy), network_loss], ids=["valley", "bumps", "net"]
)
def test_the_moves_agree(make, options):
    def run(torch):
        parameters, compute = make(torch)
        optimizer = torch.optim.LBFGS(parameters, **options)
        seen = []

        def closure():
            optimizer.zero_grad()
            loss = compute()
            loss.backward()
            seen.append(loss.item())
            return loss

        returned = [optimizer.step(closure).item() for _ in range(5)]
        state = optimizer.state_dict()["state"][0]
        return seen, returned, state["n_iter"], state["func_evals"], parameters[0].detach().numpy()

    ours, theirs = run(engine), run(torch)
    assert ours[2:4] == theirs[2:4]
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-6)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-6)
    np.testing.assert_allclose(ours[4], theirs[4], rtol=1e-5)


def test_it_prints_and_saves_as_pytorchs():
    def made(torch):
        return torch.optim.LBFGS([torch.zeros(2, requires_grad=True)])

    assert repr(made(engine)) == repr(made(torch))
    assert made(engine).state_dict()["param_groups"] == made(torch).state_dict()["param_groups"]
