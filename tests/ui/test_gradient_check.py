"""The Gradient check tab: every operation of the iteration on view beside finite differences."""

from __future__ import annotations

import pytest

from gradviz.session.protocol import Check, Checked, Problem, Status
from gradviz.trace import Source
from gradviz.trace.checks import Difference, GradientCheck
from gradviz.ui.check_view import GradientCheckView
from gradviz.ui.gradient_check import QUIETLY
from gradviz.ui.model import SessionModel
from tests.ui.fake_client import FakeClient

RIGHT = GradientCheck("a", "right", 48, error=3e-9)
WRONG = GradientCheck("x", "wrong", 48, worst=(Difference((0, 3), 0.25, -0.25),))


@pytest.fixture
def view(qtbot, started: SessionModel) -> GradientCheckView:
    view = GradientCheckView(started)
    qtbot.addWidget(view)
    return view


def asked(client: FakeClient) -> list[Check]:
    return [command for command in client.commands if isinstance(command, Check)]


def answer(client: FakeClient, verdicts: dict[str, GradientCheck]) -> None:
    """Answers what is asked, question by question, as long as something is."""
    for number in range(200):
        questions = asked(client)
        if number == len(questions):
            return
        check = questions[number]
        name = client.recordings[-1].iteration.nodes[check.node].name
        client.report(Checked(check.iteration, check.node, [verdicts.get(name, RIGHT)]))


def rows(view: GradientCheckView) -> list[str]:
    return [view.list.item(row).text() for row in range(view.list.count())]


def test_a_small_program_is_checked_quietly_and_once(started, client, view) -> None:
    answer(client, {})
    assert 0 < len(asked(client)) == view.list.count() <= QUIETLY
    assert all(row.startswith("✓ ") for row in rows(view))
    assert view.summary.text() == "gradients match finite differences (float64, max rel. err 3e-09)"
    client.report(Status("holding"))
    assert len(asked(client)) == view.list.count()


def test_one_question_is_asked_at_a_time_the_one_nearest_to_the_loss_first(started, client, view) -> None:
    (first,) = asked(client)
    nodes = client.recordings[-1].iteration.nodes
    assert first.node == max(node.id for node in nodes if node.kind == "operation" and node.requires_grad)
    assert view.summary.text().startswith("Checking gradients: 0 of ")


def test_what_is_wrong_stands_first_with_expected_and_found(started, client, view) -> None:
    answer(client, {"relu": WRONG})
    assert rows(view)[0].startswith("✗ ") and "relu" in rows(view)[0]
    assert "expected 0.25, found" in rows(view)[0] and not any(row.startswith("✗") for row in rows(view)[1:])
    assert "relu is wrong" in view.summary.text()


def test_a_click_leads_to_the_node_and_to_the_line_of_its_backward(qtbot, started, client, view) -> None:
    answer(client, {"relu": WRONG})
    node = next(node for node in started.nodes if node.name == "relu")
    place = Source("mine.py", 14)
    client.report(Problem("warning", "gradient", "", place, words="wrong", nodes=(node.key,)))
    with qtbot.waitSignal(view.source_activated) as shown:
        view.list.itemActivated.emit(view.list.item(0))
    assert shown.args == [place] and started.selected_key == node.key


def test_a_new_check_takes_the_place_of_the_one_before(started, client, view) -> None:
    before = asked(client)
    started.check_gradients()
    assert len(asked(client)) == len(before) + 1
    client.report(Checked(before[0].iteration, before[0].node, [RIGHT]))
    assert len(asked(client)) == len(before) + 2


def test_the_next_run_begins_with_nothing(started, client, view) -> None:
    answer(client, {"relu": WRONG})
    started.restarted.emit()
    assert view.list.count() == 0 and "finite differences" in view.summary.text()


def test_without_a_program_nothing_can_be_checked(started, view) -> None:
    assert view.button.isEnabled()
    started.stop()
    assert not view.button.isEnabled()
