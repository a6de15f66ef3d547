"""Why a recorded number is what it is: the terms add up to it, and each leads on to where it came from."""

import numpy as np
import pytest

from gradviz import engine
from gradviz.session.hints import WHY_LEAF, WHY_SEED
from gradviz.session.program import Settings
from gradviz.session.protocol import Why
from gradviz.session.used import UnexplainedError
from gradviz.session.why import why as explain
from gradviz.trace import ArrayRef
from gradviz.trace.reasons import Place, Reasons
from tests.session.harness import SMALL_NET, Session, node_named, record

DOUBLE = "import torch\ntorch.set_default_dtype(torch.float64)\n"
MANY_OPERATIONS = (
    DOUBLE
    + """
import torch.nn as nn
torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.GELU(), nn.MaxPool2d(2), nn.Flatten(),
                    nn.Linear(27, 6), nn.LayerNorm(6), nn.Dropout(0.3), nn.Linear(6, 4))
images, labels = torch.rand(5, 1, 8, 8), torch.tensor([0, 1, 2, 3, 1])
scores = net(images)
loss = nn.functional.cross_entropy(scores, labels) + 0.1 * (net[5].weight ** 2).sum() + scores.std()
loss.backward()
"""
)


@pytest.fixture(autouse=True)
def default_dtype():
    """The programs run in this process and change it."""
    yield
    engine.set_default_dtype(engine.float32)


def ask(session: Session, name: str, role: str, index: tuple[int, ...], **more) -> Reasons:
    iteration = session.iterations[-1]
    node = node_named(iteration, name)
    ref = ArrayRef(iteration.index, len(iteration.events), node.id, role)  # type: ignore[arg-type]
    return question(session, Why(1, ref, index, **more))


def question(session: Session, why: Why) -> Reasons:
    with session.controller.deaf():
        return explain(session.controller.recording(why.array.iteration), why)


def total(reasons: Reasons) -> float:
    return sum(term.value for term in reasons.terms) + reasons.others + reasons.rest


def recorded(session: Session, place: Place) -> float:
    assert place.ref is not None
    return float(session.controller.find(place.ref)[place.index])


def places(reasons: Reasons) -> list[Place]:
    found = [place for term in reasons.terms for place in (*term.factors, *term.context)]
    return [place for place in found if place.ref is not None and place.path is None]


@pytest.mark.parametrize("text", [DOUBLE + SMALL_NET, MANY_OPERATIONS], ids=["small net", "many operations"])
def test_every_value_and_gradient_is_the_sum_of_its_terms_and_these_are_the_recorded_numbers(text):
    session = record(text)
    iteration = session.iterations[-1]
    random, asked = np.random.default_rng(0), 0
    for node in iteration.nodes:
        for role in ("value", "grad"):
            ref = ArrayRef(iteration.index, len(iteration.events), node.id, role)
            array = session.controller.find(ref)
            if array is None or (role == "value" and node.kind != "operation"):
                continue
            index = tuple(int(random.integers(n)) for n in array.shape)
            try:
                why = question(session, Why(1, ref, index))
            except UnexplainedError as no:
                assert str(no) == WHY_SEED
                continue
            assert why.value == pytest.approx(float(array[index]), rel=1e-12, abs=1e-300)
            assert why.error < 1e-10, (node.key, role, why)
            if why.outer == "S":
                assert total(why) == pytest.approx(why.value, rel=1e-9, abs=1e-12), (node.key, role)
            for place in places(why):
                assert recorded(session, place) == pytest.approx(place.value, rel=1e-12), (node.key, place)
            asked += 1
    assert asked > 15


