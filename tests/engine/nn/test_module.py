"""nn.Module: what assigning, calling, saving and printing a module does."""

from collections import OrderedDict

import pytest

import gradviz.engine as torch
from gradviz.engine import nn, observe
from gradviz.engine.observer import Observer


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 4)
        self.fc2 = nn.Linear(4, 2, bias=False)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


@pytest.fixture
def net():
    torch.manual_seed(0)
    return Net()


# -- registration ------------------------------------------------------------------------------------


def test_assigned_parts_register_themselves(net):
    assert [name for name, _ in net.named_parameters()] == ["fc1.weight", "fc1.bias", "fc2.weight"]
    assert [name for name, _ in net.named_modules()] == ["", "fc1", "fc2"]
    assert list(net.children()) == [net.fc1, net.fc2]
    assert [name for name, _ in net.named_buffers()] == ["calls"]


def test_a_shared_parameter_is_listed_once(net):
    net.fc2.weight = nn.Parameter(torch.zeros(2, 4))
    net.again = net.fc2
    net.tied = net.fc1.weight
    assert len(list(net.parameters())) == 3
    assert set(net.state_dict()) >= {"again.weight", "fc2.weight", "tied", "fc1.weight"}


def test_parts_cannot_be_assigned_before_init():
    class Early(nn.Module):
        def __init__(self):
            self.fc = nn.Linear(1, 1)

    class EarlyParameter(nn.Module):
        def __init__(self):
            self.w = nn.Parameter(torch.zeros(1))

    with pytest.raises(AttributeError, match=r"cannot assign module before Module.__init__\(\) call"):
        Early()
    with pytest.raises(AttributeError, match=r"cannot assign parameters before Module.__init__\(\) call"):
        EarlyParameter()


def test_a_tensor_does_not_take_a_parameters_place(net):
    with pytest.raises(TypeError, match=r"cannot assign 'torch\.FloatTensor' as parameter 'weight'"):
        net.fc1.weight = torch.zeros(4, 3)
    with pytest.raises(TypeError, match="as child module 'fc1'"):
        net.fc1 = torch.zeros(1)
    with pytest.raises(TypeError, match="as buffer 'calls'"):
        net.calls = 3
    net.fc1.bias = None
    assert [name for name, _ in net.fc1.named_parameters()] == ["weight"]


def test_an_attribute_becomes_a_parameter_and_goes_away_again(net):
    net.scale = 1.0
    net.scale = nn.Parameter(torch.ones(1))
    assert "scale" in dict(net.named_parameters()) and "scale" not in net.__dict__
    del net.scale
    assert not hasattr(net, "scale")
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'scale'"):
        net.scale  # noqa: B018


def test_names_are_checked(net):
    with pytest.raises(KeyError, match=r"parameter name can.*t contain"):
        net.register_parameter("a.b", nn.Parameter(torch.zeros(1)))
    with pytest.raises(KeyError, match="already exists"):
        net.add_module("forward", nn.Identity())
    with pytest.raises(TypeError, match="is not a Module subclass"):
        net.add_module("x", 3)


def test_paths_lead_to_parts(net):
    outer = nn.Sequential(net, nn.ReLU())
    assert outer.get_submodule("0.fc1") is net.fc1
    assert outer.get_submodule("") is outer
    assert outer.get_parameter("0.fc1.weight") is net.fc1.weight
    with pytest.raises(AttributeError, match="Net has no attribute `fc9`"):
        outer.get_submodule("0.fc9")


# -- calling -----------------------------------------------------------------------------------------


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match=r'Module \[Module\] is missing the required "forward"'):
        nn.Module()(torch.zeros(1))


def test_forward_hooks_see_and_change(net):
    seen = []
    first = net.register_forward_pre_hook(lambda module, inputs: (inputs[0] * 0,))
    net.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0].sum().item()))
    last = net.register_forward_hook(lambda module, inputs, output: output + 1)
    net.fc1.bias.data.zero_()
    assert net(torch.ones(1, 3)).tolist() == [[1.0, 1.0]]
    assert seen == [0.0]
    first.remove()
    last.remove()
    net(torch.ones(1, 3))
    assert seen == [0.0, 3.0]


