"""Sequential, ModuleList, ModuleDict and their parameter counterparts."""

from collections import OrderedDict

import pytest

import gradviz.engine as torch
from gradviz.engine import nn


def test_sequential_runs_in_order_and_slices():
    net = nn.Sequential(OrderedDict(up=nn.Linear(2, 3), act=nn.ReLU(), down=nn.Linear(3, 1)))
    x = torch.ones(4, 2)
    assert torch.equal(net(x), net.down(net.act(net.up(x))))
    head = net[:2]
    assert isinstance(head, nn.Sequential) and list(dict(head.named_children())) == ["up", "act"]
    assert net[-1] is net.down and len(net) == 3
    net.append(nn.ReLU())
    net[3] = nn.Flatten()
    assert isinstance(net[3], nn.Flatten)
    with pytest.raises(IndexError, match="index 9 is out of range"):
        net[9]


def test_deleting_from_sequential_renumbers():
    net = nn.Sequential(nn.Linear(1, 1), nn.ReLU(), nn.Identity())
    del net[1]
    assert [type(m).__name__ for m in net] == ["Linear", "Identity"]
    assert list(dict(net.named_children())) == ["0", "1"]
    assert len(net + nn.Sequential(nn.ReLU())) == 3


def test_module_list_is_a_registered_list():
    layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    layers.insert(1, nn.ReLU())
    layers += [nn.Identity()]
    assert isinstance(layers[1], nn.ReLU) and len(layers) == 5
    assert len(list(layers.parameters())) == 6
    assert isinstance(layers.pop(), nn.Identity)
    assert len(layers[1:3]) == 2


def test_module_dict_is_a_registered_dict():
    layers = nn.ModuleDict({"a": nn.Linear(1, 1), "b": nn.ReLU()})
    layers["c"] = nn.Identity()
    assert list(layers) == list(layers.keys()) == ["a", "b", "c"] and "b" in layers
    assert isinstance(layers.pop("b"), nn.ReLU) and len(layers) == 2
    assert len(list(layers.parameters())) == 2


def test_parameter_containers_register_and_print():
    rows = nn.ParameterList([torch.zeros(2, 3), nn.Parameter(torch.ones(1))])
    rows[1] = torch.zeros(4)
    assert [tuple(p.shape) for p in rows.parameters()] == [(2, 3), (4,)]
    assert "(0): Parameter containing: [torch.float32 of size 2x3]" in repr(rows)
    named = nn.ParameterDict({"w": torch.zeros(1)})
    named["b"] = torch.zeros(2)
    assert sorted(named.keys()) == ["b", "w"] and len(list(named.parameters())) == 2


def test_flatten_and_unflatten_undo_each_other():
    x = torch.arange(24.0).reshape(2, 3, 4)
    flat = nn.Flatten()(x)
    assert flat.shape == (2, 12)
    assert torch.equal(nn.Unflatten(1, (3, 4))(flat), x)
