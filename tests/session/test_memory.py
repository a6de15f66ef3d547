"""What a program holds while an iteration is recorded: compared with all tensors that really exist."""

import gc
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.engine import Tensor
from gradviz.engine.backend import is_array, owner_of
from gradviz.engine.tape import Op
from gradviz.session.memory import MemoryLog
from gradviz.session.recording import Recording
from gradviz.trace.file import TraceFile, write_iteration
from gradviz.trace.memory import is_live, live_bytes_of
from tests.session.harness import SMALL_NET, described, event_of, node_named, record

GAN = """
import torch, torch.nn as nn
g = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))
d = nn.Sequential(nn.Linear(3, 8), nn.Linear(8, 1))
og, od = torch.optim.Adam(g.parameters(), lr=.01), torch.optim.RMSprop(d.parameters(), lr=.01)
real = torch.rand(5, 3)
for i in range(3):
    fake = g(torch.rand(5, 2))
    od.zero_grad()
    loss_d = (d(fake.detach()) - d(real)).mean()
    loss_d.backward()
    od.step()
    og.zero_grad()
    loss_g = -d(fake).mean()
    loss_g.backward()
    og.step()
"""
LEAK = """
import torch, torch.nn as nn
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
losses, x = [], torch.rand(8, 3)
for i in range(4):
    loss = (net(x) ** 2).mean()
    optimizer.zero_grad()
    loss.backward(retain_graph=True)
    optimizer.step()
    losses.append(loss)
"""
VALIDATION_LEAK = """
import torch, torch.nn as nn
net = nn.Linear(3, 4)
total, x = 0, torch.rand(8, 3)
for i in range(4):
    loss = (torch.relu(net(x)) ** 2).sum()
    total += loss
"""
IN_PLACE = """
import torch, torch.nn as nn
fc, buffer = nn.Linear(3, 4), torch.zeros(4)
x = torch.rand(8, 3)
for i in range(2):
    y = fc(x)
    y[0].add_(1)
    y.relu_()
    buffer += y.detach().sum(0)
    buffer[1] = 7
    z = y.view(4, 8).t() * 2
    z.sum().backward()
    with torch.no_grad():
        for p in fc.parameters():
            p -= 0.1 * p.grad
            p.grad = None
"""
CHECKPOINTED = """
import torch, torch.nn as nn

class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return torch.tanh(x @ weight)

    @staticmethod
    def backward(ctx, g):
        x, weight = ctx.saved_tensors
        with torch.enable_grad():
            x, weight = x.detach().requires_grad_(), weight.detach().requires_grad_()
            y = torch.tanh(x @ weight)
        return torch.autograd.grad(y, (x, weight), g)

w = torch.rand(3, 3, requires_grad=True)
x = torch.rand(2, 3)
for i in range(2):
    y = x
    for _ in range(4):
        y = Checkpoint.apply(y, w)
    y.sum().backward()
    with torch.no_grad():
        w -= w.grad
        w.grad = None
"""
SECOND_ORDER = """
import torch
x = torch.rand(4, requires_grad=True)
for i in range(2):
    y = (x ** 3).sum()
    g, = torch.autograd.grad(y, x, create_graph=True)
    (g * g).sum().backward()
    with torch.no_grad():
        x -= 0.01 * x.grad
    x.grad = None
"""
NORMED = """
import torch, torch.nn as nn
net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.5), nn.Flatten(), nn.Linear(72, 3))
optimizer = torch.optim.Adam(net.parameters())
lstm = nn.LSTM(3, 4)
for images in torch.rand(3, 4, 1, 8, 8):
    out, _ = lstm(net(images)[None])
    optimizer.zero_grad()
    nn.functional.cross_entropy(out[0], torch.tensor([0, 1, 2, 3])).backward()
    optimizer.step()
"""


def nbytes_that_exist() -> dict[int, int]:
    """The storages of all tensors that there are, and of what graphs keep, by their owners' ids."""
    arrays = []
    for thing in gc.get_objects():
        if isinstance(thing, Tensor) and "array" in vars(thing):
            arrays.append(thing.array)
        elif isinstance(thing, Op) and type(thing.saved) is dict:
            arrays += [array for array in thing.saved.values() if is_array(array)]
    owners = map(owner_of, arrays)
    return {id(owner): owner.nbytes for owner in owners}