def test_hooks_may_ask_for_keywords_and_the_front_seat():
    class Scale(nn.Module):
        def forward(self, x, by=1):
            return x * by

    scale, order = Scale(), []
    scale.register_forward_hook(lambda m, args, kwargs, out: order.append(kwargs["by"]), with_kwargs=True)
    scale.register_forward_hook(lambda m, args, out: order.append("first"), prepend=True)
    scale.register_forward_pre_hook(lambda m, args, kwargs: (args, {"by": 5}), with_kwargs=True)
    assert scale(torch.ones(1), by=2).item() == 5
    assert order == ["first", 5]


def test_a_full_backward_hook_hears_both_ends(net):
    heard = []
    net.fc2.register_full_backward_hook(lambda m, gin, gout: heard.append((gin[0].shape, gout[0].tolist())))
    net(torch.ones(1, 3)).sum().backward()
    assert heard == [((1, 4), [[1.0, 1.0]])]


def test_a_full_backward_hook_may_replace_the_gradient(net):
    net.fc2.register_full_backward_hook(lambda m, grad_input, grad_output: (grad_input[0] * 0,))
    net(torch.ones(1, 3)).sum().backward()
    assert net.fc1.weight.grad.abs().sum() == 0
    assert net.fc2.weight.grad.abs().sum() > 0


class Log(Observer):
    def __init__(self):
        self.lines = []

    def enter(self, module, inputs):
        self.lines.append(("enter", type(module).__name__))

    def leave(self, module, output):
        self.lines.append(("leave", type(module).__name__, output is not None))


@pytest.fixture
def log():
    log = Log()
    previous = observe(log)
    yield log
    observe(previous)


def test_the_observer_hears_modules_enter_and_leave(net, log):
    net(torch.ones(1, 3))
    assert log.lines == [
        ("enter", "Net"),
        ("enter", "Linear"),
        ("leave", "Linear", True),
        ("enter", "Linear"),
        ("leave", "Linear", True),
        ("leave", "Net", True),
    ]


def test_a_module_that_fails_is_left_too(net, log):
    with pytest.raises(RuntimeError, match="mat1 and mat2 shapes cannot be multiplied"):
        net(torch.ones(1, 5))
    assert log.lines[-2:] == [("leave", "Linear", False), ("leave", "Net", False)]


# -- state -------------------------------------------------------------------------------------------


def test_state_dict_shares_memory_and_loads_back(net):
    state = net.state_dict()
    assert isinstance(state, OrderedDict)
    assert list(state) == ["calls", "fc1.weight", "fc1.bias", "fc2.weight"]
    assert not state["fc1.weight"].requires_grad
    assert state["fc1.weight"].data_ptr() == net.fc1.weight.data_ptr()
    twin = Net()
    assert str(twin.load_state_dict(state)) == "<All keys matched successfully>"
    assert torch.equal(twin.fc1.weight, net.fc1.weight)
    assert twin.fc1.weight.data_ptr() != net.fc1.weight.data_ptr()


def test_load_state_dict_names_all_that_does_not_fit(net):
    state = {"fc1.weight": torch.zeros(1, 3), "fc1.bias": torch.zeros(4), "calls": torch.zeros(()), "x": 1}
    with pytest.raises(RuntimeError) as refused:
        net.load_state_dict(state)
    assert str(refused.value) == (
        "Error(s) in loading state_dict for Net:\n"
        '\tMissing key(s) in state_dict: "fc2.weight". \n'
        '\tUnexpected key(s) in state_dict: "x". \n'
        "\tsize mismatch for fc1.weight: copying a param with shape torch.Size([1, 3]) from checkpoint, "
        "the shape in current model is torch.Size([4, 3])."
    )
    del state["fc1.weight"]
    keys = net.load_state_dict(state, strict=False)
    assert keys.missing_keys == ["fc1.weight", "fc2.weight"] and keys.unexpected_keys == ["x"]


def test_load_state_dict_may_assign(net):
    state = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    net.load_state_dict(state, assign=True)
    assert net.fc1.weight.data_ptr() == state["fc1.weight"].data_ptr()
    assert isinstance(net.fc1.weight, nn.Parameter)


