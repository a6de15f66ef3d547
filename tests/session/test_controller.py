"""Where iterations begin and end, what is recorded of them, and how the run reports itself."""

import math

import numpy as np
import pytest

from gradviz.session.program import Program, Settings
from gradviz.trace import ArrayRef
from tests.session.harness import SMALL_NET, described, node_named, record

LOADER = """
import torch, torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
data = torch.rand(10, 3)
data = (data - data.mean()) / data.std()
loader = DataLoader(TensorDataset(data, torch.zeros(10, dtype=torch.int64)), batch_size=4)
net = nn.Linear(3, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    for x, y in loader:
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        right = (net.weight.detach() > 0).sum()
"""


PATIENCE = 600.0  # seconds


def test_stepping_records_one_iteration_after_the_other():
    session = record(SMALL_NET, ["iteration"] * 5)
    assert [iteration.index for iteration in session.iterations] == [0, 1, 2, 3, 4]
    assert all(iteration.complete for iteration in session.iterations)
    assert [status.state for status in session.statuses if status.state != "running"] == ["ready"] + [
        "holding"
    ] * 4 + ["finished"]


def test_at_full_speed_the_loss_of_every_iteration_is_kept():
    session = record(SMALL_NET, ["end"])
    iterations, losses = session.run.curve("loss")
    assert iterations.tolist() == [0, 1, 2, 3, 4]
    assert losses[-1] < losses[0]
    assert session.statuses[-1].state == "finished"


def test_a_short_run_at_full_speed_ends_on_its_last_iteration(monkeypatch):
    monkeypatch.setattr("gradviz.session.recorder.RECORD_ALL_FOR", PATIENCE)  # however busy the machine is
    assert record(SMALL_NET, ["end"]).iterations[-1].index == 4


def test_a_long_run_at_full_speed_ends_on_a_late_iteration(monkeypatch):
    monkeypatch.setattr("gradviz.session.recorder.RECORD_ALL_FOR", 0.0)
    monkeypatch.setattr("gradviz.session.recorder.RECORD_EVERY", 0.0)
    monkeypatch.setattr("gradviz.session.recorder.MAX_HASH_SHARE", float("inf"))
    session = record(SMALL_NET.replace("range(5)", "range(50)"), ["end"])
    assert session.iterations[-1].index == 49
    assert len(session.iterations) < 50  # most were not shown


def test_an_iteration_knows_its_epoch_and_batch():
    session = record(LOADER, ["iteration"] * 5)
    places = [(it.index, it.epoch, it.batch, it.batches) for it in session.iterations]
    assert places[:5] == [(0, 0, 0, 3), (1, 0, 1, 3), (2, 0, 2, 3), (3, 1, 0, 3), (4, 1, 1, 3)]


def test_preparing_the_data_is_not_an_iteration():
    names = [node.name for node in record(LOADER).iterations[0].nodes]
    assert "std" not in names and "mean" not in names


def test_training_after_an_evaluation_of_the_same_net_is_another_iteration():
    text = SMALL_NET.replace("range(5):", "range(2):\n    with torch.no_grad(): net(inputs)")
    session = record(text, ["iteration"] * 4)
    assert [it.loss is None for it in session.iterations] == [True, False, True, False]


def test_what_another_net_makes_without_gradient_belongs_to_the_step_that_uses_it():
    text = (
        "import torch, torch.nn as nn\nmaker, judge = nn.Linear(2, 3), nn.Linear(3, 1)\n"
        "optimizer = torch.optim.SGD(judge.parameters(), lr=0.1)\n"
        "for i in range(3):\n    with torch.no_grad(): fake = maker(torch.rand(4, 2))\n"
        "    optimizer.zero_grad()\n    judge(fake).mean().backward()\n    optimizer.step()\n"
    )
    session = record(text, ["iteration"] * 3)
    assert len(session.iterations) == 3
    assert all("forward maker/addmm" in described(it) for it in session.iterations)


def test_every_batch_of_an_evaluation_is_an_iteration_with_or_without_no_grad():
    for context in ("torch.no_grad()", "torch.enable_grad()"):
        text = LOADER.split("net = ")[0] + (
            f"net = nn.Linear(3, 2)\nwith {context}:\n    for x, y in loader:\n        net(x).argmax(1)\n"
        )
        session = record(text, ["iteration"] * 3)
        assert [(it.index, it.batch) for it in session.iterations] == [(0, 0), (1, 1), (2, 2)]


