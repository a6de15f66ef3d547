"""What programs of torch's first years use."""

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine.autograd.variable import Variable
from tests.engine.tensors import leaf


def test_types_construct_from_values_or_sizes():
    assert torch.LongTensor([1, 2]).dtype is torch.int64
    assert torch.FloatTensor(2, 3).shape == (2, 3)
    assert torch.DoubleTensor(np.ones(2)).dtype is torch.float64
    assert isinstance(torch.ones(1), torch.FloatTensor)
    assert not isinstance(torch.ones(1), torch.LongTensor)


@pytest.mark.parametrize("kind", [torch.LongTensor, "torch.LongTensor", torch.int64])
def test_type_casts(kind):
    cast = torch.tensor([1.7]).type(kind)
    assert cast.dtype is torch.int64 and cast.item() == 1


def test_type_without_an_argument_is_a_name():
    assert torch.ones(1).type() == "torch.FloatTensor"
    with pytest.raises(ValueError, match=r"invalid type: 'torch.FloatTenor'"):
        torch.ones(1).type("torch.FloatTenor")


def test_new_makes_a_tensor_of_the_same_dtype():
    x = torch.zeros(1, dtype=torch.int32)
    assert x.new([1, 2]).tolist() == [1, 2] and x.new(2, 3).shape == (2, 3)
    assert x.new(2).dtype is torch.int32


def test_the_default_tensor_type_is_what_floats_become():
    torch.set_default_tensor_type("torch.DoubleTensor")
    try:
        assert torch.tensor(1.0).dtype is torch.float64
    finally:
        torch.set_default_tensor_type(torch.FloatTensor)
    assert torch.tensor(1.0).dtype is torch.float32


def test_variables_are_tensors():
    x = Variable(torch.ones(2), requires_grad=True)
    (x * x).sum().backward()
    assert isinstance(x, torch.Tensor) and isinstance(x, Variable) and x.grad.tolist() == [2, 2]


def test_what_compiles_elsewhere_runs_as_written():
    @torch.compile(mode="max-autotune")
    def double(x):
        return x * 2

    @torch.jit.script
    def triple(x):
        return x * 3

    assert double(torch.ones(1)).item() == 2 and triple(torch.ones(1)).item() == 3
    assert torch.compile(double) is double


def test_data_parallel_runs_the_module():
    net = torch.nn.DataParallel(torch.nn.Linear(2, 1))
    assert list(net.state_dict()) == ["module.weight", "module.bias"]
    assert torch.equal(net(torch.ones(1, 2)), net.module(torch.ones(1, 2)))


def test_summaries_are_accepted():
    with torch.utils.tensorboard.SummaryWriter("runs") as writer:
        assert writer.add_scalar("loss", 0.5, global_step=1) is None
        with pytest.raises(AttributeError, match="no attribute 'write'"):
            writer.write("x")


def test_gradients_of_any_iterable_of_tensors():
    parameters = {"a": leaf(1.0), "b": leaf(2.0)}
    loss = parameters["a"] * parameters["b"]
    found = torch.autograd.grad(loss, parameters.values())
    assert [g.item() for g in found] == [2, 1]


@pytest.mark.cpu
def test_as_array_shares_memory_unless_told_to_copy():
    numbers = np.zeros(2, np.float32)
    shared, own = torch.asarray(numbers), torch.asarray(numbers, copy=True)
    numbers[0] = 7
    assert shared[0].item() == 7 and own[0].item() == 0


def test_range_includes_its_end():
    with pytest.warns(UserWarning, match=r"torch.range is deprecated"):
        assert torch.range(1, 3).tolist() == [1.0, 2.0, 3.0]


def test_apply_runs_a_python_function_on_every_element():
    x = torch.tensor([[1, 2], [3, 4]])
    assert x.apply_(lambda n: n * 10) is x and x.tolist() == [[10, 20], [30, 40]] and x._version == 1
    with pytest.raises(RuntimeError, match=r"Can't call apply_\(\) on Variable that requires grad"):
        leaf(1.0).apply_(abs)


def test_dtypes_without_arrays_can_be_named_but_not_computed_in():
    dtype = {"float32": torch.float32, "bfloat16": torch.bfloat16}["bfloat16"]
    assert torch.ones(1).dtype != dtype and repr(dtype) == "torch.bfloat16" and dtype.is_floating_point
    with torch.autocast("cuda", dtype=dtype):
        assert not torch.is_autocast_enabled() and not torch.cuda.is_bf16_supported()
    with pytest.raises(NotImplementedError, match=r"does not compute in torch.bfloat16; use torch.float32"):
        torch.ones(1, dtype=dtype)
    with pytest.raises(NotImplementedError, match=r"does not compute in torch.complex64"):
        torch.ones(1).to(torch.complex64)


def test_a_checkpointed_function_gives_its_value_and_gradient():
    x = leaf(2.0)
    y = torch.utils.checkpoint.checkpoint(lambda x: x * x, x, use_reentrant=False)
    y.backward()
    assert y.item() == 4 and x.grad.item() == 4


def test_switches_can_be_set():
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cudnn.allow_tf32 = True
    assert torch.version.cuda is None
