"""Types say where torch defines them, and can be imported from there."""

import pytest

from gradviz.session import torch_alias


@pytest.fixture(autouse=True)
def torch_is_the_engine():
    torch_alias.install()


@pytest.mark.parametrize(
    "name",
    [
        "torch.nn.modules.conv.Conv2d",
        "torch.nn.modules.rnn.LSTM",
        "torch.nn.modules.linear.Linear",
        "torch.nn.modules.sparse.Embedding",
        "torch.optim.lr_scheduler.StepLR",
    ],
)
def test_types_print_as_torchs(name):
    import torch

    public = torch.nn if ".nn." in name else torch.optim.lr_scheduler
    assert repr(getattr(public, name.rpartition(".")[2])) == f"<class '{name}'>"


def test_they_are_the_same_from_everywhere():
    import torch
    from torch.autograd.grad_mode import no_grad
    from torch.nn.modules.batchnorm import BatchNorm1d
    from torch.optim.adamw import AdamW

    assert BatchNorm1d is torch.nn.BatchNorm1d
    assert torch.nn.modules.conv.Conv2d is torch.nn.Conv2d
    assert AdamW is torch.optim.AdamW
    assert no_grad is torch.no_grad
    assert repr(torch.FloatTensor) == "<class 'torch.FloatTensor'>"
