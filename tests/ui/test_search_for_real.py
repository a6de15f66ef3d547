"""Continue and reverse-continue with a real worker and its real checkpoints."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gradviz.ui.model import SessionModel
from gradviz.ui.presets import PRESETS

PATIENCE = 30_000  # milliseconds

# The argument of log falls by 0.1 an iteration and is negative in the 8th: index 7.
PROGRAM = """
import torch

w = torch.tensor([1.0], requires_grad=True)
for i in range(40):
    shifted = w - 0.1 * i - 0.35
    loss = torch.log(shifted).sum()
    loss.backward()
    w.grad = None
    with torch.no_grad():
        w += 0.0
"""
FIRST_NAN = 7

# The same, with an optimizer that makes the weight NaN from then on.
TRAINED_INTO_NAN = """
import torch

w = torch.tensor([1.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=1e-4)
for i in range(40):
    shifted = w - 0.1 * i - 0.35
    loss = torch.log(shifted).pow(2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


@pytest.fixture
def model(qapp) -> Iterator[SessionModel]:
    model = SessionModel()
    yield model
    model.close()
    model.deleteLater()


def started(model: SessionModel, qtbot, *conditions: str) -> None:
    model.breakpoints.use("nan.py")
    for condition in conditions:
        model.breakpoints.add(condition)
    model.start(PROGRAM, "nan.py")
    qtbot.waitUntil(lambda: model.iteration is not None and model.status.state == "holding", timeout=PATIENCE)


def wait_for_search(model: SessionModel, qtbot) -> None:
    qtbot.waitUntil(lambda: model.search.direction is None and not model.shown.awaiting, timeout=PATIENCE)


def described(model: SessionModel) -> str:
    event = model.current_event
    return f"{event.kind} {model.nodes[event.node].name}"


@pytest.mark.parametrize("checkpoints", [True, False], ids=["checkpoints", "run again"])
def test_continue_stops_at_the_nan_and_reverse_continue_comes_back_to_it(qtbot, model, checkpoints):
    model.options["checkpoints"] = checkpoints
    nan = next(preset for preset in PRESETS if preset.id == "nan").condition()
    started(model, qtbot, nan)
    model.continue_()
    wait_for_search(model, qtbot)
    there = model.moment
    assert there.iteration == FIRST_NAN and described(model) == "forward log"
    assert model.selected is not None and model.selected.name == "log"
    assert [hit.moment for hit in model.hits_here] == [there]

    for item in list(model.breakpoints):
        model.breakpoints.set_enabled(item, False)
    model.shown.advance("end")
    qtbot.waitUntil(lambda: model.status.state == "finished", timeout=PATIENCE)
    model.breakpoints.use("other.py")
    model.breakpoints.use("nan.py")  # new ids: nothing is known of their hits
    only_once = f'({nan}) and iteration == {FIRST_NAN + 1} and op == "log" and kind == "forward"'
    model.breakpoints.add(only_once)
    model.reverse_continue()
    wait_for_search(model, qtbot)
    assert model.moment == there and described(model) == "forward log"


def test_a_nan_is_followed_back_through_the_iterations_to_its_origin(qtbot, model):
    model.breakpoints.use("nan.py")
    model.start(TRAINED_INTO_NAN, "nan.py")
    qtbot.waitUntil(lambda: model.status.state == "holding", timeout=PATIENCE)
    model.shown.advance("end")
    qtbot.waitUntil(lambda: model.status.state == "finished", timeout=PATIENCE)
    weight = next(node for node in model.nodes if node.kind == "parameter")
    model.find_origin(weight)
    qtbot.waitUntil(lambda: not model.origins.searching and not model.shown.awaiting, timeout=PATIENCE)
    assert model.origins.outcome == "made"
    assert model.moment.iteration == FIRST_NAN and described(model) == "forward log"
    assert model.origins.stations[0].key == weight.key
    assert {station.iteration for station in model.origins.stations} >= {FIRST_NAN}


def test_back_is_the_way_forth_reversed(qtbot, model):
    started(model, qtbot, 'kind == "update" and iteration > 3 and iteration < 30 and before.min > -2')
    forth, back = [], []
    for _ in range(6):
        model.continue_()
        wait_for_search(model, qtbot)
        forth.append(model.moment)
    model.last()
    qtbot.waitUntil(lambda: not model.shown.awaiting, timeout=PATIENCE)
    for _ in range(6):
        model.reverse_continue()
        wait_for_search(model, qtbot)
        back.append(model.moment)
    assert len(set(forth)) == 6 and forth == sorted(forth)
    assert back[:5] == forth[-2::-1] and back[5] == forth[0]  # the last one has nothing before it


def test_a_condition_that_is_new_is_asked_of_what_has_run(qtbot, model):
    started(model, qtbot)
    model.shown.advance("end")
    qtbot.waitUntil(lambda: model.status.state == "finished", timeout=PATIENCE)
    model.breakpoints.add('op == "log" and kind == "forward" and iteration < 20')
    seen = []
    for _ in range(3):
        model.reverse_continue()
        wait_for_search(model, qtbot)
        seen.append(model.moment.iteration)
    assert seen == [18, 17, 16]
    model.continue_()
    wait_for_search(model, qtbot)
    assert model.moment.iteration == 17
