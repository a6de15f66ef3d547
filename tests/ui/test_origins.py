"""Following a NaN back: what the worker is asked, from iteration to iteration, and what is shown of it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from gradviz.session.protocol import Metrics, Origin, Origins, Problem, Seek
from gradviz.trace import Metric, OriginStep, Run, Source, Trail
from gradviz.ui.editor import ProblemsView
from gradviz.ui.origins import earlier_iterations

WEIGHT = "net.fc1.weight"


@pytest.fixture
def later(started, client):
    """Iteration 5 is shown; the worker answers only seeks."""
    for _ in range(5):
        started.step_forward("step")
        started.step_forward("step")
    started.go_to(5)
    started.shown.seek(10**6)
    client.commands.clear()
    return started


def step(model, key: str, event: int, role: str = "value") -> OriginStep:
    node = model.node(key)
    return OriginStep(event, node.id, role, 0, "NaN", 1, (2,), (0,), "{0} made it", (key,))  # type: ignore[arg-type]


def answer(client, outcome: str, *steps: OriginStep) -> None:
    """Answers the last question."""
    asked = [command for command in client.commands if isinstance(command, Origin)]
    client.report(Origins(asked[-1].request, Trail(outcome, list(steps))))  # type: ignore[arg-type]


def questions(client) -> list[tuple[int, int, str]]:
    """(iteration, node, role) of all questions."""
    asked = [command.array for command in client.commands if isinstance(command, Origin)]
    return [(ref.iteration, ref.node, ref.role) for ref in asked]


def test_what_made_the_nan_is_shown(later, client):
    relu = later.node("net/relu")
    later.find_origin(relu)
    assert questions(client) == [(5, relu.id, "value")] and later.origins.searching
    answer(client, "made", step(later, "net/relu", 4), step(later, "net.fc1/addmm", 2))
    assert [station.name for station in later.origins.stations] == ["net/relu", "net.fc1/addmm"]
    assert later.moment == (5, 2) and not later.origins.searching
    assert later.selected.key == "net.fc1/addmm"


def test_in_the_backward_pass_the_gradient_is_asked_about_first(later, client):
    recording = client.recordings[5]
    later.seek(recording.event_of("net/relu", "backward"))
    relu = later.node("net/relu")
    later.find_origin(relu)
    answer(client, "finite")
    assert questions(client) == [(5, relu.id, "grad"), (5, relu.id, "value")]


def test_what_is_finite_is_said_to_be(qtbot, later, client):
    with qtbot.waitSignal(later.origins.failed) as failed:
        later.find_origin(later.node("net/relu"))
        answer(client, "finite")
        answer(client, "finite")
    assert failed.args == ["net/relu"] and later.origins.outcome is None


def test_a_parameter_leads_into_the_iteration_before(later, client):
    later.find_origin(later.node("net/relu"))
    answer(client, "earlier", step(later, "net/relu", 4), step(later, WEIGHT, -1))
    assert [c.iteration for c in client.commands if isinstance(c, Seek)] == [4]
    assert questions(client)[-1] == (4, later.node(WEIGHT).id, "value")
    answer(client, "made", step(later, WEIGHT, 20), step(later, "net/relu", 12, "grad"))
    assert [station.iteration for station in later.origins.stations] == [5, 5, 4, 4]
    assert later.moment == (4, 12)


def test_the_loss_curve_shows_where_to_look_first():
    run = Run()
    losses = [1.0, 1.0, np.nan, np.inf, np.nan, np.nan]
    run.extend(Metric("loss", list(range(6)), losses))
    assert earlier_iterations(run, 5) == [2, 4]
    assert earlier_iterations(run, 3) == [2]
    assert earlier_iterations(run, 2) == [1]
    assert earlier_iterations(Run(), 7) == [6]


def test_where_the_curve_leads_astray_the_iteration_before_is_asked(later, client):
    client.report(Metrics([Metric("loss", list(range(6)), [1.0, np.nan, np.nan, np.nan, np.nan, np.nan])]))
    later.find_origin(later.node("net/relu"))
    answer(client, "earlier", step(later, WEIGHT, -1))
    assert questions(client)[-1][0] == 1
    answer(client, "finite")
    answer(client, "finite") if questions(client)[-1][0] == 1 else None
    assert questions(client)[-1][0] == 4


def test_going_elsewhere_ends_the_search(later, client):
    client.send = client.keep
    later.find_origin(later.node("net/relu"))
    later.stop()
    assert not later.origins.searching


def test_another_run_forgets_it(later, client):
    later.find_origin(later.node("net/relu"))
    answer(client, "made", step(later, "net/relu", 4))
    later.start("x = 1", "simplenet.py")
    assert not later.origins.stations


# ── under the problems ────────────────────────────────────────────────────────────────────────────────────


def test_the_problem_offers_to_look_for_it_and_its_steps_are_clicked(qtbot, later, client):
    view = ProblemsView(later)
    qtbot.addWidget(view)
    view.resize(320, 400)
    view.show()
    assert not view._ask_origin.isVisible() and not view.origin.isVisible()
    later.problem_found.emit(Problem("warning", "nan", "loss = nan", Source("simplenet.py", 34), iteration=5))
    assert view._ask_origin.isVisible()
    later.find_origin(later.node("net/relu"))
    answer(client, "made", step(later, "net/relu", 4), step(later, "net.fc1/addmm", 2))
    assert view.origin.isVisible()
    rows = view.origin.list
    assert rows.count() == 2 and "net.fc1/addmm made it" in rows.item(1).text()
    assert "iteration 6, op 3" in rows.item(1).text() and rows.currentRow() == 1
    qtbot.mouseClick(
        rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualItemRect(rows.item(0)).center()
    )
    assert later.moment == (5, 4) and later.selected.key == "net/relu"
    qtbot.mouseClick(view.origin._close, Qt.MouseButton.LeftButton)
    assert not view.origin.isVisible()
