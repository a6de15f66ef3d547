"""What a recorded iteration holds: the program's own names, its events in order, its real numbers."""

import numpy as np
import pytest

from gradviz.session import draft
from gradviz.session.protocol import ProtocolError, Recorded, decode_report, encode
from tests.session.harness import SMALL_NET, described, event_of, node_named, record


@pytest.fixture(scope="module")
def second():
    """The session of a small net, and its second iteration."""
    session = record(SMALL_NET, ["iteration", "iteration"])
    return session, session.iterations[1]


def test_the_graph_has_the_programs_names(second):
    _, iteration = second
    names = {node.qualified_name: node.kind for node in iteration.nodes}
    assert names["net.fc1.weight"] == "parameter"
    assert names["inputs"] == "input" and names["targets"] == "input"
    assert {"net.fc1/addmm", "net/relu", "net.fc2/addmm", "criterion/nll_loss"} <= set(names)
    assert {scope.path: scope.module for scope in iteration.scopes} == {
        "net": "Net",
        "net.fc1": "Linear",
        "net.fc2": "Linear",
        "criterion": "CrossEntropyLoss",
    }
    assert {scope.detail for scope in iteration.scopes} >= {"3 → 4", "4 → 2"}


def test_events_are_the_iteration_in_order(second):
    _, iteration = second
    kinds = [event.kind for event in iteration.events]
    assert kinds == sorted(kinds, key=["forward", "backward", "accumulate", "update"].index) or set(
        kinds
    ) == {
        "forward",
        "backward",
        "accumulate",
        "update",
    }
    words = described(iteration)
    assert words.index("backward criterion/nll_loss") < words.index("backward net.fc2/addmm")
    assert words.index("backward net.fc2/addmm") < words.index("backward net/relu")
    assert [word for word in words if word.startswith("update")] == [
        "update net.fc1.weight",
        "update net.fc1.bias",
        "update net.fc2.weight",
        "update net.fc2.bias",
    ]
    assert sum(word.startswith("accumulate") for word in words) == 4


def test_every_event_names_the_line_that_caused_it(second):
    _, iteration = second
    lines = {f"{e.kind} {iteration.nodes[e.node].qualified_name}": e.source.line for e in iteration.events}
    text = SMALL_NET.splitlines()
    assert "relu" in text[lines["forward net/relu"] - 1]
    assert lines["backward net/relu"] == lines["forward net/relu"]
    assert "optimizer.step()" in text[lines["update net.fc1.weight"] - 1]


def test_keys_stay_the_same_from_iteration_to_iteration(second):
    session, _ = second
    first, again = session.iterations[:2]
    assert [node.key for node in first.nodes] == [node.key for node in again.nodes]
    assert len({node.key for node in first.nodes}) == len(first.nodes)


def test_values_and_gradients_are_the_programs_own(second):
    session, iteration = second
    last = len(iteration.events) - 1
    weight, relu = node_named(iteration, "net.fc2.weight"), node_named(iteration, "net/relu")
    before = session.array(weight, "value", 0)
    after = session.array(weight, "value", last)
    gradient = session.array(weight, "grad", last)
    assert np.allclose(after, before - 0.5 * gradient, atol=1e-7)
    hidden = session.array(relu, "value", last)
    addmm = session.array(node_named(iteration, "net.fc1/addmm"), "value", last)
    assert np.array_equal(hidden, np.maximum(addmm, 0))
    upstream = session.array(node_named(iteration, "net.fc2/addmm"), "grad", last)
    assert np.allclose(session.array(relu, "grad", last), upstream @ before, atol=1e-7)


def test_what_has_not_happened_yet_is_not_there(second):
    session, iteration = second
    relu = node_named(iteration, "net/relu")
    forward, backward = event_of(iteration, "forward", relu), event_of(iteration, "backward", relu)
    assert session.array(relu, "value", forward - 1) is None
    assert session.array(relu, "value", forward) is not None
    assert session.array(relu, "grad", backward - 1) is None
    assert session.array(relu, "grad", backward) is not None


def test_what_an_operation_saved_is_kept_after_backward_released_it(second):
    session, iteration = second
    relu = node_named(iteration, "net/relu")
    assert [saved.name for saved in relu.saved] == ["out"]
    last = len(iteration.events) - 1
    assert np.array_equal(session.array(relu, "saved", last, name="out"), session.array(relu, "value", last))


