"""What a branch changes in a running program, and what it says when it cannot."""

from __future__ import annotations

import pytest

from gradviz.trace.branches import DatedEdit, Edit, SetElement, SetLearningRate, SetLoss, SetSample
from tests.session.harness import SMALL_NET, Session, node_named, record

BY_HAND = """
import torch
w, lr = torch.tensor([1.0, 2.0], requires_grad=True), 0.1
for i in range(4):
    loss = (w * torch.tensor([3.0, 4.0])).sum()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
    w.grad.zero_()
"""

TWO_OPTIMIZERS = """
import torch
a, b = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
first, second = torch.optim.SGD([a], lr=0.1), torch.optim.SGD([{"params": [b]}], lr=0.1)
for i in range(3):
    first.zero_grad(); second.zero_grad()
    (a + b).sum().backward()
    first.step(); second.step()
"""

LOADED = """
import torch
from torch.utils.data import DataLoader, TensorDataset
x, y = torch.arange(6.0).reshape(6, 1), torch.zeros(6, 1)
loader = DataLoader(TensorDataset(x, y), batch_size=3)
w = torch.ones(1, requires_grad=True)
seen = []
for epoch in range(2):
    for inputs, labels in loader:
        seen.append((inputs.flatten().tolist(), labels.flatten().tolist()))
        ((w * inputs - labels) ** 2).sum().backward()
        with torch.no_grad():
            w -= 0 * w.grad
            w.grad = None
"""


def edited(text: str, *edits: tuple[int, Edit]) -> Session:
    """Runs the text with every iteration recorded, and with those edits."""
    return record(text, ["iteration"] * 10, edits=[DatedEdit(*dated) for dated in edits])


def hints(session: Session) -> list[str]:
    return [problem.hint.format(*problem.hint_arguments) for problem in session.problems]


def losses(session: Session) -> list[float | None]:
    return [iteration.loss for iteration in session.iterations]


def test_a_learning_rate_counts_from_its_iteration_on():
    before, after = (
        losses(record(BY_HAND, ["iteration"] * 4)),
        losses(edited(BY_HAND, (2, SetLearningRate(1.0)))),
    )
    assert after[:3] == before[:3]  # what iteration 2 computes is only used by iteration 3
    assert after[3] == pytest.approx(before[2] - 25.0)


def test_an_optimizers_learning_rate_is_set_in_all_its_groups():
    session = edited(SMALL_NET, (1, SetLearningRate(0.0)))
    assert losses(session)[2] == losses(session)[3] == losses(session)[1]


def test_of_two_optimizers_one_can_be_chosen():
    session = edited(TWO_OPTIMIZERS, (1, SetLearningRate(1.0, group=0, optimizer="second")))
    assert session.program.namespace["a"].item() == pytest.approx(0.7)
    assert session.program.namespace["b"].item() == pytest.approx(1 - 0.1 - 2.0)


def test_a_scheduler_is_mentioned():
    text = (
        SMALL_NET.replace("\nfor", "\nplan = torch.optim.lr_scheduler.StepLR(optimizer, 1)\nfor")
        + "    plan.step()\n"
    )
    session = edited(text, (1, SetLearningRate(0.25)))
    assert [p.severity for p in session.problems] == ["warning"] and "scheduler" in hints(session)[0]
    assert session.program.namespace["optimizer"].param_groups[0]["lr"] == pytest.approx(0.25 * 0.1**4)


@pytest.mark.parametrize("name", ["net.fc1.bias", "net.fc1/bias"])
def test_an_element_of_a_parameter_is_set_before_the_iteration_computes(name):
    session = edited(SMALL_NET, (4, SetElement(name, (2,), 7.5)))
    bias = node_named(session.iterations[-1], "net.fc1.bias")
    assert session.array(bias, "value", -1)[2] == 7.5
    assert losses(session)[:4] == losses(record(SMALL_NET, ["iteration"] * 4))[:4]