@pytest.fixture(autouse=True)
def only_the_programs_own():
    """What is there before a program runs is not among gc.get_objects."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def compared(monkeypatch):
    return compare_after_every_event(monkeypatch)


def compare_after_every_event(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Compares what is known of the memory with what exists, after every recorded event; how often it did."""
    counts = Counter()

    def compare(log: MemoryLog) -> None:
        existing = nbytes_that_exist()
        followed = {id(s.owner()): s for s in log._storages if s.owner() is not None}
        met = {owner: nbytes for owner, nbytes in existing.items() if owner in followed}
        live = {owner: s for owner, s in followed.items() if s.until is None}
        on_their_way = {owner for owner, s in live.items() if s.kind == "gradient" and not s.tensors}
        kinds = {owner: (s.kind, s.nbytes, s.node, s.tensors) for owner, s in live.items()}
        assert [kinds[owner] for owner in live if owner not in met and owner not in on_their_way] == []
        assert [followed[owner].kind for owner in met if owner not in live] == []
        assert sum(met.values()) == sum(
            s.nbytes for o, s in live.items() if o in met or o not in on_their_way
        )
        counts["events"] += 1
        counts["bytes"] += sum(met.values())

    for name in ("forward", "backward", "accumulate", "updated"):
        heard = getattr(Recording, name)

        def hear(recording, *args, heard=heard):
            events = len(recording.iteration.events)
            heard(recording, *args)
            if recording._memory is not None and len(recording.iteration.events) > events:
                compare(recording._memory)

        monkeypatch.setattr(Recording, name, hear)
    return counts


@pytest.mark.parametrize(
    "text",
    [SMALL_NET, GAN, LEAK, VALIDATION_LEAK, IN_PLACE, CHECKPOINTED, SECOND_ORDER, NORMED],
    ids=["net", "gan", "leak", "validation", "in place", "checkpointed", "second order", "normed"],
)
def test_what_is_known_is_what_exists(text, compared):
    session = record(text, ["iteration"] * 8)
    assert compared["events"] == sum(len(it.events) for it in session.iterations) > 10
    for iteration in session.iterations:
        live = live_bytes_of(iteration)
        for event in range(-1, len(iteration.events)):
            there = [s.nbytes for s in iteration.memory.storages if is_live(s, event)]
            assert sum(live.at(event).values()) == sum(there) == live.total[event + 1]


PREPARED = """
import torch
w = torch.rand(4, 4, requires_grad=True)
kept, y = [], w * 1

def go_back(y):
    try:
        y.sum().backward(retain_graph=True)
    except RuntimeError:  # it was overwritten, or needs no gradient
        pass

"""
STEPS = ("y = y * 2", "y = torch.relu(y)", "y = y.t() @ w", "y.mul_(3)", "kept.append(y)", "kept.clear()",
         "z = y", "y = y.detach()", "y = y[:2].repeat(2, 1)", "y = y.sigmoid_()", "y[0] = 1.0",
         "go_back(y)", "w.grad = None")  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=12))
def test_of_any_program(steps):
    text = PREPARED + "\n".join(steps)
    with pytest.MonkeyPatch.context() as patch:
        compared = compare_after_every_event(patch)
        iterations = record(text).iterations
    assert compared["events"] == sum(len(iteration.events) for iteration in iterations) > 0


def test_views_are_the_storage_that_they_are_views_of():
    iteration = record(SMALL_NET, ["iteration"] * 2).iterations[1]
    memory = iteration.memory
    weight = node_named(iteration, "net.fc2.weight")
    (kept,) = [k for k in memory.kept if iteration.nodes[k.node].name == "addmm" and k.name == "b"]
    assert memory.storages[kept.storage].node == weight.id
    assert memory.storages[kept.storage].kind == "parameter"
    assert sum(s.node == weight.id and s.kind == "parameter" for s in memory.storages) == 1


