"""The plots show the run's curves, as far as there are any."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from gradviz.trace import Metric
from gradviz.ui.plots import PlotsView


@pytest.fixture
def plots(qtbot, started):
    view = PlotsView(started)
    qtbot.addWidget(view)
    view.resize(420, 170)
    with qtbot.waitExposed(view):
        view.show()
    return view


def add(model, name, values, first=0):
    model.run.extend(Metric(name, list(range(first, first + len(values))), list(values)))
    model.run_changed.emit()


def choose(qtbot, plots, place):
    position = plots.tabs.tabRect(place).center()
    qtbot.mouseClick(plots.tabs, Qt.MouseButton.LeftButton, pos=position)


def test_empty_pages_say_what_will_be_there(qtbot, plots):
    assert plots.empty.text() == "The loss appears here while the program trains."
    assert plots.empty.isVisible() and not plots.log.isEnabled()
    choose(qtbot, plots, 1)
    assert "test_loader" in plots.empty.text()


def test_the_loss_appears_with_its_latest_value(qtbot, plots, started):
    add(started, "loss", [2.3, 1.5, 0.41234])
    qtbot.waitUntil(lambda: plots.value.text() == "0.4123")
    assert plots.plot.isVisible() and not plots.empty.isVisible()


def test_steps_are_counted_from_one(qtbot, plots, started):
    add(started, "loss", [2.3, 1.5])
    assert plots.curves()[0].x.tolist() == [1, 2]
    qtbot.waitUntil(lambda: bool(plots.plot._curves))
    assert plots.plot._now_line.value() == 1
    started.step_forward("step")
    started.step_forward("step")
    assert plots.plot._now_line.value() == started.iteration.index + 1 == 2


def test_accuracy_is_in_percent(qtbot, plots, started):
    choose(qtbot, plots, 1)
    add(started, "accuracy", [0.1, 0.8833])
    qtbot.waitUntil(lambda: plots.value.text() == "88.3 %")


def test_gradient_norms_have_a_legend(qtbot, plots, started):
    add(started, "grad_norm/net.fc1.weight", [0.5, 0.25])
    add(started, "grad_norm/net.fc1.bias", [0.1, 0.125])
    choose(qtbot, plots, 2)
    assert [curve.name for curve in plots.curves()] == ["net.fc1.bias", "net.fc1.weight"]
    assert plots.legend.isVisible()
    assert plots.legend.accessibleDescription() == "net.fc1.bias 0.125, net.fc1.weight 0.25"


def test_update_ratios_have_a_page_when_the_run_has_them(qtbot, plots, started):
    assert not plots.tabs.isTabVisible(4)
    add(started, "update_ratio/net.fc1.weight", [1e-3])
    qtbot.waitUntil(lambda: plots.tabs.isTabVisible(4))


def test_a_long_run_is_drawn_with_few_points(qtbot, plots, started):
    add(started, "loss", np.random.default_rng(0).random(100_000))
    qtbot.waitUntil(lambda: plots.plot.drawn_points > 0)
    assert plots.plot.drawn_points <= 4 * plots.plot.width()


def test_redraws_are_throttled(qtbot, plots, started, monkeypatch):
    drawn = []
    monkeypatch.setattr(plots.plot, "show_curves", lambda curves, **_: drawn.append(len(curves[0].x)))
    for value in range(100):
        add(started, "loss", [1.0], first=value)
    assert len(drawn) <= 1
    qtbot.waitUntil(lambda: bool(drawn) and drawn[-1] == 100)
    assert len(drawn) <= 2


def test_a_hidden_plot_draws_when_it_is_shown(qtbot, plots, started):
    plots.hide()
    add(started, "loss", [1.0, 0.5])
    assert plots.plot.drawn_points == 0
    plots.show()
    assert plots.value.text() == "0.5"


def test_a_spike_is_cut_off_and_said(qtbot, plots, started):
    losses = np.linspace(2, 0.5, 300)
    losses[1] = 4000
    add(started, "loss", losses)
    qtbot.waitUntil(lambda: plots.plot.note.isVisible())
    assert plots.plot.note.text() == "▲ up to 4000"
    assert plots.plot.plotItem.getViewBox().viewRange()[1][1] < 10


def test_nan_is_marked(qtbot, plots, started):
    add(started, "loss", [2.0, 1.0, float("nan"), float("inf")])
    qtbot.waitUntil(lambda: plots.value.text() == "inf")
    assert plots.plot._broken.getData()[0].tolist() == [3, 4]


def test_a_logarithmic_scale_leaves_out_what_has_no_logarithm(qtbot, plots, started):
    add(started, "loss", [100.0, 1.0, 0.0, -1.0, 0.01])
    qtbot.waitUntil(lambda: plots.log.isEnabled())
    qtbot.mouseClick(plots.log, Qt.MouseButton.LeftButton)
    low, high = plots.plot.plotItem.getViewBox().viewRange()[1]
    assert low < -2 and 2 < high < 3
    plots.grab()


def test_the_mouse_reads_the_curve(qtbot, plots, started):
    add(started, "loss", np.arange(100, 0, -1.0))
    qtbot.waitUntil(lambda: plots.plot.drawn_points > 0)
    plots.grab()
    center = plots.plot.plotItem.getViewBox().sceneBoundingRect().center()
    qtbot.mouseMove(plots.plot.viewport(), plots.plot.mapFromScene(center))
    qtbot.waitUntil(lambda: plots.plot.readout.isVisible())
    step, value = plots.plot.readout.text().removeprefix("step ").split(": ")
    assert float(value) == 101 - int(step) and 40 < int(step) < 60


def test_a_new_run_clears_the_plot(qtbot, plots, started):
    add(started, "loss", [1.0, 0.5])
    qtbot.waitUntil(lambda: plots.value.text() == "0.5")
    started.start("", "simplenet.py")
    assert plots.value.text() == "" and plots.empty.isVisible()


def test_the_mouse_reads_several_curves_a_line_each(qtbot, plots, started):
    for name in ("weight", "bias"):
        add(started, f"grad_norm/net.fc1.{name}", [0.5, 0.25])
    choose(qtbot, plots, 2)
    plots.grab()
    center = plots.plot.plotItem.getViewBox().sceneBoundingRect().center()
    qtbot.mouseMove(plots.plot.viewport(), plots.plot.mapFromScene(center))
    qtbot.waitUntil(lambda: plots.plot.readout.isVisible())
    lines = plots.plot.readout.text().splitlines()
    assert [line.split()[0] for line in lines] == ["step", "net.fc1.bias", "net.fc1.weight"]
    assert plots.plot.readout.width() >= plots.plot.readout.sizeHint().width()  # nothing is cut off


def test_a_loss_as_far_apart_as_numbers_can_be_is_drawn(qtbot, plots, started):
    add(started, "loss", [1e308, -1e308, 2.5])
    qtbot.waitUntil(lambda: plots.value.text().startswith("2.5"))
    low, high = plots.plot.viewRange()[1]
    assert low < 0 < high < float("inf")


def test_a_click_shows_that_step(qtbot, plots, started):
    add(started, "loss", np.arange(100, 0, -1.0))
    qtbot.waitUntil(lambda: plots.plot.drawn_points > 0)
    plots.grab()
    center = plots.plot.plotItem.getViewBox().sceneBoundingRect().center()
    place = plots.plot.mapFromScene(center)
    qtbot.mouseMove(plots.plot.viewport(), place)
    qtbot.waitUntil(lambda: plots.plot.readout.isVisible())
    step = int(plots.plot.readout.text().removeprefix("step ").split(": ")[0])
    qtbot.mouseClick(plots.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert started.moment.iteration == step - 1
