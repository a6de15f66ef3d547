"""What is said to a program that asks for what is not there."""

import sys

import pytest

from gradviz.session import torch_alias
from gradviz.session.hints import hint_for

NEAREST = "gradviz does not have this yet. The nearest it has is "


@pytest.fixture(autouse=True)
def torch(monkeypatch):
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    torch_alias.install()


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("from torchvision.datasets import FashionMnist", f"{NEAREST}torchvision.datasets.FashionMNIST"),
        ("from torch import flor", f"{NEAREST}torch.floor"),
        ("from torch.nn import linear", f"{NEAREST}torch.nn.Linear"),
        ("from torch.nn.functional import rellu", f"{NEAREST}torch.nn.functional.relu"),
        ("from torch.linalg import invv", f"{NEAREST}torch.linalg.inv"),
        ("from torch.utils.data import Dataloader", f"{NEAREST}torch.utils.data.DataLoader"),
        ("import torch.optimm.sgd", f"{NEAREST}torch.optim"),
        ("import torch; torch.optim.Adamm", f"{NEAREST}torch.optim.Adam"),
        ("import torch; torch.nn.init.xavier_unifrm_", f"{NEAREST}torch.nn.init.xavier_uniform_"),
        ("import torch; torch.ones(2).flor_()", "Did you mean floor_?"),
        ("import torch; torch.Tensor.flor", "Did you mean floor?"),
        ("import torch; torch.nn.Linear(2, 2).wieght", "Did you mean weight?"),
        ("from statistics import maen", "Did you mean mean?"),
        ("from torchvision import models", "gradviz does not have models yet."),
        ("from torchvision.datasets import CIFAR10", "gradviz does not have CIFAR10 yet."),
        ("import torchvision.models", "gradviz does not have models yet."),
        ("import torch; torch.flor", f"{NEAREST}torch.floor"),
        ("print(zzz)", "Define or import zzz before this line."),
        ("tensor = 1\nprint(tensr)", "Did you mean tensor?"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(line, hint):
    with pytest.raises((ImportError, AttributeError, NameError)) as caught:
        exec(line, {})
    template, arguments = hint_for(caught.value, str(caught.value))
    assert template.format(*arguments).startswith(hint)
