"""The outline mirrors the graph, and shares its selection."""

from PySide6.QtCore import QPersistentModelIndex, Qt

from gradviz.session.protocol import Recorded
from gradviz.ui.graph import OutlineView
from tests.ui.graph.samples import chain


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
    net = QPersistentModelIndex(outline.model().index(1, 0))
    started.step_forward("step")
    started.step_forward("step")
    assert net.isValid() and net.data() == "net SimpleNet"
    assert not outline.isExpanded(net)


def test_of_a_large_graph_only_what_is_opened_is_filled_in(qtbot, model):
    large = chain(5000, scopes=50).iteration
    model.start("", "large.py")
    model.shown.receive(Recorded(large))
    outline = OutlineView(model)
    qtbot.addWidget(outline)
    outline.show()
    assert len(outline._tree._items) < 300
    model.select(large.nodes[-1].key)
    assert outline.currentIndex().data() == "op4999"
    branch = outline.model().index(0, 0, outline.model().index(0, 0))
    outline.expand(branch)
    qtbot.waitUntil(lambda: outline.model().rowCount(branch) > 0)
    assert outline.model().index(0, 0, branch).data() is not None


def test_a_branch_that_is_not_filled_in_yet_can_be_opened(qtbot, model):
    model.start("", "large.py")
    model.shown.receive(Recorded(chain(5000, scopes=50).iteration))
    outline = OutlineView(model)
    qtbot.addWidget(outline)
    tree = outline._tree
    branch = tree.index(0, 0, tree.index(0, 0))
    while tree.rowCount(branch):
        branch = tree.index(0, 0, branch)
    assert tree.hasChildren(branch) and tree.canFetchMore(branch)
    tree.fetchMore(branch)
    assert tree.rowCount(branch) and not tree.canFetchMore(branch)


def test_letters_stay_the_windows_shortcuts(qtbot, started):
    outline = OutlineView(started)
    qtbot.addWidget(outline)
    outline.show()
    started.select("net.fc1.bias")
    assert not outline.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