def test_a_buffer_that_is_not_persistent_is_not_saved(net):
    net.register_buffer("scratch", torch.zeros(1), persistent=False)
    assert "scratch" not in net.state_dict()


def test_train_and_eval_reach_the_whole_tree(net):
    outer = nn.Sequential(net)
    assert outer.eval() is outer and not net.fc1.training
    assert outer.train() is outer and net.fc1.training


def test_zero_grad_and_requires_grad(net):
    net(torch.ones(1, 3)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net.fc1.weight.grad.abs().sum() == 0
    net.zero_grad()
    assert net.fc1.weight.grad is None
    net.requires_grad_(False)
    assert not net(torch.ones(1, 3)).requires_grad


def test_apply_visits_children_first(net):
    names = []
    net.apply(lambda module: names.append(type(module).__name__))
    assert names == ["Linear", "Linear", "Net"]


def test_dtype_conversion_keeps_the_parameters_themselves(net):
    weight = net.fc1.weight
    net(torch.ones(1, 3)).sum().backward()
    net.double()
    assert net.fc1.weight is weight
    assert weight.dtype == weight.grad.dtype == net.calls.dtype == torch.float64
    net.to(torch.float32).to("cpu")
    assert weight.dtype == torch.float32
    with pytest.raises(TypeError, match="only accepts floating point"):
        net.to(torch.int64)


# -- printing ----------------------------------------------------------------------------------------


def test_modules_print_as_in_torch(net):
    assert repr(nn.Sequential(net, nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.Identity()]))) == (
        "Sequential(\n"
        "  (0): Net(\n"
        "    (fc1): Linear(in_features=3, out_features=4, bias=True)\n"
        "    (fc2): Linear(in_features=4, out_features=2, bias=False)\n"
        "  )\n"
        "  (1): ModuleList(\n"
        "    (0-1): 2 x ReLU()\n"
        "    (2): Identity()\n"
        "  )\n"
        ")"
    )


@pytest.mark.cpu
def test_a_parameter_prints_its_tensor():
    assert repr(nn.Parameter(torch.zeros(2))) == (
        "Parameter containing:\ntensor([0., 0.], requires_grad=True)"
    )


def test_a_parameter_requires_grad_even_under_no_grad():
    with torch.no_grad():
        assert nn.Parameter(torch.zeros(1)).requires_grad
    with pytest.raises(TypeError, match="expects a Tensor"):
        nn.Parameter([1.0])


class Counting(nn.Module):
    """A module with a number beside its tensors."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def get_extra_state(self):
        return {"calls": self.calls}

    def set_extra_state(self, state):
        self.calls = state["calls"]


def test_extra_state_is_saved_and_loaded():
    net, other = nn.Sequential(Counting(), nn.Linear(1, 1)), nn.Sequential(Counting(), nn.Linear(1, 1))
    net[0].calls = 3
    state = net.state_dict()
    assert list(state) == ["0._extra_state", "1.weight", "1.bias"]
    assert str(other.load_state_dict(state)) == "<All keys matched successfully>"
    assert other[0].calls == 3
    del state["0._extra_state"]
    with pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "0._extra_state"'):
        other.load_state_dict(state)


def test_hooks_of_the_state():
    net, heard = nn.Sequential(nn.Linear(1, 1)), []
    net[0].register_state_dict_pre_hook(lambda module, prefix, keep_vars: heard.append(prefix))
    net[0].register_state_dict_post_hook(lambda m, state, prefix, _: state.update({prefix + "note": 1}))
    net[0].register_load_state_dict_pre_hook(lambda m, state, prefix, *rest: state.pop(prefix + "note"))
    net.register_load_state_dict_post_hook(lambda module, keys: heard.append(keys.missing_keys))
    net.load_state_dict(net.state_dict())
    assert heard == ["0.", []]


def test_a_submodule_is_replaced_by_its_path():
    net = nn.Sequential(nn.Sequential(nn.ReLU()))
    net.set_submodule("0.0", nn.Tanh())
    assert isinstance(net[0][0], nn.Tanh)
    with pytest.raises(AttributeError, match="has no attribute `other`"):
        net.set_submodule("0.other", nn.Tanh(), strict=True)
