"""Curves of all branches in one plot."""

import pytest
from PySide6.QtCore import Qt

from gradviz.trace import Metric
from gradviz.trace.branches import SetLearningRate
from gradviz.ui.branch_look import look_of
from gradviz.ui.plots import PlotsView


@pytest.fixture
def forked(started):
    """A run with three points of loss, and a branch from its third on."""
    started.step_forward("step")
    started.step_forward("step")
    started.step_forward("op")
    extend(started, 0, "loss", 0, [2.3, 2.0, 1.75])
    started.draft.change(SetLearningRate(0.5))
    started.draft.fork()
    extend(started, 1, "loss", 0, [2.3, 2.0, 1.5, 1.0])  # as from a worker that ran from the beginning
    return started


@pytest.fixture
def plots(qtbot, forked):
    view = PlotsView(forked)
    qtbot.addWidget(view)
    view.resize(460, 190)
    with qtbot.waitExposed(view):
        view.show()
    return view


def extend(model, place, name, first, values):
    branch = model.branches.all[place]
    branch.run.extend(Metric(name, list(range(first, first + len(values))), values))
    branch.run_changed.emit()


def test_a_branchs_curve_begins_at_its_fork(plots):
    main, branch = plots.curves()
    assert main.x.tolist() == [1, 2, 3] and main.y.tolist() == [2.3, 2.0, 1.75]
    assert branch.x.tolist() == [3, 4] and branch.y.tolist() == [1.5, 1.0]


def test_the_shown_branch_stands_out(plots, forked):
    assert [curve.strong for curve in plots.curves()] == [False, True]
    assert plots.value.text() == "1"
    forked.branches.show(forked.branches.all[0])
    assert [curve.strong for curve in plots.curves()] == [True, False]
    assert plots.value.text() == "1.75"


def test_the_legend_names_the_branches(qtbot, plots, forked):
    assert plots.legend.isVisible()
    assert plots.legend.accessibleDescription() == "A main 1.75, B lr 0.5 1"
    forked.branches.rename(forked.branches.all[1], "fast")
    assert "B fast 1" in plots.legend.accessibleDescription()


def test_no_two_of_many_branches_look_alike():
    looks = {(look.role, look.dashes) for look in map(look_of, range(35))}
    assert len(looks) == 35
    assert [look_of(number).letter for number in (0, 1, 25, 26)] == ["A", "B", "Z", "A1"]


def test_parameters_are_compared_in_the_same_colour_with_other_dashes(qtbot, plots, forked):
    for place in (0, 1):
        extend(forked, place, "grad_norm/net.fc1.bias", 2, [0.5, 0.25])
        extend(forked, place, "grad_norm/net.fc1.weight", 2, [0.5, 0.25])
    position = plots.tabs.tabRect(2).center()
    qtbot.mouseClick(plots.tabs, Qt.MouseButton.LeftButton, pos=position)
    curves = {curve.name: curve for curve in plots.curves()}
    assert list(curves) == ["B net.fc1.bias", "B net.fc1.weight", "A net.fc1.bias", "A net.fc1.weight"]
    for name in ("net.fc1.bias", "net.fc1.weight"):
        assert curves[f"A {name}"].role == curves[f"B {name}"].role
        assert curves[f"A {name}"].dashes != curves[f"B {name}"].dashes
    forked.branches.compare(None)
    assert [curve.name for curve in plots.curves()] == ["net.fc1.bias", "net.fc1.weight"]


def test_a_dropped_branchs_curve_goes_with_it(plots, forked):
    forked.drop_branch(forked.branches.all[1])
    assert [curve.name for curve in plots.curves()] == ["A main"]
    assert not plots.legend.isVisible()
