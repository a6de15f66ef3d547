"""The outline mirrors the graph, and shares its selection."""

from PySide6.QtCore import Qt

from gradviz.ui.graph import OutlineView


def rows(index_model, parent=None) -> dict:
    parent = parent or index_model.invisibleRootItem()
    return {parent.child(i).text(): rows(index_model, parent.child(i)) for i in range(parent.rowCount())}


def test_it_mirrors_scopes_and_nodes(qtbot, started):
    outline = OutlineView(started)
    qtbot.addWidget(outline)
    tree = rows(outline.model())
    assert list(tree) == ["criterion CrossEntropyLoss", "net SimpleNet", "images", "labels"]
    assert list(tree["net SimpleNet"]["fc1 Linear"]) == ["weight", "t", "bias", "addmm"]


def test_selection_goes_both_ways(qtbot, started):
    outline = OutlineView(started)
    qtbot.addWidget(outline)
    outline.show()
    started.select("net.fc1.bias")
    assert outline.currentIndex().data() == "bias"
    qtbot.keyClick(outline, Qt.Key.Key_Down)
    assert started.selected_key == "net.fc1/addmm"


def test_it_stays_still_while_the_nodes_are_the_same(qtbot, started):
    outline = OutlineView(started)
    qtbot.addWidget(outline)
    outline.collapseAll()
    items = dict(outline._items)
    started.step_forward("step")
    started.step_forward("step")
    assert outline._items == items
    assert not outline.isExpanded(items["net/"].index())
