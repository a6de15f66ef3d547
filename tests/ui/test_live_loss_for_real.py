"""The loss that is being written, with a real worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gradviz.ui.editor import EditorPanel
from gradviz.ui.editor.recovery import RecoveryStore
from gradviz.ui.live_bar import LiveBar
from gradviz.ui.live_loss import LiveLoss
from gradviz.ui.model import SessionModel

PATIENCE = 50_000  # milliseconds
RIGHT = """\
import torch.nn.functional as F

def loss(outputs, labels):
    return F.cross_entropy(outputs, labels)
"""


@pytest.fixture
def model(qapp) -> Iterator[SessionModel]:
    model = SessionModel()
    yield model
    model.close()
    model.deleteLater()


@pytest.fixture
def panel(model: SessionModel, qtbot, tmp_path) -> EditorPanel:
    panel = EditorPanel(model, RecoveryStore(tmp_path / "recovery"))
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    panel.activateWindow()
    panel.focus_text()
    qtbot.waitUntil(panel._current.editor.hasFocus)
    return panel


@pytest.fixture
def live(model: SessionModel, panel: EditorPanel) -> LiveLoss:
    return LiveLoss(model, panel)


@pytest.fixture
def bar(live: LiveLoss, model: SessionModel, panel: EditorPanel) -> LiveBar:
    bar = LiveBar(live, model)
    panel.add_footer(bar)
    return bar


def write(panel: EditorPanel, text: str) -> None:
    """As a person would, all at once."""
    editor = panel._current.editor
    editor.selectAll()
    editor.insertPlainText(text)


def settle(live: LiveLoss, qtbot, state: str) -> None:
    qtbot.waitUntil(lambda: live.state == state and not live._soon.isActive(), timeout=PATIENCE)


def test_a_loss_is_shown_alone_with_its_value_and_gradient(live, bar, panel, model, qtbot):
    write(panel, RIGHT)
    settle(live, qtbot, "right")
    assert {node.name for node in model.nodes} == {"outputs", "labels", "log_softmax", "nll_loss"}
    outputs = next(node for node in model.nodes if node.name == "outputs")
    assert model.has_gradient(outputs)
    assert not model.draft.possible  # nobody has started it as a run
    qtbot.waitUntil(lambda: "∂L/∂outputs" in bar.text(), timeout=PATIENCE)
    first = bar.text()
    write(panel, RIGHT.replace("return ", "return 2 * "))
    qtbot.waitUntil(lambda: bar.text() not in ("", first) and "∂L" in bar.text(), timeout=PATIENCE)
    (_, before), (_, now) = (1, float(first.split()[5])), (1, float(bar.text().split()[5]))
    assert now == pytest.approx(2 * before, rel=1e-3)  # the same batch


def test_errors_are_at_their_line_and_the_last_good_graph_stays(live, bar, panel, model, qtbot):
    write(panel, RIGHT)
    settle(live, qtbot, "right")
    graph = model.iteration
    write(panel, RIGHT.replace("(outputs, labels)\n", "(outputs, lables)\n"))
    settle(live, qtbot, "wrong")
    assert "lables" in panel._current.editor.problems[4][1]
    assert bar.text().startswith("✗ Line 4: name 'lables' is not defined")
    assert "of the text before" in bar.text()
    assert model.iteration is graph
    write(panel, RIGHT.replace("labels):", "labels:"))
    qtbot.waitUntil(lambda: 3 in panel._current.editor.problems, timeout=PATIENCE)
    assert model.iteration is graph
    write(panel, RIGHT)
    settle(live, qtbot, "right")
    assert not panel._current.editor.problems


def test_an_endless_loop_is_told_at_its_line_and_the_next_text_runs(live, bar, panel, qtbot):
    write(panel, RIGHT.replace("    return", "    while True:\n        pass\n    return"))
    settle(live, qtbot, "wrong")
    assert live.problem.source.line in (4, 5)
    assert "longer than" in bar.text()
    write(panel, RIGHT)
    settle(live, qtbot, "right")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("import os; os._exit(3)", "✗ Line 4: The program ended its own process (exit code 3)"),
        ("import sys; sys.exit(2)", "exit code 2"),
        ("sum(range(10**12))", "✗ Line 4: The loss takes longer than 2 s"),
        ("return None", "✗ a loss is one number, a tensor with one element: this one returned NoneType"),
    ],
)
def test_what_ends_or_holds_its_process_is_told(live, bar, panel, qtbot, body, words):
    write(panel, RIGHT.replace("    return", f"    {body}\n    return"))
    settle(live, qtbot, "wrong")
    assert words in bar.text()


def test_a_persons_run_is_not_disturbed(live, bar, panel, model, qtbot):
    model.start(RIGHT, "loss.py")
    qtbot.waitUntil(lambda: model.iteration is not None and not model.shown.awaiting, timeout=PATIENCE)
    shown = model.iteration
    write(panel, RIGHT)
    settle(live, qtbot, "waiting")
    assert model.iteration is shown
    assert "Shift+F5" in bar.text()


def test_what_is_no_loss_is_not_run(live, bar, panel, model, qtbot):
    write(panel, "print('hello')\nx = (")
    qtbot.wait(700)
    write(panel, "print('hello')")
    qtbot.wait(700)
    assert live.state == "idle"
    assert model.workers._rehearsal is None


def test_a_text_from_elsewhere_is_not_run_before_a_person_has_said_so(live, bar, panel, model, qtbot):
    panel.open_text("from_elsewhere.py", RIGHT, foreign=True)
    panel.focus_text()
    write(panel, RIGHT + "\n")
    qtbot.waitUntil(lambda: not live._soon.isActive(), timeout=PATIENCE)
    assert live.state == "idle"
    assert model.workers._rehearsal is None


def test_turned_off_it_says_and_does_nothing(live, bar, panel, model, qtbot):
    live.enable(False)
    write(panel, RIGHT)
    assert not live._soon.isActive()
    live.enable(True)
    settle(live, qtbot, "right")
    live.enable(False)
    assert bar.text() == ""
