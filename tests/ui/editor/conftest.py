"""A panel with its own recovery folder, and shortcuts to its current text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gradviz.ui.editor import EditorPanel
from gradviz.ui.editor.code_editor import CodeEditor
from gradviz.ui.editor.recovery import RecoveryStore
from gradviz.ui.model import SessionModel


@pytest.fixture
def make_panel(qtbot, model: SessionModel, tmp_path: Path) -> Callable[[], EditorPanel]:
    """Opens a panel as a window does; all panels of a test share one recovery folder."""

    def make() -> EditorPanel:
        panel = EditorPanel(model, RecoveryStore(tmp_path / "recovery"))
        qtbot.addWidget(panel)
        panel.resize(330, 400)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    return make


@pytest.fixture
def panel(make_panel) -> EditorPanel:
    return make_panel()


@pytest.fixture
def messages(panel: EditorPanel) -> Iterator[list[str]]:
    """What the panel has said for the status line."""
    heard: list[str] = []
    panel.message.connect(heard.append)
    return heard


def editor_of(panel: EditorPanel) -> CodeEditor:
    """The editor on view, as a person finds it."""
    return next(editor for editor in panel.findChildren(CodeEditor) if editor.isVisible())