def test_an_element_is_set_before_the_first_operation_of_a_program_without_modules():
    session = edited(BY_HAND, (3, SetElement("w", (0,), 100.0)))
    plain = losses(record(BY_HAND, ["iteration"] * 4))
    w = 1.0 - 3 * 0.3
    assert losses(session)[3] == pytest.approx(plain[3] + 3 * (100 - w))


def test_what_the_iteration_before_has_recorded_stays_as_it_was():
    session = record(BY_HAND, ["iteration", "iteration"], edits=[DatedEdit(1, SetElement("w", (0,), 100.0))])
    assert losses(session)[0] == 11.0


def test_the_first_iteration_is_edited_once_the_program_has_made_what_it_begins_with():
    session = edited(SMALL_NET, (0, SetElement("net.fc2.weight", (1, 3), 9.0)), (0, SetLearningRate(0.0)))
    weight = node_named(session.iterations[0], "net.fc2.weight")
    assert session.array(node_named(session.iterations[-1], "net.fc2.weight"), "value", -1)[1, 3] == 9.0
    assert weight.shape == (2, 4) and not any(problem.severity == "error" for problem in session.problems)
    assert len(set(losses(session))) == 1


def test_buffers_can_be_set():
    text = SMALL_NET.replace("torch.relu(self.fc1(x))", "self.norm(self.fc1(x))").replace(
        "self.fc2 =", "self.norm = nn.BatchNorm1d(4)\n        self.fc2 ="
    )
    session = edited(text, (1, SetElement("net.norm.num_batches_tracked", (), 41)))
    assert session.program.namespace["net"].norm.num_batches_tracked.item() == 45
    assert "whole numbers" in hints(edited(text, (1, SetElement("net.norm.num_batches_tracked", (), 0.5))))[0]


LOSS = "import torch\ndef criterion(outputs, labels):\n    torch.rand(3)\n    return (outputs ** 2).mean()\n"


@pytest.mark.parametrize(
    "text",
    [
        SMALL_NET,
        SMALL_NET.replace("criterion", "loss_fn"),
        SMALL_NET.replace("criterion", "my_own_measure"),
        SMALL_NET.replace(
            "criterion =", "def criterion(o, t): return nn.functional.cross_entropy(o, t)\nunused ="
        ),
        SMALL_NET.replace("criterion(net(inputs), targets)", "nets.criterion(net(inputs), targets)").replace(
            "criterion = nn", "class Nets(nn.Module): pass\nnets = Nets()\nnets.criterion = nn"
        ),
    ],
    ids=["criterion", "loss_fn", "by its class", "a function", "inside a module"],
)
def test_another_loss_takes_the_place_of_the_programs(text):
    session = edited(text, (2, SetLoss(LOSS, "loss.py")))
    assert losses(session)[:2] == losses(record(text, ["iteration"] * 2))[:2]
    power = next(node for node in session.iterations[2].nodes if node.name == "pow")
    assert power.source is not None and (power.source.file, power.source.line) == ("loss.py", 4)
    assert not session.problems


def test_a_loss_in_a_function_is_replaced_where_it_is():
    body = SMALL_NET.split("net = Net()")
    text = body[0] + "def main():\n    net = Net()" + body[1].replace("\n", "\n    ") + "\nmain()\n"
    session = edited(text, (2, SetLoss(LOSS, "loss.py")))
    assert any(node.name == "pow" for node in session.iterations[2].nodes)


def test_making_a_loss_draws_no_random_numbers_of_the_program():
    text = BY_HAND.replace("w *", "criterion(w) *").replace(
        "import torch", "import torch\ncriterion = torch.nn.ReLU()"
    )
    text = text.replace("torch.tensor([3.0, 4.0])", "torch.rand(2)")
    same = "import torch\nnoise = torch.rand(99)\nclass R(torch.nn.ReLU): pass\ncriterion = R()\n"
    session = edited(text, (2, SetLoss(same, "loss.py")))
    assert losses(session) == losses(record(text, ["iteration"] * 4))