def test_operations_declare_their_maths(second):
    _, iteration = second
    for node in iteration.nodes:
        if node.kind == "operation":
            assert node.formula and len(node.vjp) == len(node.arguments) > 0


def test_a_value_stays_as_it_was_when_the_program_overwrites_it():
    text = (
        "import torch\nx = torch.tensor([1., 2.], requires_grad=True)\ny = x * 3\nz = y + 1\ny.add_(10)\n"
        "(y.sum() + z.sum()).backward()\n"
    )
    session = record(text)
    iteration = session.iterations[0]
    product = node_named(iteration, "mul")
    assert session.array(product, "value", 0).tolist() == [3.0, 6.0]
    changed = next(node for node in iteration.nodes if node.name.startswith("add") and node.name != "add")
    assert session.array(changed, "value", 99).tolist() == [13.0, 16.0]


def test_an_update_by_hand_is_an_update_and_its_arithmetic_is_not_drawn():
    text = (
        "import torch\nw = torch.ones(2, requires_grad=True)\nb = torch.zeros(2, requires_grad=True)\n"
        "for i in range(3):\n    loss = ((w * 2 + b) ** 2).sum()\n    loss.backward()\n"
        "    with torch.no_grad():\n        w -= 0.1 * w.grad\n        b -= 0.1 * b.grad\n"
        "    w.grad.zero_()\n    b.grad = None\n"
    )
    session = record(text, ["iteration"] * 3)
    assert len(session.iterations) == 3
    for iteration in session.iterations:
        words = described(iteration)
        assert [w for w in words if w.startswith("update")] == ["update w", "update b"]
        assert [n.name for n in iteration.nodes if n.kind == "operation"] == ["mul", "add", "pow", "sum"]


def test_an_update_through_data_is_an_update():
    text = (
        "import torch\nw = torch.ones(2, requires_grad=True)\nfor i in range(2):\n"
        "    (w * 2).sum().backward()\n    w.data -= 0.1 * w.grad.data\n    w.grad = None\n"
    )
    session = record(text, ["iteration"] * 2)
    assert [described(iteration)[-1] for iteration in session.iterations] == ["update w", "update w"]
    w = node_named(session.iterations[1], "w")
    assert np.allclose(session.array(w, "value", 0), 0.8)
    assert np.allclose(session.array(w, "value", 99), 0.6)


def test_gradients_that_pile_up_are_shown_as_they_grow():
    text = "import torch\nw = torch.ones(1, requires_grad=True)\n(w * 2).backward()\n(w * 3).backward()\n"
    session = record(text)
    iteration = session.iterations[0]
    w = node_named(iteration, "w")
    first, second = [i for i, event in enumerate(iteration.events) if event.kind == "accumulate"]
    assert session.array(w, "grad", first).tolist() == [2.0]
    assert session.array(w, "grad", second).tolist() == [5.0]


def test_operations_without_gradient_are_on_the_graph_too():
    text = "import torch\nimages = torch.ones(2, 1, 4, 4)\nx = torch.flatten(images, 1)\n"
    iteration = record(text).iterations[0]
    flatten = node_named(iteration, "flatten") if any(n.name == "flatten" for n in iteration.nodes) else None
    flatten = flatten or next(node for node in iteration.nodes if node.kind == "operation")
    assert not flatten.requires_grad and flatten.grad_fn == "" and flatten.shape == (2, 16)


def test_labels_made_to_vectors_stay_on_the_graph():
    text = (
        "import torch\nimport torch.nn.functional as F\nlabels = torch.tensor([1, 0])\n"
        "target = F.one_hot(labels, 3).float()\n"
    )
    iteration = record(text).iterations[0]
    assert [(n.name, [iteration.nodes[e.node].name for e in n.inputs]) for n in iteration.nodes] == [
        ("labels", []),
        ("one_hot", ["labels"]),
        ("to", ["one_hot"]),
    ]


def test_local_names_are_found_in_functions():
    text = (
        "import torch, torch.nn as nn\ndef main():\n    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())\n"
        "    batch = torch.ones(4, 2)\n    model(batch).sum().backward()\nmain()\n"
    )
    iteration = record(text).iterations[0]
    names = {node.qualified_name for node in iteration.nodes}
    assert {"model.0.weight", "model.0/addmm", "model.1/relu", "batch"} <= names