def test_a_neuron_of_simple_net_is_784_products_that_lie_over_the_image():
    program = """
import torch, torch.nn as nn
net = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
for images, labels in train_loader:
    loss = nn.functional.cross_entropy(net(images.view(-1, 784)), labels)
    loss.backward()
    break
"""
    session = record(program, settings=Settings())
    why = ask(session, "net.0/addmm", "value", (3, 7), terms=5)
    assert why.count == 785 and len(why.terms) == 5
    assert total(why) == pytest.approx(why.value, rel=1e-5)
    over_image = next(spread for spread in why.spreads if spread.shape == (64, 784))
    assert np.array_equal(over_image.elements, 3 * 784 + np.arange(784)[over_image.elements % 784])
    weight = ask(session, "net.0.weight", "grad", (7, 400), terms=100)
    g = next(spread for spread in weight.spreads if spread.name == "g")
    by_sample = g.by_first_axis()
    assert by_sample.shape == (64,) and by_sample.sum() == pytest.approx(weight.value, rel=1e-4)


def test_a_tensor_that_is_used_twice_gets_a_term_a_use_and_each_can_be_asked_for():
    session = record(
        DOUBLE
        + "w = torch.tensor([2.0, 3.0], requires_grad=True)\n((w * w.exp()).sum() + (5 * w).sum()).backward()"
    )
    why = ask(session, "w", "grad", (1,))
    assert why.value == pytest.approx(4 * np.exp(3) + 5)
    assert sorted(term.value for term in why.terms) == pytest.approx([5, np.exp(3), 3 * np.exp(3)])
    for term in why.terms:
        (place,) = term.factors
        part = ask(session, "w", "grad", (1,), path=place.path)
        assert part.value == pytest.approx(term.value)


def test_a_gradient_that_was_not_zeroed_names_what_was_there_before():
    session = record(
        DOUBLE
        + """
w = torch.tensor([2.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for step in range(2):
    (3 * w).sum().backward()
    optimizer.step()
""",
        ["iteration", "iteration"],
    )
    why = ask(session, "w", "grad", (0,))
    assert (why.value, why.rest) == (pytest.approx(6), pytest.approx(3))


def test_an_updated_weight_is_the_old_one_and_the_change():
    session = record(DOUBLE + SMALL_NET)
    why = ask(session, "net.fc1.weight", "value", (1, 2))
    old, change = why.terms
    assert recorded(session, old.factors[0]) == old.value
    (gradient,) = change.factors
    assert change.value == pytest.approx(-0.5 * gradient.value)


def test_what_cannot_be_explained_says_why():
    session = record(DOUBLE + SMALL_NET)
    with pytest.raises(UnexplainedError, match=WHY_LEAF):
        ask(session, "inputs", "value", (0, 0))
    with pytest.raises(UnexplainedError, match="no element"):
        ask(session, "net.fc1/addmm", "value", (8, 0))


def test_asking_does_not_change_what_is_recorded():
    session = record(SMALL_NET, ["iteration"])
    before = len(session.iterations[-1].events)
    ask(session, "net.fc1/addmm", "value", (0, 0))
    assert len(session.iterations[-1].events) == before


@pytest.mark.parametrize(
    ("optimizer", "names"),
    [
        ("SGD(net.parameters(), lr=0.5)", {"old", "grad"}),
        ("SGD(net.parameters(), lr=0.5, momentum=0.9, weight_decay=0.1)", {"old", "grad", "momentum_buffer"}),
        ("Adam(net.parameters())", {"old", "grad", "exp_avg"}),
        ("Adafactor(net.parameters())", {"old", "grad"}),
    ],
)
def test_an_update_is_explained_by_the_optimizers_own_terms(optimizer, names):
    text = DOUBLE + SMALL_NET.replace("SGD(net.parameters(), lr=0.5)", optimizer)
    session = record(text, ["iteration"] * 5)
    why = ask(session, "net.fc1.weight", "value", (2, 1))
    assert total(why) == pytest.approx(why.value, rel=1e-10)
    assert {place.name for term in why.terms for place in term.factors} == names
    (gradient,) = [place for term in why.terms for place in term.factors if place.name == "grad"]
    assert recorded(session, gradient) == gradient.value
    assert question(session, Why(1, gradient.ref, gradient.index)).terms
    assert why.equation.endswith(f"= {why.value:.4g}") and why.formula.startswith(r"\mathrm{old}")