def test_a_loss_that_learns_is_mentioned():
    learning = (
        "import torch\nclass L(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    )
    learning += "        self.w = torch.nn.Parameter(torch.ones(1))\n    def forward(self, o, y):\n"
    learning += "        return (self.w * o).sum()\n"
    assert "parameters of its own" in hints(edited(SMALL_NET, (2, SetLoss(learning, "loss.py"))))[0]


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        ("def criterion(outputs, labels:\n", "SyntaxError", 1),
        ("import torch\ncriterion = torch.nn.NoSuchLoss()\n", "AttributeError", 2),
        ("import sys\ncriterion = None\nsys.exit(3)\n", "edit", None),
        ("x = 1\n", "edit", None),
    ],
)
def test_a_loss_that_cannot_be_made_is_told_at_its_line_and_the_program_goes_on(text, kind, line):
    session = edited(SMALL_NET, (2, SetLoss(text, "loss.py")))
    (problem,) = session.problems
    assert problem.kind == kind
    assert line is None or (problem.source is not None and problem.source.line == line)
    assert losses(session) == losses(record(SMALL_NET, ["iteration"] * 5))


def test_a_sample_is_changed_in_one_batch_and_the_data_set_stays():
    session = edited(LOADED, (1, SetSample(2, label=8, index=(0,), value=-1.0)))
    seen = session.program.namespace["seen"]
    assert seen[1] == ([3.0, 4.0, -1.0], [0.0, 0.0, 8.0])
    assert seen[0] == seen[2] and seen[3] == ([3.0, 4.0, 5.0], [0.0] * 3)


@pytest.mark.parametrize("batch", ["{'x': x, 'label': y, 'more': x}", "(x, {'y': y})", "Pair(x, y)"])
def test_samples_of_batches_of_any_form_are_changed(batch):
    text = LOADED.replace("batch_size=3", "batch_size=3, collate_fn=lambda rows: pack(*zip(*rows))").replace(
        "loader =",
        "from collections import namedtuple\nPair = namedtuple('Pair', 'x y')\n"
        f"def pack(x, y):\n    x, y = torch.stack(x), torch.stack(y)\n    return {batch}\nloader =",
    )
    text = text.replace("for inputs, labels in loader:", "for got in loader:\n        batches.append(got)")
    text = text.replace("seen = []", "batches = []").replace(
        "seen.append((inputs.flatten().tolist(), labels.flatten().tolist()))", "inputs = labels = x[:3]"
    )
    session = edited(text, (1, SetSample(0, label=8.0)))
    got = session.program.namespace["batches"]
    assert "8." in repr(got[1]) and "8." not in repr(got[3])
    assert type(got[1]) is type(got[0])


@pytest.mark.parametrize(
    ("text", "edit", "words"),
    [
        (SMALL_NET, SetElement("net.fc1.wieght", (0, 0), 1.0), "net.fc1.weight"),
        (SMALL_NET, SetElement("net.fc1.weight", (4, 0), 1.0), "[4, 0]"),
        (SMALL_NET, SetElement("net.fc1.weight", (0,), 1.0), "[4, 3]"),
        (SMALL_NET, SetLearningRate(-1.0), "-1.0"),
        (SMALL_NET, SetLearningRate(float("nan")), "nan"),
        (SMALL_NET, SetLearningRate(1.0, group=1), "group 1"),
        (SMALL_NET, SetLearningRate(1.0, optimizer="opt"), "optimizer"),
        (BY_HAND.replace("lr", "rate"), SetLearningRate(1.0, optimizer="opt"), "opt"),
        (SMALL_NET, SetSample(0, label=1), "no batch"),
        (LOADED, SetSample(3, label=1), "[3, 0]"),
        (BY_HAND, SetLoss(LOSS, "loss.py"), "criterion"),
        (SMALL_NET, SetLoss(SMALL_NET, "net.py"), "not a loss"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else None,
)
def test_what_cannot_be_done_is_told_in_words_and_changes_nothing(text, edit, words):
    session = edited(text, (1, edit))
    (problem,) = [problem for problem in session.problems if problem.severity == "error"]
    assert words in problem.message + problem.hint.format(*problem.hint_arguments)
    assert losses(session) == losses(record(text, ["iteration"] * 10))
