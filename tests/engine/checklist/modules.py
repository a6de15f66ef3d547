"""What modules register, save, load and print."""

import copy
import io

import pytest


def make_net(torch):
    return torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 1))


def assignment_registers_parameters_modules_and_buffers(torch):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(2, 2)
            self.scale = torch.nn.Parameter(torch.ones(1))
            self.register_buffer("count", torch.zeros(1))
            self.register_buffer("scratch", torch.zeros(1), persistent=False)
            self.number = 3

    net = Net()
    assert [n for n, _ in net.named_parameters()] == ["scale", "layer.weight", "layer.bias"]
    assert [n for n, _ in net.named_buffers()] == ["count", "scratch"]
    assert list(net.state_dict()) == ["scale", "count", "layer.weight", "layer.bias"]


def nothing_is_registered_before_init(torch):
    class Early(torch.nn.Module):
        def __init__(self):
            self.layer = torch.nn.Linear(1, 1)

    class EarlyParameter(torch.nn.Module):
        def __init__(self):
            self.weight = torch.nn.Parameter(torch.ones(1))

    with pytest.raises(AttributeError, match=r"cannot assign module before Module.__init__\(\) call"):
        Early()
    with pytest.raises(AttributeError, match=r"cannot assign parameters before Module.__init__\(\) call"):
        EarlyParameter()


def a_tensor_does_not_take_the_place_of_a_parameter(torch):
    layer = torch.nn.Linear(2, 2)
    with pytest.raises(TypeError, match=r"cannot assign 'torch.FloatTensor' as parameter 'weight'"):
        layer.weight = torch.ones(2, 2)
    layer.bias = None
    assert layer.bias is None and [n for n, _ in layer.named_parameters()] == ["weight"]


def a_new_layer_takes_the_place_of_the_old_one(torch):
    net = make_net(torch)
    net[0] = torch.nn.Linear(2, 3, bias=False)
    net.extra = torch.nn.Tanh()
    net[2].weight = torch.nn.Parameter(torch.zeros(1, 3))
    assert [n for n, _ in net.named_children()] == ["0", "1", "2", "extra"]
    assert [n for n, _ in net[2].named_parameters()] == ["weight", "bias"]


def state_dict_is_ordered_detached_and_shares_storage(torch):
    net = make_net(torch)
    state = net.state_dict()
    assert not state["0.weight"].requires_grad
    state["0.weight"].zero_()
    assert net[0].weight.abs().sum() == 0
    assert list(state)[-3:] == ["1.num_batches_tracked", "2.weight", "2.bias"]


def shared_modules_appear_twice_in_state_dict_and_once_among_parameters(torch):
    layer = torch.nn.Linear(1, 1)
    net = torch.nn.Sequential(layer, layer)
    assert list(net.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert [n for n, _ in net.named_parameters()] == ["0.weight", "0.bias"]


def load_state_dict_says_what_does_not_match(torch):
    net, state = make_net(torch), dict(make_net(torch).state_dict())
    assert repr(net.load_state_dict(state)) == "<All keys matched successfully>"
    state["head"], state["2.weight"] = torch.ones(1), torch.ones(2, 3)
    del state["0.bias"]
    with pytest.raises(RuntimeError) as raised:
        net.load_state_dict(state)
    assert str(raised.value).splitlines() == [
        "Error(s) in loading state_dict for Sequential:",
        '\tMissing key(s) in state_dict: "0.bias". ',
        '\tUnexpected key(s) in state_dict: "head". ',
        "\tsize mismatch for 2.weight: copying a param with shape torch.Size([2, 3]) from checkpoint, "
        "the shape in current model is torch.Size([1, 3]).",
    ]
    del state["2.weight"]
    result = net.load_state_dict(state, strict=False)
    assert result.missing_keys == ["0.bias", "2.weight"] and result.unexpected_keys == ["head"]


def train_and_eval_reach_all_modules(torch):
    net = torch.nn.Sequential(torch.nn.Dropout(), torch.nn.Sequential(torch.nn.Dropout()))
    net.eval()
    assert not any(m.training for m in net.modules())
    assert net(torch.ones(3)).tolist() == [1, 1, 1]
    net.train()
    assert all(m.training for m in net.modules())


def modules_print_as_a_tree(torch):
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ModuleList([torch.nn.ReLU(), torch.nn.ReLU()]))
    assert repr(net) == (
        "Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n  (1): ModuleList(\n"
        "    (0-1): 2 x ReLU()\n  )\n)"
    )


def forward_hooks_see_and_replace_inputs_and_outputs(torch):
    double = torch.nn.Identity()
    double.register_forward_pre_hook(lambda module, args: (args[0] + 1,))
    handle = double.register_forward_hook(lambda module, args, output: output * 10)
    assert double(torch.tensor(1.0)).item() == 20
    handle.remove()
    assert double(torch.tensor(1.0)).item() == 2


def full_backward_hooks_run_from_the_outputs_to_the_inputs(torch):
    net, order = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1)), []
    for name, module in net.named_modules():
        module.register_full_backward_pre_hook(lambda m, grads, name=name: order.append(f"before {name}"))
        module.register_full_backward_hook(lambda m, inner, outer, name=name: order.append(f"after {name}"))
    net(torch.ones(1, 2, requires_grad=True)).sum().backward()
    assert order == ["before ", "before 1", "after 1", "before 0", "after 0", "after "]


def full_backward_hooks_replace_gradients(torch):
    layer = torch.nn.Linear(1, 1)
    torch.nn.init.constant_(layer.weight, 2)
    layer.register_full_backward_pre_hook(lambda m, grads: (grads[0] * 10,))
    layer.register_full_backward_hook(lambda m, inner, outer: (inner[0] + 1,))
    x = torch.ones(1, 1, requires_grad=True)
    layer(x).sum().backward()
    assert layer.weight.grad.item() == 10 and x.grad.item() == 21


def a_deep_copy_of_a_module_shares_nothing_but_its_values(torch):
    net = make_net(torch)
    net.tied = net[0]
    other = copy.deepcopy(net)
    assert torch.equal(other[0].weight, net[0].weight) and other.tied is other[0]
    other[0].weight.data.zero_()
    assert net[0].weight.abs().sum() > 0
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user"):
        copy.deepcopy(net[0].weight * 2)


def checkpoints_hold_models_optimizers_and_numbers(torch):
    net = make_net(torch)
    optimizer = torch.optim.Adam(net.parameters())
    file = io.BytesIO()
    torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, file)
    file.seek(0)
    checkpoint = torch.load(file)
    net.load_state_dict(checkpoint["net"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    assert checkpoint["epoch"] == 3 and optimizer.state_dict()["param_groups"][0]["betas"] == (0.9, 0.999)