def test_a_trial_before_the_first_batch_is_not_an_iteration():
    text = LOADER.replace("optimizer =", "print(net(torch.rand(1, 3)).shape)\noptimizer =")
    words = described(record(text).iterations[0])
    assert words.count("forward net/addmm") == 1


def test_gradients_gathered_over_batches_belong_to_one_iteration():
    text = LOADER.replace("        optimizer.step()", "        if x.shape[0] < 4: optimizer.step()").replace(
        "        optimizer.zero_grad()\n", ""
    )
    session = record(text, ["iteration"] * 3)
    assert [(it.epoch, it.batch) for it in session.iterations] == [(0, 2), (1, 2), (2, 2)]
    assert [described(it).count("backward net/addmm") for it in session.iterations] == [3, 3, 3]


def test_statistics_after_the_update_belong_to_the_iteration_before():
    words = described(record(LOADER).iterations[0])
    update = max(i for i, word in enumerate(words) if word.startswith("update"))
    assert any(word.startswith("forward") for word in words[update + 1 :])


def test_running_to_the_next_epoch_records_its_first_iteration():
    session = record(LOADER, ["iteration", "epoch", "epoch"])
    assert [(it.epoch, it.batch) for it in session.iterations][:3] == [(0, 0), (1, 0), (2, 0)]


def test_a_program_without_updates_is_one_iteration():
    session = record("import torch\nx = torch.tensor(2., requires_grad=True)\ny = x * x\ny.backward()\n")
    (iteration,) = session.iterations
    assert described(iteration) == ["forward mul", "backward mul", "accumulate x"]
    assert iteration.loss == 4.0


def test_a_program_without_any_operation_still_ends_its_first_step():
    session = record("print(1)")
    assert session.iterations[0].events == [] and session.iterations[0].complete


def test_an_evaluation_is_an_iteration_of_its_own_and_has_no_loss():
    text = SMALL_NET + "\nwith torch.no_grad():\n    scores = net(inputs)\n"
    session = record(text, ["iteration"] * 9)
    last = session.iterations[-1]
    assert last.index == 5 and last.loss is None
    assert {event.kind for event in last.events} == {"forward"}
    assert session.run.curve("loss")[0].tolist() == [0, 1, 2, 3, 4]


def test_a_custom_optimizer_shows_its_updates_but_not_its_arithmetic():
    text = (
        "import torch\nclass Mine(torch.optim.Optimizer):\n"
        "    def __init__(self, params, lr):\n        super().__init__(params, dict(lr=lr))\n"
        "    def step(self, closure=None):\n        for group in self.param_groups:\n"
        "            for p in group['params']:\n                p.data = p.data - group['lr'] * p.grad.data\n"
        "w = torch.ones(3, requires_grad=True)\nopt = Mine([w], 0.1)\n"
        "for i in range(3):\n    opt.zero_grad()\n    (w * w).sum().backward()\n    opt.step()\n"
    )
    session = record(text, ["iteration"] * 3)
    assert [described(it) for it in session.iterations] == [
        ["forward mul", "forward sum", "backward sum", "backward mul", "accumulate w", "update w"]
    ] * 3


def test_two_optimizers_make_two_iterations():
    text = (
        "import torch\na = torch.ones(1, requires_grad=True)\nb = torch.ones(1, requires_grad=True)\n"
        "first, second = torch.optim.SGD([a], lr=0.1), torch.optim.SGD([b], lr=0.1)\n"
        "for i in range(2):\n    (a * 2).sum().backward()\n    first.step()\n"
        "    (b * 2).sum().backward()\n    second.step()\n"
    )
    session = record(text, ["iteration"] * 4)
    updates = [described(it)[-1] for it in session.iterations]
    assert updates == ["update a", "update b"] * 2


def test_a_loss_that_is_not_a_number_is_said_once_at_its_line():
    text = SMALL_NET.replace("lr=0.5", "lr=1e30")
    session = record(text, ["end"])
    (problem,) = session.problems
    assert problem.kind == "nan" and problem.severity == "warning"
    assert problem.hint_arguments[0] == "2"  # counted from 1: the first step was too long
    assert "loss.backward()" in text.splitlines()[problem.source.line - 1]
    assert not math.isfinite(session.run.curve("loss")[1][-1])


def test_recorded_iterations_leave_norms_behind():
    session = record(SMALL_NET, ["iteration"] * 5)
    names = session.run.names
    assert "grad_norm/net.fc1.weight" in names and "update_ratio/net.fc2.bias" in names
    assert all(value > 0 for value in session.run.curve("grad_norm/net.fc2.bias")[1])


