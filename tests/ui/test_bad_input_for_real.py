"""Programs with what no tutorial has: each is drawn or said, nothing raises, nothing holds the window up."""

import pytest
from PySide6.QtCore import Qt

from gradviz.ui.inspector.panel import PAGES
from gradviz.ui.model import SessionModel
from gradviz.ui.settings import Preferences
from gradviz.ui.window import MainWindow
from tests.ui.watchdog import Watchdog

PATIENCE = 60_000  # milliseconds
LONGEST = 1.0  # seconds that the window may not answer, on a busy machine; a freeze is far longer

LONG = "n" * 10_000
PROGRAMS = {
    "no elements": """
w = torch.zeros(3, 2, requires_grad=True)
x = torch.zeros(0, 3)
y = (x @ w).reshape(0, 2, 1)
loss = y.sum() + torch.zeros(2, 0, 5, requires_grad=True).sum()
loss.backward()
""",
    "no dimensions": """
w = torch.tensor(0.5, requires_grad=True)
for step in range(2):
    loss = (w * 3 - 1) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad = None
""",
    "not finite": """
w = torch.tensor([[1.0, 0.0, -1.0], [float("inf"), float("nan"), 1e38]], requires_grad=True)
y = torch.log(w) + w / 0 + w * 1e38
loss = y.sum()
loss.backward()
""",
    "whole numbers and truths": """
w = torch.ones(4, 5, requires_grad=True)
order = torch.argsort(w, dim=1)
chosen = torch.arange(20, dtype=torch.uint8).reshape(4, 5) > 7
small = torch.tensor([-128, 127], dtype=torch.int8)
large = torch.tensor([2**62, -(2**62)])
loss = w.gather(1, order)[chosen].sum() * (small + large).sum()
loss.backward()
""",
    "names": f"""
import torch.nn as nn
net = nn.Module()
names = ['quo"te', "li\\nne", "back\\\\slash/", "<b>bold</b>", "数", "{LONG}", " ", "%s {{0}} &x"]
for name in names:
    net.add_module(name, nn.Linear(2, 2))
{LONG} = torch.ones(1, 2)
x = {LONG}
for name in names:
    x = getattr(net, name)(x)
x.sum().backward()
""",
    "a thousand parameters": """
import torch.nn as nn
net = nn.ParameterList([nn.Parameter(torch.ones(2)) for _ in range(1000)])
optimizer = torch.optim.Adam(net.parameters())
loss = sum((p * i).sum() for i, p in enumerate(net))
loss.backward()
optimizer.step()
""",
    "2 GB": """
w = torch.ones(1, requires_grad=True)
wide = w.expand(1 << 29)
square = wide.reshape(1 << 14, 1 << 15)
loss = square[3].sum()
loss.backward()
""",
    "many axes": """
w = torch.ones(*([2] * 12), requires_grad=True)
thin = torch.ones(1, 100_000, requires_grad=True)
loss = (w * w).sum() + thin.sum() + torch.ones(100_000, 1, requires_grad=True).sum()
loss.backward()
""",
}


@pytest.fixture
def window(qtbot, qapp):
    window = MainWindow(SessionModel(), Preferences())
    qtbot.addWidget(window)
    window.resize(1366, 768)
    window.show()
    yield window
    window.model.close()


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_is_drawn_or_said(qtbot, window, name):
    model, inspector = window.model, window.inspector
    told = []
    model.problem_found.connect(told.append)
    with Watchdog() as watchdog:
        model.start("import torch\n" + PROGRAMS[name], "program.py")
        qtbot.waitUntil(lambda: model.iteration is not None and model.iteration.complete, timeout=PATIENCE)
        model.last()
        nodes = model.nodes[:12] + model.nodes[-4:]
        for node in nodes:
            model.select(node.key)
            for page in PAGES:
                inspector.choose_page(page)
                qtbot.wait(1)
            look_at(qtbot, inspector, model)
        window.graph.fit()
        window.graph.setFocus()
        for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home):
            qtbot.keyClick(window.graph, key)
        window.grab()
    assert watchdog.longest < LONGEST
    assert not [problem.message for problem in told if problem.kind not in ("nan", "RuntimeWarning")]


def look_at(qtbot, inspector, model):
    """Every way of drawing the value, and why its first number is what it is."""
    inspector.choose_page("value")
    view = inspector.pages["value"].array
    for button in (view.choices.picture, view.choices.mosaic, view.choices.numbers, view.choices.numbers):
        if button.isVisible():
            button.click()
            qtbot.wait(1)
    qtbot.waitUntil(lambda: view._summary is not None or bool(view.heatmap.words), timeout=PATIENCE)
    if view._cells is not None and view._cells.values.size:
        view.heatmap.cell_hovered.emit((0, 0))
        view.heatmap.cell_chosen.emit(0, 0)
        why = inspector.pages["why"]
        qtbot.waitUntil(
            lambda: (
                why._reasons is not None or why._absent.words not in ("", why.tr("Waiting for the numbers…"))
            ),
            timeout=PATIENCE,
        )
    inspector.grab()


def test_complex_numbers_are_said_to_be_missing(qtbot, window):
    told = []
    window.model.problem_found.connect(told.append)
    window.model.start("import torch\nz = torch.tensor([[1 + 2j, complex('nan')]])", "program.py")
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    assert "gradviz does not compute in torch.complex64" in told[0].message and told[0].source.line == 2