def test_a_clipped_gradient_is_said_to_be_another_one_than_what_backward_gave():
    text = DOUBLE + SMALL_NET.replace(
        "    optimizer.step()", "    nn.utils.clip_grad_norm_(net.parameters(), 1e-3)\n    optimizer.step()"
    )
    why = ask(record(text, ["iteration"] * 5), "net.fc2.bias", "value", (1,))
    assert total(why) == pytest.approx(why.value, rel=1e-10)
    (clipped,) = [p for t in why.terms for p in t.factors if p.name.startswith("grad")]
    assert clipped.ref is None and clipped.name != "grad"


def test_the_gradients_of_a_closure_are_those_that_the_step_takes():
    text = DOUBLE + SMALL_NET.replace(
        "    loss = criterion(net(inputs), targets)\n    optimizer.zero_grad()\n    loss.backward()\n"
        "    optimizer.step()",
        "    def closure():\n        optimizer.zero_grad()\n        loss = criterion(net(inputs), targets)\n"
        "        loss.backward()\n        return loss\n    optimizer.step(closure)",
    )
    why = ask(record(text, ["iteration"] * 5), "net.fc1.weight", "value", (2, 1))
    assert total(why) == pytest.approx(why.value, rel=1e-10)
    assert {place.name for term in why.terms for place in term.factors} == {"old", "grad"}


BY_HAND = {
    "in place": "p -= 0.5 * p.grad",
    "decay": "p.sub_(0.5 * (p.grad + 0.1 * p))",
    "data": "p.data.add_(p.grad, alpha=-0.5)",
    "momentum": "buffer = buffers[i]; buffer.mul_(0.9).add_(p.grad); p.sub_(buffer, alpha=0.5)",
    "root": "square = squares[i]; square.mul_(0.9).addcmul_(p.grad, p.grad, value=0.1);"
    " p.addcdiv_(p.grad, square.sqrt().add_(1e-8), value=-0.1)",
    "sign": "p.sub_(0.1 * torch.sign(p.grad))",
}
LOOP = """
        for i, p in enumerate(self.param_groups[0]["params"]):
            {0}
"""
MINE = """
class Mine(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {{}})

    @torch.no_grad()
    def step(self):
{0}

optimizer = Mine(net.parameters())
buffers = [torch.ones_like(p) for p in net.parameters()]
squares = [torch.ones_like(p) for p in net.parameters()]
for epoch"""


@pytest.mark.parametrize("update", BY_HAND.values(), ids=BY_HAND)
@pytest.mark.parametrize("mine", [False, True], ids=["by hand", "own optimizer"])
def test_an_update_of_the_programs_own_is_led_back_to_the_gradient(update, mine):
    loop = LOOP.format(update)
    if mine:
        text = SMALL_NET.replace("for epoch", MINE.format(loop), 1)
    else:
        loop = loop.replace('self.param_groups[0]["params"]', "net.parameters()").replace(
            "        for", "    for"
        )
        loop = loop.replace("            ", "            ", 1)
        text = SMALL_NET.replace("    optimizer.step()", "    with torch.no_grad():\n    " + loop.strip("\n"))
        text = text.replace("for epoch", "\n".join(MINE.split("\n")[-3:]).format(), 1)
    session = record(DOUBLE + text, ["iteration"] * 3)
    why = ask(session, "net.fc2.bias", "value", (1,))
    assert total(why) == pytest.approx(why.value, rel=1e-10)
    names = {place.name for term in why.terms for place in term.factors}
    assert "old" in names and ("grad" in names or "sign" in update)
    for term in why.terms:
        for place in term.factors:
            assert place.ref is None or recorded(session, place) == place.value
    if "buffer" in update:
        assert any(name.startswith("buffer") for name in names)