@pytest.mark.parametrize(
    "bound, size", [("MAX_GRAPH", 6000), ("MAX_TEXT", 500_000)], ids=["graph", "characters"]
)
def test_a_graph_that_is_too_large_is_recorded_in_part_and_said_once(bound, size, monkeypatch):
    monkeypatch.setattr(draft, bound, size)
    text = (
        "import torch\nw = torch.ones(2, requires_grad=True)\nfor i in range(2):\n    x = w\n"
        "    for _ in range(4000):\n        x = x * 1.0001\n    x.sum().backward()\n"
        "    with torch.no_grad():\n        w -= 0.1 * w.grad\n    w.grad = None\n"
    )
    session = record(text, ["iteration", "iteration"])
    for iteration in session.iterations:
        assert 1000 < len(iteration.nodes) < 4000
        kinds = {event.kind for event in iteration.events}
        assert kinds == {"forward", "backward", "accumulate", "update"}, (
            "gradients of what is shown are there"
        )
    (problem,) = session.problems
    assert problem.kind == "size" and problem.source.line == 6


@pytest.mark.parametrize(
    "text",
    [
        "torch.cat([torch.ones(1, requires_grad=True) for _ in range(5000)]).sum().backward()",
        "torch.ones(6000, requires_grad=True).split(1)[0].sum().backward()",
        f"{'v' * 5000} = torch.ones(1, requires_grad=True)\n({'v' * 5000} * 2).backward()",
        f"Net = type('{'N' * 5000}', (nn.ReLU,), {{}})\nnet = Net()\nnet(torch.ones(1, requires_grad=True))",
        "net = nn.ParameterDict({'w/': nn.Parameter(torch.ones(1))})\nprint(net)\n(net['w/'] * 2).backward()",
    ],
    ids=["inputs", "outputs", "variable", "class", "slash"],
)
def test_whatever_a_program_makes_can_be_sent(text):
    session = record(f"import torch, torch.nn as nn\n{text}\n")
    for report in session.reports:
        assert decode_report(encode(report)) is not None


def test_a_closure_is_recorded_although_a_step_runs_it():
    text = (
        "import torch\nclass Descent(torch.optim.Optimizer):\n    def __init__(self, params):\n"
        "        super().__init__(params, {})\n    def step(self, closure):\n        loss = closure()\n"
        "        for p in self.param_groups[0]['params']:\n            p.data -= 0.1 * p.grad\n"
        "        return loss\nw = torch.ones(2, requires_grad=True)\noptimizer = Descent([w])\n"
        "def closure():\n    optimizer.zero_grad()\n    loss = (w * w).sum()\n    loss.backward()\n"
        "    return loss\nfor _ in range(3):\n    optimizer.step(closure)\n"
    )
    session = record(text, ["iteration"] * 3)
    for iteration in session.iterations[:3]:
        assert described(iteration) == [
            "forward mul", "forward sum", "backward sum", "backward mul", "accumulate w", "update w",
        ]  # fmt: skip


def test_views_without_gradient_are_quiet_operations_of_their_parameter():
    text = (
        "import torch, torch.nn as nn\nnet = nn.Linear(2, 3)\nx = torch.ones(4, 2)\n"
        "with torch.no_grad():\n    y = net(x)\n"
    )
    iteration = record(text).iterations[0]
    transposed = node_named(iteration, "net/t")
    assert not transposed.requires_grad and transposed.grad_fn == ""
    assert iteration.nodes[transposed.inputs[0].node].qualified_name == "net.weight"


def test_data_of_a_tensor_goes_by_the_tensors_name():
    text = (
        "import torch\nx = torch.ones(2, requires_grad=True)\nlabels = torch.ones(2)\ny = x * 2\n"
        "z = y.data.clone() + labels.data.abs()\n"
    )
    iteration = record(text).iterations[0]
    assert {node.qualified_name for node in iteration.nodes if node.kind != "operation"} == {"x", "labels"}
    clone = node_named(iteration, "clone")
    assert iteration.nodes[clone.inputs[0].node].qualified_name == "mul"


