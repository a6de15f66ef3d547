"""The same programs on the engine and on PyTorch: weights, gradients, losses and graphs."""

import numpy as np
import pytest
import torch

import gradviz.engine as engine

pytestmark = pytest.mark.parity
BOTH = [engine, torch]


def simple_net(torch):
    nn = torch.nn

    class SimpleNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(784, 128)
            self.fc2 = nn.Linear(128, 10)

        def forward(self, x):
            x = torch.flatten(x, 1)
            x = self.fc1(x)
            x = torch.relu(x)
            return self.fc2(x)

    return SimpleNet()


def values(tensor):
    return tensor.detach().numpy()


def assert_close(ours, theirs, relative):
    """Equal to `relative` of the largest value: small values are sums in which large ones cancel."""
    ours, theirs = values(ours), values(theirs)
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=relative, atol=relative * np.abs(theirs).max())


def test_seeded_weights_are_torchs():
    for module in BOTH:
        module.manual_seed(0)
    ours, theirs = simple_net(engine), simple_net(torch)
    for (name, a), (same_name, b) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == same_name
        np.testing.assert_allclose(values(a), values(b), rtol=0, atol=3e-8)


def first_iteration(torch):
    torch.manual_seed(0)
    net = simple_net(torch)
    images, labels = torch.rand(64, 1, 28, 28), torch.randint(0, 10, (64,))
    images.requires_grad_()
    loss = torch.nn.CrossEntropyLoss()(net(images), labels)
    loss.backward()
    return net, images, loss


def test_every_gradient_of_the_first_iteration_agrees():
    (net, images, loss), (their_net, their_images, their_loss) = map(first_iteration, BOTH)
    assert loss.item() == pytest.approx(their_loss.item(), rel=1e-6)
    assert_close(images.grad, their_images.grad, 1e-5)
    for ours, theirs in zip(net.parameters(), their_net.parameters(), strict=True):
        assert_close(ours.grad, theirs.grad, 1e-5)


def tree(node):
    """The graph behind a result as nested names."""
    if node is None:
        return None
    return node.name().removeprefix("torch::autograd::"), [tree(after) for after, _ in node.next_functions]


def test_the_graph_of_simple_net_is_torchs():
    ours, theirs = (tree(first_iteration(module)[2].grad_fn) for module in BOTH)
    assert ours == theirs
    assert ours[0] == "NllLossBackward0"


def seeded_run(torch):
    """40 steps of a small net with dropout and momentum on shuffled batches; the losses as they print."""
    nn, F = torch.nn, torch.nn.functional
    torch.manual_seed(1)
    x = torch.randn(160, 8)
    y = (x.sum(1) > 0).long()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=16, shuffle=True)
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 2))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    losses = []
    for _ in range(4):
        for rows, labels in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(rows), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


def test_a_seeded_run_of_40_steps_prints_the_same_losses():
    ours, theirs = map(seeded_run, BOTH)
    assert len(ours) == 40
    assert ours == pytest.approx(theirs, rel=1e-5)


OPTIMIZERS = {
    "SGD": [
        {"lr": 0.1},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.1, "weight_decay": 0.01},
        {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True},
    ],
    "Adam": [{"lr": 0.01}, {"lr": 0.01, "amsgrad": True, "weight_decay": 0.1, "betas": (0.8, 0.9)}],
    "AdamW": [{"lr": 0.01}, {"lr": 0.01, "weight_decay": 0.3, "maximize": True}],
    "RMSprop": [{"lr": 0.01}, {"lr": 0.01, "momentum": 0.5, "centered": True, "weight_decay": 0.1}],
    "Adagrad": [{"lr": 0.1}, {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.5}],
    "Adadelta": [{"lr": 1.0}, {"lr": 0.5, "rho": 0.8, "weight_decay": 0.1}],
}


@pytest.mark.parametrize(("name", "options"), [(n, o) for n, many in OPTIMIZERS.items() for o in many])
def test_twenty_steps_of_every_optimizer(name, options):
    def run(torch):
        torch.manual_seed(0)
        w = torch.randn(5, 7).requires_grad_()
        x = torch.randn(11, 7)
        optimizer = getattr(torch.optim, name)([w], **options)
        for _ in range(20):
            optimizer.zero_grad()
            ((x @ w.t()) ** 2).mean().backward()
            optimizer.step()
        return w, optimizer

    (w, optimizer), (their_w, their_optimizer) = map(run, BOTH)
    assert_close(w, their_w, 2e-5)
    ours, theirs = optimizer.state_dict(), their_optimizer.state_dict()
    assert repr(optimizer) == repr(their_optimizer)
    assert list(ours["state"]) == list(theirs["state"])
    for kept in theirs["state"]:
        assert set(ours["state"][kept]) == set(theirs["state"][kept])


