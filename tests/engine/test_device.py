"""Devices: `device="cuda"` computes with CuPy, or here, without a GPU, with the stand-in for it."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import gradviz.engine as torch
from gradviz.engine import backend, nn
from gradviz.engine.nn import functional as F
from tests.engine import stand_in_cupy

T = torch.tensor


# -- where tensors are --------------------------------------------------------------------------------------


def test_a_tensor_says_where_it_is(cuda) -> None:
    x = torch.ones(2, device="cuda")
    assert x.is_cuda and x.device == torch.device("cuda:0") == torch.device(0) and x.get_device() == 0
    y = x.cpu()
    assert not y.is_cuda and y.device == torch.device("cpu") and y.get_device() == -1
    assert y.cpu() is y and x.cuda() is x and x.to("cuda", non_blocking=True) is x and x.to(0) is x
    assert y.to(x).is_cuda and y.to("cuda", torch.float64).dtype is torch.float64


@pytest.mark.parametrize(
    "make",
    [
        lambda **where: torch.zeros(2, **where),
        lambda **where: torch.ones(2, **where),
        lambda **where: torch.empty(2, **where),
        lambda **where: torch.full((2,), 3.0, **where),
        lambda **where: torch.arange(3, **where),
        lambda **where: torch.linspace(0, 1, 3, **where),
        lambda **where: torch.eye(2, **where),
        lambda **where: torch.tensor([1.0], **where),
        lambda **where: torch.as_tensor(np.ones(2), **where),
        lambda **where: torch.rand(2, **where),
        lambda **where: torch.randn(2, **where),
        lambda **where: torch.randint(3, (2,), **where),
        lambda **where: torch.randperm(3, **where),
        lambda **where: nn.Linear(2, 2, **where).weight,
        lambda **where: nn.LSTM(2, 2, **where).weight_hh_l0,
        lambda **where: nn.BatchNorm1d(2, **where).running_var,
    ],
)
def test_tensors_are_made_where_it_is_said(cuda, make) -> None:
    torch.manual_seed(0)
    there = make(device="cuda")
    torch.manual_seed(0)
    with torch.device("cuda"):
        by_default = make()
    torch.manual_seed(0)
    here = make()
    assert there.is_cuda and by_default.is_cuda and not here.is_cuda
    # Random numbers come from one stream, whatever the device.
    assert there.tolist() == by_default.tolist() == here.tolist()


def test_likes_and_news_are_made_beside_the_tensor(cuda) -> None:
    x = torch.ones(2, 2, device="cuda")
    likes = [torch.zeros_like(x), torch.full_like(x, 2), torch.rand_like(x), torch.randint_like(x, 3)]
    news = [x.new_zeros(2), x.new_tensor([1.0]), torch.bernoulli(x / 2), torch.multinomial(x, 1)]
    assert all(t.is_cuda for t in likes + news)
    assert not torch.zeros_like(x, device="cpu").is_cuda


def test_the_default_device(cuda) -> None:
    torch.set_default_device("cuda")
    assert torch.get_default_device() == torch.device("cuda") and torch.ones(2).is_cuda
    with torch.device("cpu"):
        assert not torch.ones(2).is_cuda
    assert torch.ones(2).is_cuda and not torch.from_numpy(np.ones(2)).is_cuda
    torch.set_default_device(None)
    assert not torch.ones(2).is_cuda


def test_a_tensor_prints_its_device(cuda) -> None:
    x = torch.ones(2, device="cuda", requires_grad=True)
    assert repr(x) == "tensor([1., 1.], device='cuda:0', requires_grad=True)"
    assert repr(T([1], dtype=torch.int32).cuda()) == "tensor([1], device='cuda:0', dtype=torch.int32)"


def test_numpy_wants_a_copy_in_main_memory(cuda) -> None:
    x = torch.ones(2, device="cuda")
    words = r"can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu\(\) to copy the tensor to host"
    for convert in (x.numpy, lambda: np.asarray(x)):
        with pytest.raises(TypeError, match=words):
            convert()
    assert x.cpu().numpy().tolist() == x.numpy(force=True).tolist() == [1, 1]
    assert float(x.sum()) == 2 and x.tolist() == [1, 1] and x[0].item() == 1 and bool(x[0])


# -- across devices ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mixture",
    [
        lambda gpu, cpu: gpu + cpu,
        lambda gpu, cpu: cpu * gpu,
        lambda gpu, cpu: cpu @ gpu,
        lambda gpu, cpu: torch.cat([gpu, cpu]),
        lambda gpu, cpu: torch.where(cpu > 0, gpu, gpu),
        lambda gpu, cpu: gpu.masked_fill(cpu > 0, 0.0),
        lambda gpu, cpu: gpu.add_(cpu),
        lambda gpu, cpu: F.linear(gpu, cpu),
        lambda gpu, cpu: F.cross_entropy(gpu, cpu[0].long()),
        lambda gpu, cpu: F.mse_loss(gpu, cpu),
        lambda gpu, cpu: F.embedding(cpu.long(), gpu),
        lambda gpu, cpu: gpu.gather(0, cpu.long()),
        lambda gpu, cpu: gpu.scatter(0, cpu.long(), 1.0),
        lambda gpu, cpu: gpu.index_select(0, cpu[0].long()),
        lambda gpu, cpu: gpu.index_add(0, cpu[0].long(), gpu),
    ],
)
def test_devices_do_not_mix(cuda, mixture) -> None:
    words = "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
    with pytest.raises(RuntimeError, match=words):
        mixture(torch.ones(2, 2, device="cuda"), torch.ones(2, 2))


def test_a_number_on_the_cpu_goes_with_any_device(cuda) -> None:
    x, scale = torch.ones(2, device="cuda", requires_grad=True), T(3.0, requires_grad=True)
    for y in (x * scale, scale * x, torch.ones(2, device="cuda").mul_(scale) * x):
        assert y.is_cuda and y.tolist() == [3, 3]
    (x * scale).sum().backward()
    assert x.grad.is_cuda and x.grad.tolist() == [3, 3]
    assert not scale.grad.is_cuda and scale.grad.item() == 2


def test_a_gradient_goes_back_where_it_came_from(cuda) -> None:
    x = T([1.0, 2.0], requires_grad=True)
    (x.cuda() ** 2).cpu().sum().backward()
    assert not x.grad.is_cuda and x.grad.tolist() == [2, 4]
    there = torch.zeros(2, device="cuda")
    there.copy_(x)
    there.sum().backward()
    assert not x.grad.is_cuda and x.grad.tolist() == [3, 5]
    (g,) = torch.autograd.grad((x.cuda() ** 3).sum(), x, create_graph=True)
    assert torch.autograd.grad(g.sum(), x)[0].tolist() == [6, 12]


def test_a_gradient_must_be_where_its_tensor_is(cuda) -> None:
    x = torch.ones(2, device="cuda", requires_grad=True)
    with pytest.raises(
        RuntimeError, match="invalid gradient at index 0 - expected device cuda:0 but got cpu"
    ):
        (x * 2).backward(torch.ones(2))
    with pytest.raises(
        RuntimeError, match="gradient with device type 'cpu' to a tensor with device type 'cuda'"
    ):
        x.grad = torch.ones(2)


def test_an_index_may_be_on_the_cpu(cuda) -> None:
    x = torch.arange(6.0, device="cuda").reshape(2, 3)
    assert x[:, T([0, 2])].tolist() == x[:, [0, 2]].tolist() == [[0, 2], [3, 5]]
    assert x[x.cpu() > 3].tolist() == [4, 5] and x[T(1), T(1)].item() == 4
    x[T([0]), [1]] = 9
    x[1] = T([6.0, 7.0, 8.0])  # values of a part are copied, too
    assert x.tolist() == [[0, 9, 2], [6, 7, 8]]


@pytest.mark.parametrize(
    ("beyond", "words"),
    [
        (lambda x, i: x[i], "index 5 is out of bounds for dimension 0 with size 3"),
        (lambda x, i: x.__setitem__(i, 1.0), "index 5 is out of bounds for dimension 0 with size 3"),
        (
            lambda x, i: x.index_put((i,), T(1.0).cuda()),
            "index 5 is out of bounds for dimension 0 with size 3",
        ),
        (lambda x, i: x.gather(0, i), "index 5 is out of bounds for dimension 0 with size 3"),
        (lambda x, i: x.scatter(0, i, 1.0), "index 5 is out of bounds for dimension 0 with size 3"),
        (lambda x, i: x.scatter_add(0, i, x), "index 5 is out of bounds for dimension 0 with size 3"),
        (lambda x, i: x.index_select(0, i), "index out of range in self"),
        (lambda x, i: x.index_add(0, i, x[:2]), "index out of range in self"),
        (lambda x, i: x.take(i), "out of range"),
        (lambda x, i: F.embedding(i, x.reshape(3, 1)), "index out of range in self"),
        (lambda x, i: F.one_hot(i, 3), "Class values must be smaller than num_classes."),
        (lambda x, i: F.cross_entropy(torch.ones(2, 3).cuda(), i), "Target 5 is out of bounds."),
    ],
)
def test_positions_out_of_range_are_noticed(cuda, beyond, words: str) -> None:
    with pytest.raises((IndexError, RuntimeError), match=words):
        beyond(torch.arange(3.0, device="cuda"), T([0, 5], device="cuda"))


def test_sums_at_equal_positions(cuda) -> None:
    index = T([1, 1, 2], device="cuda")
    for dtype in (torch.float32, torch.float64, torch.float16, torch.int64, torch.int32, torch.uint8):
        out = torch.zeros(3, dtype=dtype, device="cuda").index_add(0, index, torch.ones_like(index).to(dtype))
        assert out.dtype is dtype and out.tolist() == [0, 2, 1]


# -- programs ----------------------------------------------------------------------------------------------


def trained(device: str) -> tuple[list[float], nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.2), nn.Linear(18, 5)
    ).to(device)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    data = torch.utils.data.TensorDataset(torch.randn(12, 1, 8, 8), torch.randint(5, (12,)))
    losses = []
    for _ in range(2):
        for inputs, labels in torch.utils.data.DataLoader(data, 4, shuffle=True, pin_memory=True):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(inputs.to(device)), labels.to(device))
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
    return losses, net, optimizer


def test_training_is_the_same_on_both_devices(cuda) -> None:
    losses, net, optimizer = trained("cuda")
    np.testing.assert_allclose(losses, trained("cpu")[0], rtol=1e-4)
    assert all(p.is_cuda and p.grad.is_cuda for p in net.parameters())
    assert all(state["exp_avg"].is_cuda for state in optimizer.state.values())


def test_checkpoints_go_from_device_to_device(cuda, tmp_path) -> None:
    _, net, optimizer = trained("cuda")
    torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "checkpoint.pt")
    for device in ("cpu", "cuda"):
        found = torch.load(tmp_path / "checkpoint.pt", map_location=device)
        weight = found["net"]["0.weight"]
        assert weight.device.type == device and weight.tolist() == net[0].weight.tolist()
    _, other, on_cpu = trained("cpu")
    other.load_state_dict(found["net"])
    on_cpu.load_state_dict(found["optimizer"])
    state = on_cpu.state[other[0].weight]
    assert not other[0].weight.is_cuda and not state["exp_avg"].is_cuda


def test_a_module_moves_as_a_whole(cuda) -> None:
    net = nn.BatchNorm1d(2)
    weight = net.weight
    net(torch.randn(4, 2)).sum().backward()
    assert net.cuda() is net and net.weight is weight and weight.is_cuda and weight.grad.is_cuda
    assert net.running_mean.is_cuda and net.num_batches_tracked.is_cuda
    assert not net.cpu().weight.is_cuda


def test_a_training_step_waits_for_the_gpu_once(cuda, monkeypatch: pytest.MonkeyPatch) -> None:
    if backend.load_cupy().ndarray is not stand_in_cupy.ndarray:
        pytest.skip("only the stand-in can count")
    asked = []
    for name in ("item", "tolist", "get", "__bool__", "__int__", "__float__"):
        original = getattr(stand_in_cupy.ndarray, name)
        monkeypatch.setattr(
            stand_in_cupy.ndarray, name, lambda self, name=name, of=original: asked.append(name) or of(self)
        )
    with torch.device("cuda"):
        net, x, labels = (
            nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.BatchNorm1d(3)),
            torch.rand(5, 4),
            [0] * 5,
        )
        optimizer, labels = torch.optim.Adam(net.parameters()), T(labels)
    F.cross_entropy(net(x), labels).backward()
    optimizer.step()
    assert asked == ["__bool__"]  # whether all labels are classes


def test_questions_about_the_gpu(cuda) -> None:
    assert torch.cuda.is_available() and torch.cuda.device_count() >= 1 and torch.cuda.current_device() == 0
    assert torch.cuda.get_device_name() == torch.cuda.get_device_properties(0).name
    assert torch.accelerator.current_accelerator() == torch.device("cuda")
    torch.cuda.set_device(0)
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    torch.cuda.manual_seed_all(0)
    assert torch.cuda.memory_allocated() <= torch.cuda.max_memory_allocated()
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    end.record()
    torch.cuda.synchronize()
    assert start.elapsed_time(end) >= 0
    with pytest.raises(RuntimeError, match="invalid device ordinal"):
        torch.ones(2, device="cuda:99")


# -- without a GPU -----------------------------------------------------------------------------------------


@pytest.mark.cpu
@pytest.mark.parametrize(
    "ask",
    [
        lambda: torch.ones(2, device="cuda"),
        lambda: torch.ones(2).cuda(),
        lambda: nn.Linear(2, 2).to("cuda:0"),
        lambda: torch.set_default_device("cuda"),
        lambda: torch.cuda.current_device(),
        lambda: torch.load("none.pt", map_location="cuda"),
    ],
)
def test_without_a_gpu_the_words_say_what_is_needed(monkeypatch: pytest.MonkeyPatch, ask) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    backend.load_cupy.cache_clear()
    try:
        assert not torch.cuda.is_available() and torch.cuda.device_count() == 0
        with pytest.raises(AssertionError, match=r"Torch not compiled with CUDA enabled: .* needs .* CuPy"):
            ask()
    finally:
        backend.load_cupy.cache_clear()


def test_a_device_of_another_kind_is_refused() -> None:
    with pytest.raises(RuntimeError, match="gradviz computes on 'cpu' and 'cuda' and has no device 'mps'"):
        torch.ones(2, device="mps")
    with pytest.raises(RuntimeError, match=r"Expected one of cpu, cuda, .* at start of device string: gpu"):
        torch.device("gpu")
