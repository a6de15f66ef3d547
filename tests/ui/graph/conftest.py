"""A graph view on a screen that nobody sees."""

import pytest

from gradviz.ui.graph import GraphView


@pytest.fixture
def view(qtbot, model) -> GraphView:
    """900 × 600, shown, focused; empty until a test starts a program."""
    view = GraphView(model)
    view.reduce_motion = True
    qtbot.addWidget(view)
    view.resize(900, 600)
    view.show()
    view.setFocus()
    return view


@pytest.fixture
def settle(qtbot, view):
    """Waits until the picture belongs to the model's iteration and every number on it has come."""

    def wait() -> None:
        qtbot.waitUntil(lambda: view.placed)
        view.grab()  # asks for what is seen
        qtbot.wait(0)
        qtbot.waitUntil(lambda: not view._faces._waiting)
        view.grab()

    return wait


@pytest.fixture
def shown(started, view, settle) -> GraphView:
    """The view of SimpleNet's first iteration, at its first event."""
    settle()
    return view
