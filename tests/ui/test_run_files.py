"""Runs as files in the window: opened without running anything, walked, saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from gradviz.session.protocol import Export, Exported, Start
from gradviz.trace.file import TraceFile, write_iteration
from gradviz.ui.window import MainWindow
from tests.trace.file.recorded import KEPT, PROGRAM, recordings, refs_of, write_run
from tests.ui.fake_client import FakeClient
from tests.ui.test_window import window

__all__ = ["window"]


@pytest.fixture
def opened(qtbot, window: MainWindow, tmp_path: Path) -> MainWindow:
    """The window with a recorded run: nine iterations, of which two are kept."""
    assert window.run_files.open(write_run(tmp_path / "run.gvtrace"))
    model = window.model
    qtbot.waitUntil(lambda: model.iteration is not None and len(model.branches.all) == 2)
    qtbot.waitUntil(lambda: all(branch.iteration is not None for branch in model.branches.all))
    model.branches.show(model.branches.all[0])
    model.branches.compare(None)
    return window


def test_opening_shows_the_run_and_its_program_and_runs_nothing(opened, model):
    assert not FakeClient.instances
    assert opened.editor.current_text() == PROGRAM.text
    assert model.furthest == 8 and model.seed == PROGRAM.seed
    assert opened.status.seed.line.text() == str(PROGRAM.seed)
    assert [item.condition for item in model.breakpoints] == ["grad.norm > 10"]
    assert "from a file" in opened.status._state.text()


def test_what_is_in_the_file_is_walked_and_what_is_not_is_said(qtbot, opened, model):
    model.go_to(KEPT[0], "first")
    qtbot.waitUntil(lambda: model.moment.iteration == KEPT[0])
    model.step_forward("op")
    assert model.moment == (0, 0)
    model.last()
    qtbot.waitUntil(lambda: model.moment.iteration == KEPT[1])
    assert "Step 9 is not in this file" in opened.status._message.text()
    node = model.iteration.nodes[0]
    qtbot.waitUntil(lambda: model.summary(model.ref(node, "value")) is not None)
    model.go_to(3)
    assert not model.shown.awaiting or model.shown.heading in KEPT


def test_f5_runs_the_program_of_the_file_with_its_seed(qtbot, opened, model):
    opened.actions_["run"].trigger()
    start = next(c for c in FakeClient.instances[-1].commands if isinstance(c, Start))
    assert (start.text, start.seed, start.batch_size) == (PROGRAM.text, PROGRAM.seed, PROGRAM.batch_size)
    assert not model.from_file


def test_a_damaged_file_is_refused_and_the_window_stays_as_it_is(window, model, tmp_path):
    model.start("# text", "simplenet.py")
    shown = model.iteration
    path = tmp_path / "bad.gvtrace"
    path.write_bytes(b"PK\x03\x04 not a run")
    assert not window.run_files.open(path)
    assert "bad.gvtrace" in window.status._message.text()
    assert model.iteration is shown and model.started


def test_a_run_that_is_dropped_on_the_window_is_opened(qtbot, window, model, tmp_path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(write_run(tmp_path / "run.gvtrace")))])
    position = QPointF(50, 50)
    drop = QDropEvent(
        position,
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(drop)
    qtbot.waitUntil(lambda: model.from_file and model.iteration is not None)


def test_a_run_is_saved_with_its_program_and_can_be_opened_again(qtbot, window, model, tmp_path):
    model.options["seed"] = 7
    model.start("# text", "simplenet.py")
    model.step_forward("step")
    model.step_forward("step")
    client = FakeClient.instances[-1]
    answer, saved = client.send, tmp_path / "saved.gvtrace"

    def exporting(command, branch=0):  # type: ignore[no-untyped-def]
        if isinstance(command, Export):
            recording = recordings()[0]
            recording.iteration.index = command.iteration
            write_iteration(Path(command.path), recording.iteration, refs_of(recording), recording.find)
            client.report(Exported(command.iteration, command.path))
        else:
            answer(command, branch)

    client.send = exporting
    before = model.moment
    window.run_files.save(saved)
    qtbot.waitUntil(saved.exists)
    assert model.moment == before
    with TraceFile(saved) as file:
        assert file.manifest.program.seed == 7 and file.manifest.program.text == "# text"
        assert file.iterations() == [0, 1]
    assert window.run_files.open(saved)
    qtbot.waitUntil(lambda: model.from_file and model.iteration is not None)


def test_hits_are_looked_for_only_in_what_the_file_says(qtbot, opened, model):
    model.breakpoints.set_enabled(next(iter(model.breakpoints)), True)
    model.go_to(KEPT[0], "first")
    qtbot.waitUntil(lambda: model.moment.iteration == KEPT[0])
    opened.actions_["continue"].trigger()
    qtbot.waitUntil(lambda: tuple(model.moment) == (6, 3))
    opened.actions_["reverse_continue"].trigger()
    assert model.search.direction is None
    assert not opened.actions_["fork"].isEnabled()
