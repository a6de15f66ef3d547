"""The first example, ten epochs on the bundled MNIST sample, on the engine and on PyTorch."""

import numpy as np
import pytest
import torch

import gradviz.engine as engine
from gradviz.resources import asset
from gradviz.session.mnist import load_mnist

pytestmark = pytest.mark.parity


def train(torch, mnist):
    """Run the program with this `torch`, seeded as a session is; return which answers are right."""
    lines = asset("examples/simplenet.py").read_text(encoding="utf-8").splitlines()
    program = "\n".join(line for line in lines if not line.startswith("import "))
    data = torch.utils.data
    images, labels = torch.from_numpy(mnist.train_images), torch.from_numpy(mnist.train_labels)
    loader = data.DataLoader(data.TensorDataset(images, labels), batch_size=64, shuffle=True)
    names = {"torch": torch, "nn": torch.nn, "optim": torch.optim, "train_loader": loader}
    torch.manual_seed(0)
    exec(program, names)
    with torch.no_grad():
        answers = names["net"](torch.from_numpy(mnist.test_images)).argmax(1)
    return answers.numpy() == mnist.test_labels, names["loss"].item(), names["net"]


@pytest.mark.timeout(300)  # ten seconds when nothing else runs
def test_ten_epochs_end_at_the_same_accuracy():
    mnist = load_mnist()
    (right, loss, net), (their_right, their_loss, their_net) = train(engine, mnist), train(torch, mnist)
    print(f"test accuracy: gradviz {right.mean():.2%}, PyTorch {their_right.mean():.2%}")
    assert right.mean() > 0.85
    assert (right != their_right).sum() <= 2  # of 2,000: roundings may decide a tie
    assert loss == pytest.approx(their_loss, rel=1e-3)
    for ours, theirs in zip(net.parameters(), their_net.parameters(), strict=True):
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), atol=1e-4)