def test_a_parameter_that_changes_its_shape_has_no_update_ratio():
    text = "import torch\nw = torch.rand(3, requires_grad=True)\n(w * 2).sum().backward()\n"
    names = record(text + "w.data = torch.rand(5)\n").run.names
    assert "grad_norm/w" in names and "update_ratio/w" not in names


def test_the_learning_rate_of_recorded_iterations_is_a_curve():
    text = f"{SMALL_NET}\n    optimizer.param_groups[0]['lr'] /= 2"
    session = record(text, ["iteration"] * 5)
    assert session.run.curve("learning_rate")[1].tolist() == [0.5, 0.25, 0.125, 0.0625, 0.03125]


@pytest.mark.parametrize(("other", "points"), [(0.5, 3), (0.25, 0)])
def test_only_optimizers_of_one_mind_have_a_learning_rate(other, points):
    text = SMALL_NET.replace("net.parameters()", "net.fc1.parameters()")
    text = text.replace("inputs,", f"other = torch.optim.SGD(net.fc2.parameters(), lr={other})\ninputs,")
    text = text.replace("    optimizer.step()", "    optimizer.step(); other.step()")
    session = record(text, ["iteration"] * 3)
    assert len(session.run.curve("learning_rate")[1][:3]) == points


DIGITS = """
import torch, torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(784, 10))

    def forward(self, x):
        if not self.training:
            print("evaluated")
        return self.layers(x)

net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
losses = []
for i, (x, y) in zip(range(20), train_loader):
    loss = nn.functional.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
"""


def test_the_test_accuracy_is_measured_without_touching_the_program(capsys):
    session = record(DIGITS, ["end"], settings=Settings(seed=3))
    values = session.run.curve("accuracy")[1]
    assert len(values) >= 2 and values[-1] > 0.2
    alone = Program(DIGITS, "program.py", Settings(seed=3))
    alone.run()
    assert session.program.namespace["losses"] == alone.namespace["losses"]
    assert capsys.readouterr().out == ""


def test_the_same_seed_gives_the_same_losses_however_the_run_is_watched():
    watched = record(LOADER, ["iteration", "iteration", "epoch", "end"])
    unwatched = record(LOADER, ["end"])
    assert watched.run.curve("loss")[1].tolist() == unwatched.run.curve("loss")[1].tolist()


@pytest.mark.parametrize("kind", ["criterion", "function"])
def test_a_loss_snippet_trains_the_built_in_net_and_is_on_the_graph(kind):
    snippet = {
        "criterion": "import torch.nn as nn\nclass Mine(nn.Module):\n"
        "    def forward(self, outputs, labels):\n"
        "        return -outputs.log_softmax(1)[range(len(labels)), labels].mean()\ncriterion = Mine()\n",
        "function": "def mine(outputs, labels):\n"
        "    return -outputs.log_softmax(1)[range(len(labels)), labels].mean()\n",
    }[kind]
    session = record(snippet, ["iteration"])
    iteration = session.iterations[0]
    own = [node for node in iteration.nodes if node.source and node.source.file == "program.py"]
    assert {"log_softmax", "mean", "neg"} <= {node.name for node in own}
    assert any(node.qualified_name == "net.fc1.weight" for node in iteration.nodes)
    assert iteration.batches == 157


def test_the_shown_iteration_can_be_looked_at_until_the_next_is_shown(monkeypatch):
    monkeypatch.setattr("gradviz.session.recorder.SHOW_EVERY", 0.0)
    text = DIGITS + "with torch.no_grad():\n    for x, y in test_loader:\n        net(x)\n"
    session = record(text, ["end"])
    shown = session.iterations[-1]
    assert shown.loss is not None
    assert all(session.array(node, "value", len(shown.events)) is not None for node in shown.nodes)


def test_an_array_is_compared_with_that_of_the_step_before():
    session = record(SMALL_NET, ["iteration"] * 5)
    now = session.iterations[-1]
    weight, last = node_named(now, "net.fc1.weight"), len(now.events) - 1
    change = session.controller.find(ArrayRef(now.index, last, weight.id, "value", change=True))
    assert np.allclose(change, -0.5 * session.array(weight, "grad", last), atol=1e-7) and np.any(change)
    assert session.controller.find(ArrayRef(0, last, weight.id, "value", change=True)) is None