def test_plain_attributes_of_modules_have_names_and_states_are_inputs():
    text = (
        "import torch, torch.nn as nn\nclass Cell(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.scale = torch.ones(2)\n"
        "        self.state = torch.zeros(2)\n"
        "        self.w = nn.Parameter(torch.ones(2))\n    def forward(self, x):\n"
        "        self.state = torch.tanh(x * self.scale * self.w + self.state)\n        return self.state\n"
        "cell = Cell()\nx = torch.ones(2)\noptimizer = torch.optim.SGD(cell.parameters(), lr=0.1)\n"
        "for _ in range(3):\n    loss = cell(x).sum()\n    optimizer.zero_grad()\n"
        "    loss.backward(retain_graph=True)\n    optimizer.step()\n"
    )
    for iteration in record(text, ["iteration", "iteration"]).iterations[:2]:
        leaves = {node.qualified_name: node.kind for node in iteration.nodes if node.kind != "operation"}
        assert leaves == {"x": "input", "cell.scale": "input", "cell.state": "input", "cell.w": "parameter"}


def test_what_backward_saved_is_no_new_input_of_a_second_backward():
    text = (
        "import torch\nx = torch.ones(2, 3, requires_grad=True)\nw = torch.ones(3, 2, requires_grad=True)\n"
        "y = torch.tanh(x @ w).t() @ x\nones = torch.ones_like(y)\n"
        "(g,) = torch.autograd.grad(y, x, ones, create_graph=True)\n(g * g).sum().backward()\n"
    )
    iteration = record(text).iterations[0]
    leaves = {node.qualified_name for node in iteration.nodes if node.kind != "operation"}
    assert leaves == {"x", "w", "ones"}


def test_what_is_on_a_gpu_is_read_from_there(cuda):
    on_gpu = SMALL_NET.replace("Net()\n", "Net().cuda()\n").replace("8, 3)", "8, 3).cuda()")
    on_gpu = on_gpu.replace("* 4)", "* 4).cuda()")
    session, expected = (record(text, ["iteration", "iteration"]) for text in (on_gpu, SMALL_NET))
    iteration = session.iterations[1]
    assert described(iteration) == described(expected.iterations[1])
    for event, node in [(e, iteration.nodes[e.node]) for e in iteration.events]:
        role = "grad" if event.kind in ("backward", "accumulate") else "value"
        last = len(iteration.events) - 1
        found, wanted = session.array(node, role, last), expected.array(node, role, last)
        assert isinstance(found, np.ndarray)
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)
    assert session.run.names == expected.run.names


def test_every_call_of_a_module_is_told_apart():
    text = SMALL_NET.replace("self.fc2(torch.relu(self.fc1(x)))", "self.fc2(self.fc1(self.fc1(x)))")
    iteration = record(
        text.replace("nn.Linear(3, 4)", "nn.Linear(3, 3)").replace("(4, 2)", "(3, 2)")
    ).iterations[0]
    assert [(call.scope, call.parent) for call in iteration.calls] == [
        ("net", -1),
        ("net.fc1", 0),
        ("net.fc1", 0),
        ("net.fc2", 0),
        ("criterion", -1),
    ]
    calls = {node.key: node.call for node in iteration.nodes if node.scope == "net.fc1"}
    assert calls == {
        "net.fc1/weight": -1,
        "net.fc1/t": 1,
        "net.fc1/bias": -1,
        "net.fc1/addmm": 1,
        "net.fc1/t#2": 2,
        "net.fc1/addmm#2": 2,
    }


def test_every_operation_is_timed_there_and_back(second):
    _, iteration = second
    assert len(iteration.nanoseconds) == len(iteration.events)
    for event, spent in zip(iteration.events, iteration.nanoseconds, strict=True):
        assert (spent > 0) == (event.kind in ("forward", "backward")), event


def test_time_is_no_part_of_what_is_compared():
    """Two runs take different times, and are the same all the same."""
    one, other = (record(SMALL_NET, ["iteration", "iteration"]).iterations[1] for _ in range(2))
    assert one.nanoseconds != other.nanoseconds
    assert (one.began, one.digests) == (other.began, other.digests)


def test_times_belong_to_events():
    iteration = record(SMALL_NET, ["iteration"]).iterations[0]
    iteration.nanoseconds.pop()
    with pytest.raises(ProtocolError, match="times of"):
        decode_report(encode(Recorded(iteration)))