SCHEDULERS = {
    "StepLR": {"step_size": 3, "gamma": 0.5},
    "MultiStepLR": {"milestones": [2, 5, 5], "gamma": 0.5},
    "ExponentialLR": {"gamma": 0.9},
    "LinearLR": {"start_factor": 0.5, "total_iters": 4},
    "LambdaLR": {"lr_lambda": lambda epoch: 0.95**epoch},
    "CosineAnnealingLR": {"T_max": 5, "eta_min": 0.01},
    "OneCycleLR": {"max_lr": 1.0, "total_steps": 16},
    "MultiplicativeLR": {"lr_lambda": lambda epoch: 0.95},
    "ConstantLR": {"factor": 0.5, "total_iters": 3},
    "PolynomialLR": {"total_iters": 6, "power": 2.0},
    "CosineAnnealingWarmRestarts": {"T_0": 3, "T_mult": 2, "eta_min": 0.01},
    "CyclicLR": {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 3, "mode": "triangular2"},
}


@pytest.mark.parametrize("name", SCHEDULERS)
def test_schedules_agree(name):
    def run(torch):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1, momentum=0.9)
        scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer, **SCHEDULERS[name])
        rates = []
        for _ in range(15):
            rates.append((scheduler.get_last_lr()[0], optimizer.param_groups[0]["momentum"]))
            optimizer.step()
            scheduler.step()
        return np.array(rates)

    np.testing.assert_allclose(run(engine), run(torch), rtol=1e-12)


@pytest.mark.parametrize(
    "options", [{"mode": "min", "patience": 1}, {"mode": "max", "threshold_mode": "abs"}]
)
def test_plateaus_agree(options):
    def run(torch):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, cooldown=1, **options)
        rates = []
        for metric in [1.0, 0.9, 0.9, 0.9, 0.95, -0.5, -0.4, -0.4, -0.4, -0.4, -0.4, *[0.3] * 15]:
            scheduler.step(metric)
            rates.append(optimizer.param_groups[0]["lr"])
        return rates

    assert run(engine) == run(torch)


def orders(torch):
    """The indices that loaders and samplers of every kind take, twice, from one stream."""
    data = torch.utils.data
    torch.manual_seed(3)
    source = data.TensorDataset(torch.arange(100))
    own = torch.Generator()
    own.manual_seed(7)
    first, second = data.random_split(source, [0.7, 0.3])
    loaders = [
        data.DataLoader(source, 7, shuffle=True),
        data.DataLoader(source, 7, shuffle=True, drop_last=True, generator=own),
        data.DataLoader(source, 7, sampler=data.RandomSampler(source, True, num_samples=45)),
        data.DataLoader(source, 7, sampler=data.RandomSampler(source, num_samples=150)),
        data.DataLoader(source, 7, sampler=data.SubsetRandomSampler(range(20))),
        data.DataLoader(source, 7, sampler=data.WeightedRandomSampler(range(1, 11), 20)),
        data.DataLoader(source, 7, sampler=data.WeightedRandomSampler(range(1, 11), 5, False)),
        data.DataLoader(second, 7, shuffle=True),
    ]
    taken = [list(first.indices), list(second.indices)]
    taken += [torch.cat([batch for (batch,) in loader]).tolist() for loader in loaders * 2]
    taken.append(torch.randint(0, 1000, (5,), generator=own).tolist())
    taken.append(torch.randint(0, 1000, (5,)).tolist())
    return taken


def test_loaders_and_samplers_take_the_same_samples():
    for ours, theirs in zip(*map(orders, BOTH), strict=True):
        assert ours == theirs


def test_collated_batches_agree():
    def batch(torch):
        samples = [(i, i / 2, torch.ones(2) * i, {"a": np.arange(i, i + 2)}, "x") for i in range(3)]
        return torch.utils.data.default_collate(samples)

    ours, theirs = map(batch, BOTH)
    for a, b in zip([*ours[:3], ours[3]["a"]], [*theirs[:3], theirs[3]["a"]], strict=True):
        assert_close(a, b, 0)
    assert [*ours[4]] == [*theirs[4]]
