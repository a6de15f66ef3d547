"""What is said to a program that asks for what is not there."""

import sys

import pytest

from gradviz.session import torch_alias
from gradviz.session.hints import hint_for


@pytest.fixture(autouse=True)
def torch(monkeypatch):
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    torch_alias.install()


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("from torchvision.datasets import FashionMnist", "Did you mean FashionMNIST?"),
        ("from torch.nn import linear", "Did you mean Linear?"),
        ("from torchvision import models", "gradviz does not have models yet."),
        ("from torchvision.datasets import CIFAR10", "gradviz does not have CIFAR10 yet."),
        ("import torchvision.models", "torchvision.models is not installed in gradviz's environment;"),
        ("import torch; torch.flor", "gradviz does not have this yet. The nearest it has is torch.floor"),
        ("print(zzz)", "Define or import zzz before this line."),
        ("tensor = 1\nprint(tensr)", "Did you mean tensor?"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(line, hint):
    with pytest.raises((ImportError, AttributeError, NameError)) as caught:
        exec(line, {})
    template, arguments = hint_for(caught.value, str(caught.value))
    assert template.format(*arguments).startswith(hint)