def test_what_is_kept_for_backward_lives_until_its_backward():
    iteration = record(SMALL_NET, ["iteration"] * 2).iterations[1]
    relu = node_named(iteration, "net/relu")
    (kept,) = [kept for kept in iteration.memory.kept if kept.node == relu.id]
    assert (kept.name, kept.since, kept.until) == (
        "out",
        event_of(iteration, "forward", relu),
        event_of(iteration, "backward", relu),
    )
    storage = iteration.memory.storages[kept.storage]
    following = node_named(iteration, "net.fc2/addmm")  # after it no variable of the program has it any more
    assert storage.graph_only > event_of(iteration, "forward", following)
    assert storage.kind == "activation"


def test_a_leak_shows_from_iteration_to_iteration_and_says_what_holds_it():
    iterations = record(LEAK, ["iteration"] * 4).iterations
    earlier = [live_bytes_of(it).at(len(it.events) - 1).get("earlier", 0) for it in iterations]
    assert earlier[0] == 0 < earlier[1] < earlier[2] < earlier[3]
    left = [s for s in iterations[-1].memory.storages if s.kind == "earlier" and s.until is None]
    assert left and {s.holder for s in left} == {"losses"}
    assert all(kept.until is None for kept in iterations[-1].memory.kept)


def test_a_graph_without_backward_is_held_by_the_sum_of_its_losses():
    iterations = record(VALIDATION_LEAK, ["end"]).iterations
    memory = iterations[-1].memory
    assert any(s.holder == "total" and s.until is None for s in memory.storages)


def test_who_overwrites_is_said_with_the_line():
    iteration = record(IN_PLACE, ["iteration"] * 2).iterations[0]
    memory, lines = iteration.memory, IN_PLACE.splitlines()
    writes = [(lines[w.source.line - 1].strip(), iteration.nodes[w.node].name if w.node >= 0 else "")
              for w in memory.writes]  # fmt: skip
    assert ("y.relu_()", "relu_") in writes and ("y[0].add_(1)", "add_") in writes
    assert ("p -= 0.1 * p.grad", "weight") in writes
    words = described(iteration)
    (relu,) = [w for w in memory.writes if w.node >= 0 and iteration.nodes[w.node].name == "relu_"]
    assert words[relu.event] == "forward relu_"
    addmm = node_named(iteration, "fc/addmm")
    assert memory.storages[relu.storage].node == addmm.id


def test_the_state_of_an_optimizer_is_there_from_its_first_step_on():
    first, second = record(GAN, ["iteration"] * 2).iterations[:2]
    assert {s.since for s in first.memory.storages if s.kind == "optimizer"} != {-1}
    assert {s.since for s in second.memory.storages if s.kind == "optimizer"} <= {-1, len(second.events) - 1}


def test_the_program_keeps_its_own_lifetimes():
    text = (
        "import torch, weakref\nx = torch.rand(3, requires_grad=True)\nalive = []\n"
        "for i in range(2):\n    y = x * 2\n    seen = weakref.ref(y)\n    z = y.sum()\n    del y\n"
        "    alive.append(seen() is None)\n    z.backward()\n    x.grad = None\n"
    )
    session = record(text, ["iteration"] * 2)
    assert session.program.namespace["alive"] == [True, True]


def test_nothing_is_said_of_an_iteration_that_was_joined_in_the_middle(monkeypatch):
    monkeypatch.setattr("gradviz.session.wishes.Wishes.impatient", property(lambda self: True))
    iteration = record("import torch\nx = torch.rand(3)\nfor i in range(5):\n    x = x + 1\n", ["end"])
    assert all(it.memory is None or it.memory.storages for it in iteration.iterations)


def test_it_is_the_same_on_a_gpu(cuda):
    on_gpu = SMALL_NET.replace("Net()\n", "Net().cuda()\n").replace("8, 3)", "8, 3).cuda()")
    on_gpu = on_gpu.replace("* 4)", "* 4).cuda()")
    there, here = (record(text, ["iteration"] * 3).iterations[1] for text in (on_gpu, SMALL_NET))
    assert live_bytes_of(there).total.tolist() == live_bytes_of(here).total.tolist()


def test_a_trace_file_keeps_it(tmp_path):
    iteration = record(LEAK, ["iteration"] * 2).iterations[1]
    write_iteration(tmp_path / "run.gvtrace", iteration, [], lambda _ref: None)
    with TraceFile(tmp_path / "run.gvtrace") as file:
        assert file.iteration(1).memory == iteration.memory
