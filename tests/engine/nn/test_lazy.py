"""Lazy layers: the first input tells their size."""

import pytest

import gradviz.engine as torch
from gradviz.engine import nn


@pytest.mark.parametrize(
    ("make", "shape", "size"),
    [
        (lambda: nn.LazyLinear(2), (4, 3), "in_features"),
        (lambda: nn.LazyConv2d(2, 3), (1, 3, 5, 5), "in_channels"),
        (lambda: nn.LazyConvTranspose1d(2, 3), (3, 5), "in_channels"),
        (lambda: nn.LazyBatchNorm1d(), (4, 3), "num_features"),
    ],
)
def test_lazy_layers_learn_their_size_from_the_first_input(make, shape, size):
    layer = make()
    parameters = list(layer.parameters())
    assert repr(parameters[0]) == "<UninitializedParameter>"
    with pytest.raises(RuntimeError, match="Can't access the shape of an uninitialized parameter"):
        _ = parameters[0].shape
    layer(torch.ones(*shape))
    assert type(layer).__name__ == type(make()).__name__.removeprefix("Lazy")
    assert getattr(layer, size) == 3
    assert all(a is b for a, b in zip(parameters, layer.parameters(), strict=True))
    layer(torch.ones(*shape)).sum().backward()


def test_a_state_without_values_cannot_be_loaded():
    with pytest.raises(RuntimeError, match="Can't access the shape of an uninitialized parameter"):
        nn.Linear(3, 2).load_state_dict(nn.LazyLinear(2).state_dict())


def test_lazy_layers_take_a_saved_state():
    state = nn.Linear(3, 2).state_dict()
    layer = nn.LazyLinear(2)
    layer.load_state_dict(state)
    out = layer(torch.ones(1, 3))
    assert torch.equal(layer.weight, state["weight"]) and out.shape == (1, 2)


def test_an_optimizer_may_hold_the_parameters_before_they_have_a_shape():
    torch.manual_seed(0)
    layer = nn.LazyLinear(1)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    layer(torch.ones(1, 2)).sum().backward()
    before = layer.weight.detach().clone()
    optimizer.step()
    assert (before - layer.weight).flatten().tolist() == pytest.approx([0.1, 0.1])


def test_lazy_instance_norms_have_parameters_and_statistics():
    layer = nn.LazyInstanceNorm2d()
    layer(torch.randn(2, 3, 4, 4))
    assert list(layer.state_dict()) == [
        "weight",
        "bias",
        "running_mean",
        "running_var",
        "num_batches_tracked",
    ]


def test_lazy_convolutions_want_the_right_number_of_dimensions():
    with pytest.raises(
        RuntimeError, match=r"Expected 3D \(unbatched\) or 4D \(batched\) input to LazyConv2d"
    ):
        nn.LazyConv2d(2, 3)(torch.ones(5))
